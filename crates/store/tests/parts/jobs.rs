//! Imports and forwarding jobs, and what the runs behind them are found by.

use futures_util::FutureExt as _;
use model::change::Change;
use model::domain::{Domain, DomainName, DomainStatus, Source};
use model::forwarding::{Forwarding, ForwardingEntry, ForwardingReason, ForwardingState, ForwardingStatus};
use model::id::{DomainId, Id, ImportId, RunId};
use model::import::{Import, ImportReason, ImportRow, ImportRowStatus, ImportStatus, Tally};
use model::run::{Memory, Run, RunKind, RunState};
use model::world::Scope;
use store::{Failure, domains, forwardings, imports, runs};

use crate::support::bench::{Bench, NOW};

on_both! {
    jobs_come_back_as_they_were_written
    a_set_of_names_has_one_newest_job
    the_newest_job_that_holds_all_names_is_found
    a_jobs_rows_are_counted
    the_row_of_a_domain_is_found
    the_open_runs_of_a_domain_come_in_their_order
    domains_are_locked_by_their_scope
}

fn job(bench: &Bench, set: &str) -> Import {
    Import {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        fingerprint: set.into(),
        newest: true,
        replace_live_mail: true,
        status: ImportStatus::ActionRequired,
        domain_count: 3,
        completed_count: 2,
        failed_count: 1,
        last_event: Some(bench.ids.next()),
        created_at: NOW,
        completed_at: None,
        version: 1,
    }
}

fn row(job: &Import, position: i64, name: &str) -> ImportRow {
    ImportRow {
        import: job.id.clone(),
        position,
        partner: job.partner.clone(),
        world: job.world.clone(),
        name: name.into(),
        domain: None,
        status: ImportRowStatus::WaitingForNameservers,
        reason: None,
        nameservers: vec![],
        asking: false,
        version: 1,
    }
}

/// A job with a row for each name.
async fn kept(bench: &Bench, set: &str, names: &[&str]) -> (Import, Vec<ImportRow>) {
    let job = job(bench, set);
    let rows: Vec<_> = (0..).zip(names).map(|(position, name)| row(&job, position, name)).collect();
    let mut change = Change::default();
    change.imports.insert.push(job.clone());
    change.import_rows.insert.clone_from(&rows);
    bench.write(change).await.unwrap();
    (job, rows)
}

fn domain(bench: &Bench, scope: &Scope, name: &str) -> Domain {
    let domain = Domain::new(bench.ids.next(), scope, DomainName::stored(name), Source::Imported, NOW);
    Domain { status: DomainStatus::Configuring, ..domain }
}

async fn jobs_come_back_as_they_were_written(bench: Bench) {
    let (mut import, mut rows) = kept(&bench, "set", &["a.com", "b.com"]).await;
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(imports::in_full(&mut db, import.clone()).await.unwrap(), (import.clone(), rows.clone()));
    import.completed_at = Some(NOW);
    import.newest = false;
    rows[1].status = ImportRowStatus::Failed;
    rows[1].reason = Some(ImportReason::LiveMail);
    rows[0].nameservers = vec!["ns1.x".into()];
    rows[0].asking = true;
    let mut change = Change::default();
    change.imports.update.push(import.clone());
    change.import_rows.update.clone_from(&rows);
    bench.write(change).await.unwrap();
    import.version += 1;
    rows.iter_mut().for_each(|row| row.version += 1);
    let read = imports::get(&mut db, &bench.scope(), &import.id).await.unwrap().unwrap();
    assert_eq!(imports::in_full(&mut db, read).await.unwrap(), (import, rows));

    let job = Forwarding {
        id: bench.ids.next(),
        partner: bench.partner.id.clone(),
        world: bench.scope().world,
        url: "https://acme.com".into(),
        status: ForwardingStatus::PartialSuccess,
        entries: vec![ForwardingEntry {
            name: "a.com".into(),
            domain: Some(DomainId::opaque("dom_1")),
            state: ForwardingState::Failed,
            reason: Some(ForwardingReason::InvalidTarget),
        }],
        created_at: NOW,
        completed_at: Some(NOW),
        version: 1,
    };
    let mut change = Change::default();
    change.forwardings.insert.push(job.clone());
    bench.write(change).await.unwrap();
    assert_eq!(forwardings::get(&mut db, &bench.scope(), &job.id).await.unwrap(), Some(job));
}

async fn a_set_of_names_has_one_newest_job(bench: Bench) {
    let (first, _) = kept(&bench, "set", &["a.com"]).await;
    let second = job(&bench, "set");
    let mut change = Change::default();
    change.imports.insert.push(second.clone());
    let twice = bench.write(change.clone()).await;
    assert!(matches!(twice, Err(Failure::Broken(store::StoreError::Contention))), "{twice:?}");
    change.imports.update.push(Import { newest: false, ..first.clone() });
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let newest = imports::newest_of_set(&mut db, &bench.scope(), "set").await.unwrap();
    assert_eq!(newest, Some(second));
    assert_eq!(imports::newest_of_set(&mut db, &bench.scope(), "other").await.unwrap(), None);
    let other = Scope { partner: Id::opaque("org_other"), ..bench.scope() };
    assert_eq!(imports::newest_of_set(&mut db, &other, "set").await.unwrap(), None);
}

async fn the_newest_job_that_holds_all_names_is_found(bench: Bench) {
    let (first, _) = kept(&bench, "abc", &["a.com", "b.com", "c.com"]).await;
    let (second, _) = kept(&bench, "bc", &["b.com", "c.com"]).await;
    let (third, _) = kept(&bench, "c", &["c.com"]).await;
    let mut db = bench.store.read().await.unwrap();
    for (names, expected) in [
        (&["c.com"][..], Some(&third.id)),
        (&["c.com", "b.com"], Some(&second.id)),
        (&["b.com"], Some(&second.id)),
        (&["c.com", "a.com"], Some(&first.id)),
        (&["a.com", "b.com", "c.com"], Some(&first.id)),
        (&["a.com", "d.com"], None::<&ImportId>),
        (&["d.com"], None),
    ] {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let found = imports::newest_with(&mut db, &bench.scope(), &names).await.unwrap();
        assert_eq!(found.as_ref().map(|import| &import.id), expected, "{names:?}");
    }
    let other = Scope { partner: Id::opaque("org_other"), ..bench.scope() };
    assert_eq!(imports::newest_with(&mut db, &other, &["c.com".into()]).await.unwrap(), None);
}

async fn a_jobs_rows_are_counted(bench: Bench) {
    let (job, mut rows) = kept(&bench, "set", &["a.com", "b.com", "c.com", "d.com", "e.com"]).await;
    kept(&bench, "other", &["z.com"]).await;
    rows[1].asking = true;
    rows[2].status = ImportRowStatus::Connected;
    rows[3].status = ImportRowStatus::Failed;
    let mut change = Change::default();
    change.import_rows.update = rows[1..4].to_vec();
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    // What has ended is counted in the job already; of what is asked about, two stand for any more.
    let counted = Import { domain_count: 5, completed_count: 1, failed_count: 1, ..job };
    let tally = imports::tally(&mut db, &counted).await.unwrap();
    assert_eq!(tally, Tally { waiting: 2, asking: 1, connected: 1, failed: 1 });
    rows[0].asking = true;
    rows[4].asking = true;
    let mut change = Change::default();
    change.import_rows.update = vec![rows[0].clone(), rows[4].clone()];
    bench.write(change).await.unwrap();
    assert_eq!(imports::tally(&mut db, &counted).await.unwrap().asking, 2);
}

async fn the_row_of_a_domain_is_found(bench: Bench) {
    let job = job(&bench, "set");
    let row = ImportRow { domain: Some(DomainId::opaque("dom_1")), ..row(&job, 0, "a.com") };
    let mut change = Change::default();
    change.import_rows.insert.push(row.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(imports::row_of(&mut db, &DomainId::opaque("dom_1")).await.unwrap(), Some(row));
    assert_eq!(imports::row_of(&mut db, &DomainId::opaque("dom_2")).await.unwrap(), None);
}

async fn the_open_runs_of_a_domain_come_in_their_order(bench: Bench) {
    let domain = domain(&bench, &bench.scope(), "a.com");
    let now = model::clock::Now { server: NOW, offset: 0 };
    let run = |id: &str, kind, state: RunState| Run {
        state,
        finished_at: matches!(state, RunState::Done | RunState::Failed).then_some(NOW),
        memory: Memory { target: Some("https://acme.com".into()), replace_live_mail: true, ..Memory::default() },
        ..Run::new(RunId::opaque(id), kind, &domain, now).part_of(&ImportId::opaque("imp_1"))
    };
    let wanted = [run("run_1", RunKind::Forward, RunState::Asking), run("run_4", RunKind::Forward, RunState::Open)];
    let mut change = Change::default();
    change.runs.insert.extend(wanted.iter().rev().cloned());
    change.runs.insert.push(run("run_2", RunKind::Import, RunState::Open));
    change.runs.insert.push(run("run_3", RunKind::Forward, RunState::Done));
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(runs::open_of_domain(&mut db, &domain.id, RunKind::Forward).await.unwrap(), wanted);
}

async fn domains_are_locked_by_their_scope(bench: Bench) {
    let scope = bench.scope();
    let other = Scope { partner: Id::opaque("org_other"), ..scope.clone() };
    let (first, second) = (domain(&bench, &scope, "a.com"), domain(&bench, &scope, "b.com"));
    let foreign = domain(&bench, &other, "c.com");
    let mut change = Change::default();
    change.domains.insert.extend([first.clone(), second.clone(), foreign.clone()]);
    bench.write(change).await.unwrap();
    let ids: Vec<_> =
        [&second, &foreign, &first].iter().map(|one| one.id.to_string()).chain(["dom_nothing".into()]).collect();
    let read = bench.store.write(move |tx| {
        let (scope, ids) = (scope.clone(), ids.clone());
        async move { Ok((domains::lock(tx, &scope, &ids).await?, domains::lock(tx, &scope, &[]).await?)) }.boxed()
    });
    assert_eq!(read.await.unwrap(), (vec![first, second], vec![]));
}

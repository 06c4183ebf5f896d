//! Nothing that the store can be asked escapes the look at its plan (see `support/heard.rs`): every function of it is
//! called by some test here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::DAY;
use model::domain::{DomainName, DomainRef};
use model::id::{Id, TaskId};
use model::order::{Placing, Size, UserRef, Wanted};
use model::spend::Month;
use model::task::Lane;
use model::world::Environment;
use store::events::Search;
use store::{
    Halt, Tx, actions, bundles, deliveries, domains, endpoints, events, forwardings, idempotency, imports, inboxes,
    keys, ledger, operator, orders, partners, runs, spend, swaps, tasks, timelines, turn, users,
};

use crate::support::bench::{Bench, NOW};

on_both! {
    what_no_other_case_asks
    what_is_seldom_asked
    work_on_tasks
    what_locks
}

#[test]
fn every_function_of_the_store_is_called_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests: String = texts(&root.join("tests")).into_values().collect();
    let mut missing = vec![];
    for (file, text) in texts(&root.join("src")) {
        // What is in a folder is called by the folder's name.
        let folder = file.parent().filter(|folder| *folder != root.join("src"));
        let module = folder.unwrap_or(&file).file_stem().unwrap().to_string_lossy().into_owned();
        let names = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split(['(', '<']).next());
        let called = |name: &&str| tests.contains(&format!("{module}::{name}("));
        // These two ask nothing of a store that is in use.
        if module == "share" || module == "restore" {
            continue;
        }
        missing.extend(names.filter(|name| !called(name)).map(|name| format!("{module}::{name}")));
    }
    assert_eq!(missing, Vec::<String>::new(), "call them, so that their plans are looked at");
}

fn texts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => found.extend(texts(&path)),
            path => _ = found.insert(path.clone(), std::fs::read_to_string(path).unwrap()),
        }
    }
    found
}

async fn what_no_other_case_asks(bench: Bench) {
    let (order, rows, lines) = bench.order("acme.com");
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(rows.clone());
    change.lines = lines.clone();
    bench.write(change).await.unwrap();
    let (scope, domain) = (bench.scope(), rows[0].clone());
    let mut db = bench.store.read_at_once().await.unwrap();
    let db = &mut db;
    actions::open_of_domain(db, &domain.id).await.unwrap();
    actions::get(db, &scope, &Id::opaque("act_1")).await.unwrap();
    bundles::is_used(db, &scope, &Id::opaque("bun_1")).await.unwrap();
    deliveries::load_all(db, &[Id::opaque("dlv_1")]).await.unwrap();
    domains::get(db, &scope, &domain.id).await.unwrap();
    domains::tally(db, &order.id).await.unwrap();
    assert!(!domains::others_stay(db, &order.id, &domain.id).await.unwrap());
    assert!(domains::others_stay(db, &order.id, &Id::opaque("dom_other")).await.unwrap());
    endpoints::load_all(db, &[Id::opaque("whe_1")]).await.unwrap();
    endpoints::of_partner(db, &scope.partner, Environment::Test).await.unwrap();
    endpoints::from_cli(db, &scope.partner, Environment::Test).await.unwrap();
    events::get(db, &scope, &Id::opaque("evt_1")).await.unwrap();
    events::load_all(db, &[Id::opaque("evt_1")]).await.unwrap();
    imports::rows(db, &Id::opaque("imp_1")).await.unwrap();
    inboxes::get(db, &scope, &Id::opaque("inb_1")).await.unwrap();
    inboxes::load(db, &Id::opaque("inb_1")).await.unwrap();
    assert_eq!(ledger::of_domain(db, &order.id, &domain.id).await.unwrap().len(), 2);
    assert_eq!(ledger::of_period(db, &order.id, "2026-05-08").await.unwrap().len(), 1);
    let sums = ledger::sums_of_order(db, &order.id).await.unwrap();
    assert_eq!(sums.iter().map(|sum| sum.amount_cents).sum::<i64>(), 2500);
    assert_eq!(orders::in_full(db, order.clone()).await.unwrap().2, sums);
    operator::order(db, &order.id).await.unwrap();
    operator::is_erased(db, &order).await.unwrap();
    operator::timeline(db, &order.id).await.unwrap();
    for domain in [None, Some("acme.com".to_owned())] {
        let sought = operator::Sought { domain, ..operator::Sought::default() };
        assert_eq!(operator::newest_orders(db, &sought, 5).await.unwrap().len(), 1);
    }
    partners::load_all(db, &[Id::opaque("org_1")]).await.unwrap();
    partners::by_id_or_name(db, "Acme").await.unwrap();
    partners::all(db).await.unwrap();
    runs::load(db, &Id::opaque("run_1")).await.unwrap();
    runs::of_order(db, &order.id).await.unwrap();
    runs::open_of_order(db, &order.id).await.unwrap();
    runs::of_domain(db, &domain.id).await.unwrap();
    spend::booked(db, &scope, Month::of(NOW)).await.unwrap();
    spend::of_order(db, &scope, &order.id, None).await.unwrap().allowances(db, &scope, NOW).await.unwrap();
    swaps::premium_since(db, &scope, NOW).await.unwrap();
    timelines::change(db, &scope, &order.id).await.unwrap();
    users::active(db, &scope, &order.user).await.unwrap();
    users::get(db, &scope, &order.user).await.unwrap();
    users::by_email(db, &scope, "alex@acme.com").await.unwrap();
    users::by_email(db, &scope, "alex@bücher.de").await.unwrap();
    users::live_order(db, &scope, &order.user).await.unwrap();
    let endpoint = bench.endpoint(Environment::Test, None);
    let search = Search { since: NOW, after: None, look: 10, find: 10 };
    events::untold(db, &scope, &endpoint, &search).await.unwrap();
    events::still_untold(db, &scope, &endpoint.id, &[Id::opaque("evt_1")]).await.unwrap();
    orders::facts_for_placing(db, &scope, &placing()).await.unwrap();
}

async fn what_is_seldom_asked(bench: Bench) {
    let (order, rows, _) = bench.order("acme.com");
    let (scope, domain) = (bench.scope(), &rows[0]);
    let mut db = bench.store.read_at_once().await.unwrap();
    let db = &mut db;
    idempotency::peek_by(db, &Id::opaque("key_1"), &scope, &["key:1".into(), "body:1".into()]).await.unwrap();
    actions::open_of_order(db, &scope, &order.id).await.unwrap();
    domains::with_own_people(db, &order.id).await.unwrap();
    for meant in [DomainRef::Id(domain.id.clone()), DomainRef::Name(domain.name.clone())] {
        domains::meant(db, &scope, &meant).await.unwrap();
    }
    domains::names(db, &scope, [&domain.id]).await.unwrap();
    events::before(db, &scope, &Id::opaque("evt_1")).await.unwrap();
    operator::newest(db).await.unwrap();
    operator::known_runs(db, &[Id::opaque("run_1")]).await.unwrap();
    runs::looked_back_at(db, &scope.world, &domain.name).await.unwrap();
}

fn placing() -> Placing {
    let name = DomainName::stored("acme.com");
    Placing {
        user: Some(UserRef::Email("alex@acme.com".into())),
        size: Size::Bundle(Id::opaque("bun_1")),
        sequencer: None,
        domains: vec![Wanted { name, forwarding_url: None, provider: None }],
        personas: vec![],
        forwarding_url: None,
        max_total_cents: None,
        quote_id: Some(Id::opaque("quo_1")),
        reference: Some("A-1".into()),
        metadata: BTreeMap::new(),
        dkim: None,
    }
}

async fn within<F>(bench: &Bench, work: F)
where
    F: for<'t> Fn(&'t mut Tx) -> futures_util::future::BoxFuture<'t, Result<(), Halt>> + Send + Sync + 'static,
{
    bench.store.write(work).await.unwrap();
}

async fn work_on_tasks(bench: Bench) {
    let mut change = Change::default();
    change.tasks.push(bench.task("run_1", NOW));
    bench.write(change).await.unwrap();
    let task = bench.claim(1, NOW, "lse_1").await.remove(0);
    let leased = tasks::leased_until(&mut bench.store.read().await.unwrap(), &task.id, "lse_1").await.unwrap();
    assert_eq!(leased, Some(task.due_at));
    within(&bench, move |tx| {
        let id = task.id.clone();
        async move {
            tasks::extend(tx, &id, "lse_1", NOW.plus(DAY)).await?;
            tasks::give_back(tx, &[(id.clone(), "lse_none".to_owned())], NOW).await?;
            tasks::prolong(tx, &id, NOW.plus(DAY), NOW.plus(DAY)).await?;
            tasks::prolong_all(tx, std::slice::from_ref(&id), NOW.plus(DAY), NOW.plus(DAY)).await?;
            tasks::postpone(tx, &id, "lse_1", NOW).await?;
            tasks::void_leases(tx, Lane::Step, (NOW, NOW.plus(DAY))).await?;
            tasks::release(tx, &[(id, "lse_1".into())], NOW).await?;
            assert!(matches!(tasks::retry(tx, &TaskId::opaque("tsk_0"), "lse_1", NOW).await, Err(Halt::Lost)));
            Ok(())
        }
        .boxed()
    })
    .await;
    tasks::next_due(&mut bench.store.read().await.unwrap(), Lane::Step).await.unwrap();
}

async fn what_locks(bench: Bench) {
    let scope = bench.scope();
    within(&bench, move |tx| {
        let scope = scope.clone();
        async move {
            turn::take(tx, "ord_1").await?;
            bundles::lock(tx, &scope, &Id::opaque("bun_1")).await?;
            deliveries::lock(tx, &scope, &Id::opaque("dlv_1")).await?;
            endpoints::lock(tx, &scope, &Id::opaque("whe_1")).await?;
            forwardings::lock(tx, &Id::opaque("fwd_1")).await?;
            idempotency::lock(tx, &scope, "key", NOW).await?;
            imports::lock(tx, &Id::opaque("imp_1")).await?;
            keys::of_id(tx, &Id::opaque("key_1")).await?;
            keys::hold_with_partner(tx, &Id::opaque("key_1"), &scope.partner).await?;
            partners::hold(tx, &scope.partner).await?;
            spend::lock_of_order(tx, &scope, &Id::opaque("ord_1"), None).await?;
            users::lock(tx, &scope, &Id::opaque("usr_1")).await?;
            users::hold(tx, &scope, &UserRef::Id(Id::opaque("usr_1"))).await?;
            let held = orders::holders(tx, &scope, &placing()).await?;
            orders::facts_around(tx, &scope, &placing(), (None, None, held)).await?;
            users::hold(tx, &scope, &UserRef::Email("alex@acme.com".into())).await?;
            users::hold(tx, &scope, &UserRef::Email("alex@bücher.de".into())).await?;
            assert_eq!(partners::clock_of(tx, &scope.partner, &scope.world).await?, 0);
            let left = model::world::World::test(&scope.partner, 0);
            assert!(matches!(partners::clock_of(tx, &scope.partner, &left).await, Err(Halt::Lost)));
            Ok(())
        }
        .boxed()
    })
    .await;
}

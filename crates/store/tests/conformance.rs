//! What every database must do for us, run on both.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support {
    pub(crate) mod bench;
    pub(crate) mod fill;
    pub(crate) mod filled;
    pub(crate) mod heard;
    pub(crate) mod plans;
    pub(crate) mod postgres;
    pub(crate) mod rows;
    pub(crate) mod swaps;
    pub(crate) mod tried;
    pub(crate) mod zones;
}

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{SECOND, Time};
use model::event::EventKind;
use model::id::{Id, LeaseId, OrderId};
use model::ledger::{LineKind, ONCE};
use model::task::Lane;
use model::world::Environment;
use store::{Failure, Halt, Page, bundles, domains, events, keys, ledger, orders, partners, tasks, users};
use support::bench::{Bench, NOW};
use support::swaps::*;

/// Runs a test on SQLite, and on PostgreSQL when its programs are installed; then the plan of every statement that it
/// had the store send is looked at.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test] async fn $name() {
            let bench = super::Bench::sqlite().await;
            let heard = bench.heard();
            super::$name(bench).await;
            heard.explain().await;
        })* }
        mod postgres { $(#[tokio::test] async fn $name() {
            if let Some(bench) = super::Bench::postgres().await {
                let heard = bench.heard();
                super::$name(bench).await;
                heard.explain().await;
            }
        })* }
    };
}

#[path = "parts/money.rs"]
mod money;

/// Cases that fill a file of their own.
mod parts {
    mod differences;
    mod jobs;
    mod leases;
    mod operator;
    mod shares;
    mod timelines;
    mod times;
    mod webhooks;
}

/// Cases that fill a file of their own.
mod cases {
    mod addresses;
    mod audits;
    mod begun_again;
    mod consents;
    mod feeds;
    mod figures;
    mod lists;
    mod locks;
    mod looks;
    mod looks_at_domains;
    mod lost;
    mod notices;
    mod nudges;
    mod old_charges;
    mod purchases;
    mod redirects;
    mod repeats;
    mod restores;
    mod seen;
    mod statements;
    mod tables;
    mod troubles;
    mod turns;
    mod worlds;
    mod zones;
}

on_both! {
    things_come_back_as_they_were_written
    an_update_of_an_old_version_is_decided_again
    contention_is_reported_and_nothing_is_written
    a_refusal_and_a_panic_leave_nothing_behind
    a_unique_clash_is_decided_again_on_fresh_facts
    counters_survive_a_crowd
    a_ledger_line_cannot_be_booked_twice
    a_name_is_held_once_and_free_again_after_it_failed
    events_queue_deliveries_for_the_endpoints_that_want_them
    claims_come_in_due_order_and_are_exclusive
    a_claim_takes_no_more_than_it_asks_for
    a_lease_that_ran_out_is_claimed_again_and_the_first_holder_loses
    other_partners_and_worlds_see_nothing
    pages_walk_the_whole_list
    secrets_are_sealed_in_the_rows
    a_write_whose_caller_went_away_is_whole
    a_domain_has_one_open_swap_and_an_inbox_one_open_renaming
    swaps_are_listed_on_either_side
    swaps_are_found_by_what_they_are_held_against
    an_inbox_can_change_its_address
}

async fn things_come_back_as_they_were_written(bench: Bench) {
    let (order, domains, lines) = bench.order("acme.com");
    let (bundle, user) = (bench.bundle(), bench.user("Alex@Acme.com"));
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(domains.clone());
    change.lines.extend(lines.clone());
    change.bundles.insert.push(bundle.clone());
    change.users.insert.push(user.clone());
    bench.write(change).await.unwrap();

    let (mut db, scope) = (bench.store.read().await.unwrap(), bench.scope());
    let read = orders::get(&mut db, &scope, &order.id).await.unwrap().unwrap();
    let traces = orders::traces(&mut db, &[order.id.clone(), OrderId::opaque("ord_none")]).await.unwrap();
    assert_eq!(traces, order.trace.map(|trace| (order.id.clone(), trace)).into_iter().collect());
    assert_eq!(model::order::Order { sequencer: order.sequencer.clone(), ..read.clone() }, order);
    assert_eq!(read.sequencer.login_email, order.sequencer.login_email);
    assert_eq!(domains::of_order(&mut db, &order.id).await.unwrap(), domains);
    assert_eq!(ledger::of_order(&mut db, &order.id).await.unwrap().len(), lines.len());
    assert_eq!(bundles::get(&mut db, &scope, &bundle.id).await.unwrap().unwrap(), bundle);
    assert_eq!(users::active_by_email(&mut db, &scope, " alex@ACME.com").await.unwrap().unwrap(), user);
    let (_, partner) = keys::authenticate(&mut db, &bench.key).await.unwrap().unwrap();
    assert_eq!(partner, bench.partner);
    assert_eq!(keys::authenticate(&mut db, "pk_test_other").await.unwrap(), None);
}

async fn an_update_of_an_old_version_is_decided_again(bench: Bench) {
    let runs = Arc::new(AtomicUsize::new(0));
    let (counted, partner, ids) = (runs.clone(), bench.partner.clone(), bench.ids.clone());
    bench
        .store
        .write(move |tx| {
            let (counted, mut partner, ids) = (counted.clone(), partner.clone(), ids.clone());
            async move {
                if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                    partner.version -= 1;
                }
                partner.test_epoch = 7;
                let mut change = Change::default();
                change.partners.update.push(partner);
                tx.apply(change, &ids, NOW).await
            }
            .boxed()
        })
        .await
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    let read = partners::get(&mut bench.store.read().await.unwrap(), &bench.partner.id).await.unwrap().unwrap();
    assert_eq!((read.test_epoch, read.version), (7, bench.partner.version + 1));
}

async fn contention_is_reported_and_nothing_is_written(bench: Bench) {
    let bundle = bench.bundle();
    let (ids, written) = (bench.ids.clone(), bundle.clone());
    let result: Result<(), Failure> = bench
        .store
        .write(move |tx| {
            let (ids, bundle) = (ids.clone(), written.clone());
            async move {
                let mut change = Change::default();
                change.bundles.insert.push(bundle);
                tx.apply(change, &ids, NOW).await?;
                Err(Halt::Clash)
            }
            .boxed()
        })
        .await;
    assert!(matches!(result, Err(Failure::Broken(store::StoreError::Contention))));
    assert_eq!(bundles::get(&mut bench.store.read().await.unwrap(), &bench.scope(), &bundle.id).await.unwrap(), None);
}

async fn a_refusal_and_a_panic_leave_nothing_behind(bench: Bench) {
    let bundle = bench.bundle();
    for panics in [false, true] {
        let (ids, written) = (bench.ids.clone(), bundle.clone());
        let result: Result<(), Failure> = bench
            .store
            .write(move |tx| {
                let (ids, bundle) = (ids.clone(), written.clone());
                async move {
                    let mut change = Change::default();
                    change.bundles.insert.push(bundle);
                    tx.apply(change, &ids, NOW).await?;
                    assert!(!panics, "on purpose");
                    let fault = model::refusal::Fault::invalid("name", "No.");
                    Err(Halt::from(model::refusal::Refusal::from(fault)))
                }
                .boxed()
            })
            .await;
        match panics {
            true => assert!(matches!(result, Err(Failure::Broken(store::StoreError::Panicked)))),
            false => assert!(matches!(result, Err(Failure::Refused(_)))),
        }
    }
    assert_eq!(bundles::get(&mut bench.store.read().await.unwrap(), &bench.scope(), &bundle.id).await.unwrap(), None);
    bench.write(Change::default()).await.unwrap();
}

async fn a_unique_clash_is_decided_again_on_fresh_facts(bench: Bench) {
    let tries = (0..16).map(|_| {
        let (order, rows, _) = bench.order("raced.com");
        let (ids, scope) = (bench.ids.clone(), bench.scope());
        bench.store.write(move |tx| {
            let (order, domain, ids, scope) = (order.clone(), rows[0].clone(), ids.clone(), scope.clone());
            async move {
                if !domains::holders(tx, &scope.world, std::slice::from_ref(&domain.name)).await?.is_empty() {
                    return Ok(false);
                }
                let mut change = Change::default();
                change.orders.insert.push(order);
                change.domains.insert.push(domain);
                tx.apply(change, &ids, NOW).await?;
                Ok(true)
            }
            .boxed()
        })
    });
    let results = futures_util::future::join_all(tries).await;
    assert_eq!(results.into_iter().filter(|won| *won.as_ref().unwrap()).count(), 1);
}

async fn counters_survive_a_crowd(bench: Bench) {
    let raise = || {
        let (ids, id) = (bench.ids.clone(), bench.partner.id.clone());
        bench.store.write(move |tx| {
            let (ids, id) = (ids.clone(), id.clone());
            async move {
                let mut partner = partners::get(tx, &id).await?.ok_or(Halt::Lost)?;
                partner.test_offset += 1;
                let mut change = Change::default();
                change.partners.update.push(partner);
                tx.apply(change, &ids, NOW).await
            }
            .boxed()
        })
    };
    let results = futures_util::future::join_all((0..40).map(|_| raise())).await;
    let raised = results.iter().filter(|result| result.is_ok()).count();
    let read = partners::get(&mut bench.store.read().await.unwrap(), &bench.partner.id).await.unwrap().unwrap();
    // Whoever could not get through was told so; nobody's raise was lost.
    assert_eq!(usize::try_from(read.test_offset).unwrap(), raised);
    assert!(raised >= 5, "{raised}");
}

async fn a_ledger_line_cannot_be_booked_twice(bench: Bench) {
    let (_, _, lines) = bench.order("acme.com");
    let mut change = Change::default();
    change.lines.push(lines[0].clone());
    bench.write(change.clone()).await.unwrap();
    change.lines[0].id = bench.ids.next();
    assert!(bench.write(change).await.is_err());
    assert_eq!((lines[0].kind, lines[0].period.as_str()), (LineKind::DomainRegistration, ONCE));
}

async fn a_name_is_held_once_and_free_again_after_it_failed(bench: Bench) {
    let (order, rows, _) = bench.order("acme.com");
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.push(rows[0].clone());
    bench.write(change).await.unwrap();

    let (_, other, _) = bench.order("acme.com");
    let mut second = Change::default();
    second.domains.insert.push(other[0].clone());
    assert!(bench.write(second.clone()).await.is_err());
    second
        .domains
        .update
        .push(model::domain::Domain { status: model::domain::DomainStatus::Failed, ..rows[0].clone() });
    bench.write(second).await.unwrap();
    let holders =
        domains::holders(&mut bench.store.read().await.unwrap(), &bench.scope().world, &[other[0].name.clone()])
            .await
            .unwrap();
    assert_eq!(holders.len(), 1);
    assert_eq!(holders[0].id, other[0].id);
}

async fn events_queue_deliveries_for_the_endpoints_that_want_them(bench: Bench) {
    let all = bench.endpoint(Environment::Test, None);
    let few = bench.endpoint(Environment::Test, Some(vec![EventKind::InboxLinked]));
    let live = bench.endpoint(Environment::Live, None);
    let mut change = Change::default();
    change.endpoints.insert.extend([all.clone(), few.clone(), live]);
    bench.write(change).await.unwrap();

    let mut change = Change::default();
    let told = [bench.event(EventKind::OrderInProgress), bench.event(EventKind::InboxLinked)];
    change.events.extend(told.clone());
    bench.write(change).await.unwrap();

    let mut db = bench.store.read().await.unwrap();
    for (event, endpoint) in told.iter().zip([&all, &few]) {
        let deliveries = store::deliveries::of_event(&mut db, &bench.scope(), &event.id).await.unwrap();
        assert_eq!(deliveries.iter().map(|one| &one.endpoint).collect::<Vec<_>>(), [&endpoint.id]);
        let task = tasks::of_subject(&mut db, &deliveries[0].id).await.unwrap().unwrap();
        assert_eq!((task.lane, task.bucket.as_str()), (Lane::Delivery, endpoint.id.as_str()));
    }
    let page = Page { below: None, limit: 10 };
    let listed = events::list(&mut db, &bench.scope(), None, &page).await.unwrap();
    assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&told[1].id, &told[0].id]);
    assert_eq!(listed[0].body(), told[1].body());
}

async fn claims_come_in_due_order_and_are_exclusive(bench: Bench) {
    let mut change = Change::default();
    for n in [3, 1, 2, 9] {
        change.tasks.push(bench.task(&format!("run_{n}"), NOW.plus(n * SECOND)));
    }
    bench.write(change).await.unwrap();
    let now = NOW.plus(5 * SECOND);
    let (first, second) = tokio::join!(bench.claim(2, now, "lse_1"), bench.claim(2, now, "lse_2"));
    let mut both: Vec<_> = first.iter().chain(&second).map(|task| task.subject.clone()).collect();
    both.sort();
    assert_eq!(both, ["run_1", "run_2", "run_3"]);
    let ahead = if first.len() == 2 { &first } else { &second };
    let mut due: Vec<_> = ahead.iter().map(|task| task.subject.as_str()).collect();
    due.sort_unstable();
    assert_eq!(due.len(), 2);
    assert!(bench.claim(9, now, "lse_3").await.is_empty());
}

/// A planner that last saw an almost empty table must not run the limit once for every row.
async fn a_claim_takes_no_more_than_it_asks_for(bench: Bench) {
    let mut change = Change::default();
    change.tasks.push(bench.task("run_0", NOW));
    bench.write(change).await.unwrap();
    bench.analyze(&["tasks"]).await;
    for n in 0..8 {
        assert!(bench.claim(1, NOW, &format!("lse_warm_{n}")).await.len() <= 1);
    }
    let mut change = Change::default();
    change.tasks.extend((1..=300).map(|n| bench.task(&format!("run_{n}"), NOW)));
    bench.write(change).await.unwrap();
    assert_eq!(bench.claim(8, NOW, "lse_x").await.len(), 8);
    assert_eq!(bench.claim(300, NOW, "lse_y").await.len(), 292);
}

async fn a_lease_that_ran_out_is_claimed_again_and_the_first_holder_loses(bench: Bench) {
    let mut change = Change::default();
    change.tasks.push(bench.task("run_1", NOW));
    bench.write(change).await.unwrap();
    let first = bench.claim(1, NOW, "lse_1").await.remove(0);
    assert!(bench.claim(1, NOW.plus(29 * SECOND), "lse_2").await.is_empty());
    let second = bench.claim(1, NOW.plus(30 * SECOND), "lse_3").await.remove(0);
    assert_eq!((first.attempts, second.attempts), (0, 1));

    let finish = |lease: &'static str| {
        let id = first.id.clone();
        bench.store.settle(move |tx| {
            let id = id.clone();
            async move {
                tasks::still_mine(tx, &id, lease).await?;
                tasks::finish(tx, &id, lease).await
            }
            .boxed()
        })
    };
    assert!(matches!(finish("lse_1").await, Err(Failure::Lost)));
    finish("lse_3").await.unwrap();
    assert_eq!(tasks::count(&mut bench.store.read().await.unwrap()).await.unwrap(), 0);
}

async fn other_partners_and_worlds_see_nothing(bench: Bench) {
    let (order, rows, _) = bench.order("acme.com");
    let bundle = bench.bundle();
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(rows);
    change.bundles.insert.push(bundle.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let mut strangers = [bench.scope(), bench.scope()];
    strangers[0].partner = Id::opaque("org_other");
    strangers[1].world = model::world::World::live();
    for scope in strangers {
        assert_eq!(orders::get(&mut db, &scope, &order.id).await.unwrap(), None);
        assert_eq!(bundles::get(&mut db, &scope, &bundle.id).await.unwrap(), None);
        let page = Page { below: None, limit: 10 };
        assert!(orders::list(&mut db, &scope, &orders::Filter::default(), &page).await.unwrap().is_empty());
    }
}

async fn pages_walk_the_whole_list(bench: Bench) {
    let mut change = Change::default();
    for n in 0..7 {
        change.orders.insert.push(bench.order(&format!("a{n}.com")).0);
    }
    let placed: Vec<OrderId> = change.orders.insert.iter().map(|order| order.id.clone()).rev().collect();
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let (mut seen, mut below) = (vec![], None);
    loop {
        let page = Page { below: below.take(), limit: 3 };
        let rows = orders::list(&mut db, &bench.scope(), &orders::Filter::default(), &page).await.unwrap();
        let Some(last) = rows.last() else { break };
        below = Some(last.id.to_string());
        seen.extend(rows.into_iter().map(|order| order.id));
    }
    assert_eq!(seen, placed);
    let filter =
        orders::Filter { email: Some("ALEX@acme.com".into()), created_before: Some(NOW), ..Default::default() };
    assert!(orders::list(&mut db, &bench.scope(), &filter, &Page { below: None, limit: 9 }).await.unwrap().is_empty());
}

async fn secrets_are_sealed_in_the_rows(bench: Bench) {
    let order = bench.order("acme.com").0;
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    bench.write(change).await.unwrap();
    let read = orders::load(&mut bench.store.read().await.unwrap(), &order.id).await.unwrap().unwrap();
    let Some(model::secret::Secret::Sealed(sealed)) = &read.sequencer.login_password else { panic!("not sealed") };
    assert!(sealed.starts_with("s1.1.") && !sealed.contains("hunter2"));
    let (password, _) = orders::open_login(bench.store.vault(), &read).unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&password.unwrap()), "hunter2");
    assert!(!format!("{read:?}").contains("s1.1."));
}

async fn a_write_whose_caller_went_away_is_whole(bench: Bench) {
    let (entered, gate) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (inside, waits, ids, bundle) = (entered.clone(), gate.clone(), bench.ids.clone(), bench.bundle());
    let id = bundle.id.clone();
    let write = bench.store.write(move |tx| {
        let (inside, waits, ids, bundle) = (inside.clone(), waits.clone(), ids.clone(), bundle.clone());
        async move {
            let mut change = Change::default();
            change.bundles.insert.push(bundle);
            tx.apply(change, &ids, NOW).await?;
            inside.notify_one();
            waits.notified().await;
            Ok(())
        }
        .boxed()
    });
    tokio::select! {
        _ = write => panic!("the write waits at the gate"),
        () = entered.notified() => {}
    }
    gate.notify_one();
    let written = async {
        let scope = bench.scope();
        while bundles::get(&mut bench.store.read().await.unwrap(), &scope, &id).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), written).await.expect("the write is committed");
    bench.write(Change::default()).await.unwrap();
}

#[tokio::test]
async fn both_databases_end_in_the_same_logical_schema() {
    let Some(postgres) = Bench::postgres().await else { return };
    let sqlite = Bench::sqlite().await;
    assert_eq!(sqlite.schema().await, postgres.schema().await);
}

#[tokio::test]
async fn time_is_kept_to_the_microsecond() {
    let bench = Bench::sqlite().await;
    let mut order = bench.order("acme.com").0;
    order.created_at = Time(1_778_241_600_123_456);
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    bench.write(change).await.unwrap();
    let read = orders::load(&mut bench.store.read().await.unwrap(), &order.id).await.unwrap().unwrap();
    assert_eq!(read.created_at, order.created_at);
    assert!(LeaseId::opaque("lse_1").as_str() < LeaseId::opaque("lse_2").as_str());
}

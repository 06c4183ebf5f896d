//! Timelines: their counter, their one moment, their history.

use model::change::Change;
use model::clock::{SECOND, Time};
use model::domain::Domain;
use model::id::{Id, PartnerId};
use model::order::Order;
use model::run::{Run, RunKind, RunState};
use model::timeline::NEWEST_RUNS;
use model::world::{Scope, World};
use store::timelines;

use super::super::support::bench::{Bench, NOW};

on_both! {
    the_counter_rises_with_every_change_of_the_order_its_domains_and_its_runs
    a_timeline_is_read_as_it_stood_at_one_moment
    the_history_is_of_the_newest_runs_of_the_same_world_that_ended_well
}

/// An order with one domain and its run, written.
async fn placed(bench: &Bench, name: &str) -> (Order, Domain, Run) {
    let (order, domains, lines) = bench.order(name);
    let run = Run::new(bench.ids.next(), RunKind::Provision, &domains[0], model::clock::Now { server: NOW, offset: 0 });
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(domains.clone());
    change.lines.extend(lines);
    change.runs.insert.push(run.clone());
    bench.write(change).await.unwrap();
    (order, domains[0].clone(), run)
}

async fn counter(bench: &Bench, order: &Order) -> i64 {
    let mut db = bench.store.read().await.unwrap();
    let counted = timelines::change(&mut db, &bench.scope(), &order.id).await.unwrap().unwrap();
    let mut db = bench.store.read_at_once().await.unwrap();
    let facts = timelines::facts(&mut db, &bench.scope(), &order.id).await.unwrap().unwrap();
    assert_eq!(facts.change(), counted);
    counted
}

async fn the_counter_rises_with_every_change_of_the_order_its_domains_and_its_runs(bench: Bench) {
    let (order, domain, run) = placed(&bench, "acme.com").await;
    let (other, ..) = placed(&bench, "other.com").await;
    assert_eq!((counter(&bench, &order).await, counter(&bench, &other).await), (3, 3));
    for (counted, table) in [(4, "orders"), (5, "domains"), (6, "runs")] {
        let mut change = Change::default();
        match table {
            "orders" => change.orders.update.push(order.clone()),
            "domains" => change.domains.update.push(domain.clone()),
            _ => change.runs.update.push(run.clone()),
        }
        bench.write(change).await.unwrap();
        assert_eq!((counter(&bench, &order).await, counter(&bench, &other).await), (counted, 3));
    }
    let mut db = bench.store.read().await.unwrap();
    let elsewhere = Scope { world: World::live(), ..bench.scope() };
    let somebody = Scope { partner: PartnerId::opaque("org_other"), ..bench.scope() };
    for scope in [elsewhere, somebody] {
        assert_eq!(timelines::change(&mut db, &scope, &order.id).await.unwrap(), None);
        assert!(timelines::facts(&mut db, &scope, &order.id).await.unwrap().is_none());
    }
}

async fn a_timeline_is_read_as_it_stood_at_one_moment(bench: Bench) {
    let (order, domain, run) = placed(&bench, "acme.com").await;
    // More often than there are connections: what is dropped must be good for the next reader.
    for round in 0..20 {
        let mut db = bench.store.read_at_once().await.unwrap();
        let before = timelines::change(&mut db, &bench.scope(), &order.id).await.unwrap();
        let mut change = Change::default();
        change.domains.update.push(Domain { version: 1 + round, ..domain.clone() });
        change.runs.update.push(Run { version: 1 + round, ..run.clone() });
        bench.write(change).await.unwrap();
        let facts = timelines::facts(&mut db, &bench.scope(), &order.id).await.unwrap().unwrap();
        assert_eq!(Some(facts.change()), before);
        drop(db);
        assert_eq!(Some(counter(&bench, &order).await - 2), before);
    }
}

async fn the_history_is_of_the_newest_runs_of_the_same_world_that_ended_well(bench: Bench) {
    let (order, _, run) = placed(&bench, "acme.com").await;
    let ended = |n: i64, state, world: &World| Run {
        id: bench.ids.next(),
        world: world.clone(),
        order: None,
        state,
        created_at: NOW.plus(n * SECOND),
        finished_at: Some(NOW.plus((n + n) * SECOND)),
        ..run.clone()
    };
    let mut change = Change::default();
    let here = bench.scope().world;
    change.runs.insert.extend((1..=NEWEST_RUNS + 10).map(|n| ended(n, RunState::Done, &here)));
    change.runs.insert.push(ended(900, RunState::Failed, &here));
    change.runs.insert.push(ended(901, RunState::Done, &World::live()));
    bench.write(change).await.unwrap();

    let durations = async || {
        let mut db = bench.store.read_at_once().await.unwrap();
        timelines::facts(&mut db, &bench.scope(), &order.id).await.unwrap().unwrap().history
    };
    let newest: Vec<_> = (11..=NEWEST_RUNS + 10).rev().map(|n| n * SECOND).collect();
    assert_eq!(durations().await, newest);

    let mut change = Change::default();
    change.runs.update.push(Run { state: RunState::Failed, finished_at: Some(Time(NOW.0 + 1)), ..run.clone() });
    bench.write(change).await.unwrap();
    assert!(durations().await.is_empty(), "nobody asks when nothing is open");
}

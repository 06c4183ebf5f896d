//! A database that was dumped and restored into another PostgreSQL, whose transactions have lower numbers.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::event::{Event, EventKind};
use model::id::EventId;
use model::world::{Environment, Scope};
use store::{Store, events};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

/// How far ahead the numbers of the other cluster were.
const AHEAD: i64 = 1_000_000_000_000;

async fn tell(bench: &Bench, event: &Event) {
    let mut change = Change::default();
    change.events.push(event.clone());
    bench.write(change).await.unwrap();
}

/// Three events of the sandbox, of which the last is the one with the lowest id, and one of the live world.
async fn told(bench: &Bench) -> (Vec<EventId>, EventId) {
    let mut sandbox: Vec<_> = (0..3).map(|_| bench.event(EventKind::OrderCompleted)).collect();
    sandbox.rotate_left(1);
    let live = Event { world: live(bench).world, ..bench.event(EventKind::OrderFailed) };
    for event in sandbox.iter().chain([&live]) {
        tell(bench, event).await;
    }
    (sandbox.into_iter().map(|event| event.id).collect(), live.id)
}

fn live(bench: &Bench) -> Scope {
    bench.partner.scope(Environment::Live)
}

/// The sandbox's events are those of another cluster from now on.
async fn restore(bench: &Bench) {
    let sql = sqlx::query("UPDATE events SET position = position + $1 WHERE world = $2").bind(AHEAD);
    let updated = sql.bind(bench.scope().world.as_str().to_owned()).execute(&bench.pool().await).await;
    assert_ne!(updated.unwrap().rows_affected(), 0);
}

/// Waits until everybody who is writing now, in the tests beside this one too, has ended: the feed stops below them.
async fn all_ended(bench: &Bench) {
    let pool = bench.pool().await;
    let number = async |end: &str| -> i64 {
        let sql = format!("SELECT CAST(CAST(pg_snapshot_{end}(pg_current_snapshot()) AS TEXT) AS BIGINT)");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap()
    };
    let next = number("xmax").await;
    while number("xmin").await < next {
        tokio::task::yield_now().await;
    }
}

async fn feed(bench: &Bench, store: &Store, scope: &Scope, last: Option<&EventId>) -> Vec<EventId> {
    all_ended(bench).await;
    let events = events::after(&mut store.read().await.unwrap(), scope, None, last, 100).await.unwrap();
    events.into_iter().map(|event| event.id).collect()
}

async fn position(bench: &Bench, id: &EventId) -> i64 {
    let sql = sqlx::query_scalar("SELECT position FROM events WHERE id = $1").bind(id.to_string());
    sql.fetch_one(&bench.pool().await).await.unwrap()
}

#[tokio::test]
async fn the_next_start_shows_the_events_of_a_restored_database_and_those_that_follow() {
    let Some(bench) = Bench::postgres().await else { return };
    let (mut sandbox, other) = told(&bench).await;
    let (scope, untouched) = (bench.scope(), position(&bench, &other).await);
    assert_eq!(feed(&bench, &bench.store, &scope, None).await, sandbox);
    restore(&bench).await;
    // What is told before the next start is hidden too.
    let late = bench.event(EventKind::OrderCompleted);
    tell(&bench, &late).await;
    assert_eq!(feed(&bench, &bench.store, &scope, None).await, []);

    let store = bench.another().await;
    sandbox.push(late.id);
    assert_eq!(feed(&bench, &store, &scope, None).await, sandbox, "in the order in which they were told");
    assert_eq!(
        feed(&bench, &store, &scope, Some(&sandbox[0])).await,
        sandbox[1..],
        "a reader goes on where it stopped"
    );
    let next = bench.event(EventKind::OrderCompleted);
    tell(&bench, &next).await;
    assert_eq!(feed(&bench, &store, &scope, sandbox.last()).await, std::slice::from_ref(&next.id));
    let newest = events::newest(&mut store.read().await.unwrap(), &scope).await.unwrap();
    assert_eq!(newest, Some(next.id.clone()));

    assert_eq!(
        (feed(&bench, &store, &live(&bench), None).await, position(&bench, &other).await),
        (vec![other], untouched)
    );
    let before = position(&bench, &next.id).await;
    bench.another().await;
    assert_eq!(position(&bench, &next.id).await, before, "a start that finds nothing foreign changes nothing");
}

#[tokio::test]
async fn several_may_start_on_a_restored_database_at_once() {
    let Some(bench) = Bench::postgres().await else { return };
    let (sandbox, _) = told(&bench).await;
    restore(&bench).await;
    let stores = tokio::join!(bench.another(), bench.another(), bench.another());
    for store in [&stores.0, &stores.1, &stores.2] {
        assert_eq!(feed(&bench, store, &bench.scope(), None).await, sandbox);
    }
}

/// Somebody who tells while a start puts the feed in order has taken the place after the foreign ones: it is waited
/// for.
#[tokio::test]
async fn what_is_told_during_the_start_is_shown_too() {
    let Some(bench) = Bench::postgres().await else { return };
    let (mut sandbox, _) = told(&bench).await;
    restore(&bench).await;
    let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let late = bench.event(EventKind::OrderCompleted);
    let (inside, waits, ids, event) = (entered.clone(), gate.clone(), bench.ids.clone(), late.clone());
    let telling = bench.store.write(move |tx| {
        let (inside, waits, ids, event) = (inside.clone(), waits.clone(), ids.clone(), event.clone());
        async move {
            let mut change = Change::default();
            change.events.push(event);
            tx.apply(change, &ids, NOW).await?;
            inside.notify_one();
            waits.notified().await;
            Ok(())
        }
        .boxed()
    });
    let starting = async {
        entered.notified().await;
        let mut starting = Box::pin(bench.another());
        // One that does not wait has come through already, and is found out below.
        let done = tokio::select! {
            store = &mut starting => Some(store),
            () = bench.somebody_waits() => None,
        };
        gate.notify_one();
        match done {
            Some(store) => store,
            None => starting.await,
        }
    };
    let (told, store) = tokio::join!(telling, starting);
    told.unwrap();
    sandbox.push(late.id);
    assert_eq!(feed(&bench, &store, &bench.scope(), None).await, sandbox);
}

//! Whom the event feed waits for on PostgreSQL: our own writers, and nobody else.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::event::EventKind;
use model::id::EventId;
use sqlx::{AnyConnection, Executor as _};
use store::{events, feed};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

async fn tell(bench: &Bench) -> EventId {
    let event = bench.event(EventKind::OrderCompleted);
    let id = event.id.clone();
    bench.write(Change { events: vec![event], ..Change::default() }).await.unwrap();
    id
}

async fn shown(bench: &Bench) -> Vec<EventId> {
    let mut db = bench.store.read().await.unwrap();
    let events = events::after(&mut db, &bench.scope(), None, None, 100).await.unwrap();
    events.into_iter().map(|event| event.id).collect()
}

/// A transaction of somebody else's that has written something and stays open.
async fn stranger(mut connection: AnyConnection) -> AnyConnection {
    connection.execute("BEGIN").await.unwrap();
    connection.execute("SELECT CAST(pg_current_xact_id() AS TEXT)").await.unwrap();
    connection
}

#[tokio::test]
async fn nobody_elses_transaction_holds_the_feed_up() {
    let Some(bench) = Bench::postgres().await else { return };
    let before = tell(&bench).await;
    let _here = stranger(bench.connect().await).await;
    let _elsewhere = stranger(bench.connect_to("template1").await).await;
    let after = tell(&bench).await;
    assert_eq!(shown(&bench).await, [before, after.clone()]);
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(events::newest(&mut db, &bench.scope()).await.unwrap(), Some(after));
    assert_eq!(feed::waits(&mut db, 0).await.unwrap(), None);
}

#[tokio::test]
async fn a_writer_of_ours_is_waited_for_and_named_before_it_has_told_anything() {
    let Some(bench) = Bench::postgres().await else { return };
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let late = bench.event(EventKind::OrderInProgress);
    let id = late.id.clone();
    let (ids, told, open) = (bench.ids.clone(), begun.clone(), gate.clone());
    let slow = bench.store.write(move |tx| {
        let (late, ids, told, open) = (late.clone(), ids.clone(), told.clone(), open.clone());
        async move {
            told.notify_one();
            open.notified().await;
            tx.apply(Change { events: vec![late], ..Change::default() }, &ids, NOW).await
        }
        .boxed()
    });
    let meanwhile = async {
        begun.notified().await;
        let fast = tell(&bench).await;
        assert_eq!(shown(&bench).await, [], "the slow one may still tell something before it");
        let mut db = bench.store.read().await.unwrap();
        let waits = feed::waits(&mut db, 0).await.unwrap().expect("somebody is waited for");
        assert_eq!((waits.application.as_str(), waits.database.as_str()), ("mailwright", "postgres"));
        assert_eq!(feed::waits(&mut db, waits.micros + 3_600_000_000).await.unwrap(), None, "not for so long");
        gate.notify_one();
        fast
    };
    let (slow, fast) = tokio::join!(slow, meanwhile);
    slow.unwrap();
    let mut both = shown(&bench).await;
    both.sort();
    assert_eq!(both, [id, fast], "neither is passed over");
}

//! Processes that are lost inside a transaction, and what others notice of it. PostgreSQL only: SQLite has one writer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use model::change::Change;
use model::id::PartnerId;
use model::partner::Partner;
use model::patience::Patience;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use store::{Failure, Halt, Store, partners};
use tokio::sync::Notify;

use crate::support::bench::Bench;

/// So long that only a database that lets go by itself ends a wait in time.
const LONG: Duration = Duration::from_secs(120);

/// A write that needs a partner's row.
async fn touch(store: &Store, id: &PartnerId) -> Result<(), Failure> {
    let id = id.clone();
    let touched = store.write(move |tx| {
        let id = id.clone();
        async move { partners::lock(tx, &id).await?.map(drop).ok_or(Halt::Lost) }.boxed()
    });
    touched.await
}

/// Takes a partner's row and is never heard of again: a process that was frozen, or whose machine is gone.
async fn lose(store: &Store, id: &PartnerId) {
    let (store, id, taken) = (store.clone(), id.clone(), Arc::new(Notify::new()));
    let holds = taken.clone();
    tokio::spawn(async move {
        let lost = store.write(move |tx| {
            let (id, holds) = (id.clone(), holds.clone());
            async move {
                partners::lock(tx, &id).await?;
                holds.notify_one();
                std::future::pending::<Result<(), Halt>>().await
            }
            .boxed()
        });
        lost.await
    });
    taken.notified().await;
}

/// Somebody else's connection that holds a partner's row, whom nobody has told to let go.
async fn stranger(bench: &Bench, id: &PartnerId) -> AnyConnection {
    let mut stranger = bench.connect().await;
    stranger.execute("BEGIN").await.unwrap();
    let lock = sqlx::query("SELECT 1 FROM partners WHERE id = $1 FOR UPDATE").bind(id.to_string());
    lock.execute(&mut stranger).await.unwrap();
    stranger
}

async fn another_partner(bench: &Bench) -> PartnerId {
    let other = Partner { id: bench.ids.next(), name: "Other".into(), ..bench.partner.clone() };
    let id = other.id.clone();
    let mut change = Change::default();
    change.partners.insert.push(other);
    bench.write(change).await.unwrap();
    id
}

#[tokio::test]
async fn the_database_lets_go_of_what_a_lost_process_holds() {
    let patience = Patience { idle: Duration::from_millis(100), lock: LONG, statement: LONG };
    let Some(bench) = Bench::patient(patience).await else { return };
    lose(&bench.store, &bench.partner.id).await;
    touch(&bench.store, &bench.partner.id).await.expect("the row is free again although nobody gave it back");
}

#[tokio::test]
async fn a_lock_that_cannot_be_had_in_time_is_busy_and_no_failure() {
    let patience = Patience { lock: Duration::from_millis(50), ..Patience::default() };
    let Some(bench) = Bench::patient(patience).await else { return };
    let mut stranger = stranger(&bench, &bench.partner.id).await;
    match touch(&bench.store, &bench.partner.id).await {
        Err(Failure::Broken(error)) => assert!(error.is_busy(), "{error}"),
        other => panic!("{other:?}"),
    }
    stranger.execute("ROLLBACK").await.unwrap();
    touch(&bench.store, &bench.partner.id).await.expect("it goes on by itself");
}

#[tokio::test]
async fn one_partners_locked_row_keeps_no_other_partner_from_writing_nor_anybody_from_reading() {
    let patience = Patience { lock: LONG, statement: LONG, ..Patience::default() };
    let Some(bench) = Bench::patient(patience).await else { return };
    let other = another_partner(&bench).await;
    let mut stranger = stranger(&bench, &bench.partner.id).await;
    // Four times as many as there are connections, and each of them waits.
    let locked = join_all((0..32).map(|_| touch(&bench.store, &bench.partner.id)));
    tokio::pin!(locked);
    let others = async {
        bench.somebody_waits().await;
        for _ in 0..10 {
            touch(&bench.store, &other).await.expect("another partner writes");
            partners::get(&mut bench.store.read().await.unwrap(), &bench.partner.id).await.expect("and reads");
        }
    };
    tokio::select! {
        _ = &mut locked => panic!("a row that is locked cannot have been had"),
        () = others => {}
    }
    stranger.execute("ROLLBACK").await.unwrap();
    assert!(locked.await.iter().all(Result::is_ok), "whoever waited has written now");
    stranger.close().await.unwrap();
}

#[tokio::test]
async fn every_connection_is_told_what_to_do_when_we_are_gone() {
    let patience = Patience {
        statement: Duration::from_millis(4001),
        lock: Duration::from_millis(4002),
        idle: Duration::from_millis(4003),
    };
    let Some(bench) = Bench::patient(patience).await else { return };
    let mut held = vec![];
    for _ in 0..8 {
        let mut db = bench.store.read().await.unwrap();
        for (name, value) in [
            ("statement_timeout", "4001ms"),
            ("lock_timeout", "4002ms"),
            ("idle_in_transaction_session_timeout", "4003ms"),
            ("client_connection_check_interval", "1s"),
            ("application_name", "mailwright"),
        ] {
            assert_eq!(db.setting(name).await.unwrap().as_deref(), Some(value), "{name}");
        }
        held.push(db);
    }
}

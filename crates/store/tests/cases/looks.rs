//! Whether somebody is at a run, as who decides about it sees it.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::action::Look;
use model::change::Change;
use model::clock::Time;
use model::id::{Id as _, RunId};
use store::{Backend, tasks};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

on_both! {
    a_run_rests_until_it_is_claimed_and_is_unclear_until_a_try_has_told_its_end
    nobody_is_waited_for_who_is_at_a_run
}

async fn queued(bench: &Bench) -> RunId {
    let mut change = Change::default();
    change.tasks.push(bench.task("run_1", NOW));
    bench.write(change).await.unwrap();
    RunId::opaque("run_1")
}

/// A moment before the task is due.
async fn look(bench: &Bench, run: &RunId) -> Look {
    look_when(bench, run, NOW.plus(-1)).await
}

async fn look_when(bench: &Bench, run: &RunId, now: Time) -> Look {
    let run = run.clone();
    let looked = bench.store.write(move |tx| {
        let run = run.clone();
        async move { Ok(tasks::look_at(tx, &run, now).await?) }.boxed()
    });
    looked.await.unwrap()
}

async fn a_run_rests_until_it_is_claimed_and_is_unclear_until_a_try_has_told_its_end(bench: Bench) {
    let run = queued(&bench).await;
    assert_eq!(look(&bench, &run).await, Look::Over);
    assert_eq!(look_when(&bench, &run, NOW).await, Look::Due);
    let task = bench.claim(1, NOW, "lse_1").await.remove(0);
    assert_eq!(look(&bench, &run).await, Look::UnderWay);

    // The process stops while it works.
    let held = vec![(task.id.clone(), "lse_1".to_owned())];
    let released = bench.store.settle(move |tx| {
        let held = held.clone();
        async move { tasks::release(tx, &held, NOW).await }.boxed()
    });
    released.await.unwrap();
    assert_eq!(look(&bench, &run).await, Look::Unclear);

    let id = bench.claim(1, NOW, "lse_2").await.remove(0).id;
    let settled = bench.store.settle(move |tx| {
        let id = id.clone();
        async move { tasks::postpone(tx, &id, "lse_2", NOW).await }.boxed()
    });
    settled.await.unwrap();
    assert_eq!(look(&bench, &run).await, Look::Over);

    // The process is lost while it works.
    bench.claim(1, NOW, "lse_3").await;
    bench
        .store
        .settle(|tx| tasks::void_leases(tx, model::task::Lane::Step, (NOW, NOW.plus(model::clock::DAY))).boxed())
        .await
        .unwrap();
    assert_eq!(look(&bench, &run).await, Look::Unclear);
    assert_eq!(look(&bench, &RunId::opaque("run_2")).await, Look::Over, "nobody will ever be at it");
}

/// Who settles holds the task and may wait for what a request has locked: the request must not wait for the task.
async fn nobody_is_waited_for_who_is_at_a_run(bench: Bench) {
    let run = queued(&bench).await;
    if bench.store.backend() == Backend::Sqlite {
        return; // There is one writer.
    }
    let (held, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holding = async {
        let (run, held, gate) = (run.clone(), held.clone(), gate.clone());
        let holding = bench.store.settle(move |tx| {
            let (run, held, gate) = (run.clone(), held.clone(), gate.clone());
            async move {
                assert_eq!(tasks::look_at(tx, &run, NOW.plus(-1)).await?, Look::Over);
                held.notify_one();
                gate.notified().await;
                Ok(())
            }
            .boxed()
        });
        holding.await.unwrap();
    };
    let looking = async {
        held.notified().await;
        assert_eq!(look(&bench, &run).await, Look::UnderWay);
        gate.notify_one();
    };
    tokio::join!(holding, looking);
    assert_eq!(look(&bench, &run).await, Look::Over);
}

//! Tasks that are held together.

use futures_util::FutureExt as _;
use model::change::Change;
use model::id::{Id as _, TaskId};
use store::{Locks, tasks};

use crate::support::bench::{Bench, NOW};

on_both! {
    of_tasks_that_are_held_together_only_ones_own_are_finished
}

async fn of_tasks_that_are_held_together_only_ones_own_are_finished(bench: Bench) {
    let mut change = Change::default();
    change.tasks.extend((0..250).map(|n| bench.task(&format!("run_{n}"), NOW)));
    bench.write(change).await.unwrap();
    let ours = bench.claim(249, NOW, "lse_1").await;
    let theirs = bench.claim(9, NOW, "lse_2").await.remove(0);
    let mut asked: Vec<_> = ours.iter().map(|task| (task.id.clone(), "lse_1".to_owned())).collect();
    asked.push((theirs.id.clone(), "lse_1".to_owned()));
    asked.push((TaskId::opaque("tsk_none"), "lse_1".to_owned()));
    let settling = bench.store.settle(move |tx| {
        let asked = asked.clone();
        async move {
            let (mut tx, mine) = Locks::new(tx).tasks(&asked).await?;
            tasks::finish_all(&mut tx, &mine.iter().cloned().collect::<Vec<_>>()).await?;
            assert!(tasks::still_mine_of(&mut tx, &asked).await?.is_empty());
            Ok(mine.len())
        }
        .boxed()
    });
    assert_eq!(settling.await.unwrap(), 249);
    let left = tasks::load(&mut bench.store.read().await.unwrap(), &theirs.id).await.unwrap();
    assert_eq!(left.and_then(|task| task.lease), Some("lse_2".to_owned()));
}

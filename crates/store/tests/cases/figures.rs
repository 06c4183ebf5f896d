//! What the operator watches, counted on both databases.

use model::change::Change;
use model::clock::SECOND;
use model::task::Lane;
use store::figures;

use crate::support::bench::{Bench, NOW};

on_both! {
    what_waits_is_counted_by_lane
}

async fn what_waits_is_counted_by_lane(bench: Bench) {
    let before = figures::read(&mut bench.store.read().await.unwrap(), NOW).await.unwrap();
    assert!(before.lanes.iter().all(|lane| (lane.due, lane.oldest) == (0, None)) && before.actions.is_empty());
    assert!(before.bytes > 0 && before.schema >= 7 && before.last_backup.is_none());
    let mut change = Change::default();
    for (n, due) in [-30, -10, 0, 10].into_iter().enumerate() {
        change.tasks.push(bench.task(&format!("run_{n}"), NOW.plus(due * SECOND)));
    }
    bench.write(change).await.unwrap();
    let after = figures::read(&mut bench.store.read().await.unwrap(), NOW).await.unwrap();
    let steps = after.lanes.iter().find(|one| one.lane == Lane::Step).unwrap();
    assert_eq!((steps.due, steps.oldest), (3, Some(NOW.plus(-30 * SECOND))));
    assert!(after.lanes.iter().filter(|one| one.lane != Lane::Step).all(|one| one.due == 0));
}

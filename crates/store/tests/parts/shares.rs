//! Shares of the queue that have something due.

use model::change::Change;
use model::clock::{DAY, SECOND};
use model::task::Lane;
use store::tasks::{self, Bucket};

use crate::support::bench::{Bench, NOW};

on_both! {
    shares_are_found_by_hopping
    of_what_is_due_the_next_are_found_and_whether_that_is_all
}

/// Three tasks of two shares that are due one after the other, and one that is not.
async fn queue(bench: &Bench) {
    let mut change = Change::default();
    for (n, bucket) in ["org_b", "org_a", "org_b", "org_c"].iter().enumerate() {
        let mut task = bench.task(&format!("run_{n}"), NOW.plus(n as i64));
        (*bucket).clone_into(&mut task.bucket);
        change.tasks.push(task);
    }
    change.tasks[3].due_at = NOW.plus(DAY);
    bench.write(change).await.unwrap();
}

async fn shares_are_found_by_hopping(bench: Bench) {
    queue(&bench).await;
    let mut db = bench.store.read().await.unwrap();
    let shares = tasks::due_buckets(&mut db, Lane::Step, NOW.plus(SECOND)).await.unwrap();
    assert_eq!(shares.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["org_b", "org_a"]);
    assert!(tasks::due_buckets(&mut db, Lane::Delivery, NOW.plus(SECOND)).await.unwrap().is_empty());
}

async fn of_what_is_due_the_next_are_found_and_whether_that_is_all(bench: Bench) {
    queue(&bench).await;
    let mut db = bench.store.read().await.unwrap();
    let names = |shares: &[Bucket]| shares.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    let soon = NOW.plus(SECOND);
    let (shares, is_all) = tasks::next_due_buckets(&mut db, Lane::Step, soon, 4).await.unwrap();
    assert_eq!((names(&shares), is_all), (vec!["org_b".to_owned(), "org_a".to_owned()], true));
    assert_eq!((shares[0].due_at, shares[1].due_at), (NOW, NOW.plus(1)));
    let (shares, is_all) = tasks::next_due_buckets(&mut db, Lane::Step, soon, 1).await.unwrap();
    assert_eq!((names(&shares), is_all), (vec!["org_b".to_owned()], false), "there is more behind it");
    assert!(tasks::next_due_buckets(&mut db, Lane::Delivery, soon, 4).await.unwrap().0.is_empty());
}

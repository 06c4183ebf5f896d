//! Words from process to process.

use store::nudges::{self, Ear};

use crate::support::bench::Bench;

#[tokio::test]
async fn what_one_process_says_another_one_hears() {
    let Some(bench) = Bench::postgres().await else { return };
    let mut ear = Ear::open(&bench.opening().url).await.unwrap();
    let other = bench.another().await;
    nudges::say(&other, "somebody").await.unwrap();
    loop {
        // Other tests share the database, and a channel is the database's.
        if ear.hear().await.unwrap().as_deref() == Some("somebody") {
            return;
        }
    }
}

#[tokio::test]
async fn where_one_process_has_the_database_nobody_is_told() {
    let bench = Bench::sqlite().await;
    nudges::say(&bench.store, "somebody").await.unwrap();
    assert!(Ear::open(&bench.opening().url).await.is_err());
}

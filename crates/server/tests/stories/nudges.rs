//! What one process on PostgreSQL has written, another one's workers look for at once: they are told.

use std::time::Duration;

use server::nudging::Nudging;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, order_body};

fn nudging(rig: &Rig, name: &str, stop: &CancellationToken) -> Nudging {
    let (store, wake) = (rig.wired.store.clone(), rig.wired.wake.clone());
    Nudging { url: rig.config.database(), store, wake, name: name.into(), stop: stop.clone() }
}

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_order_placed_at_one_process_wakes_the_workers_of_another() {
    let Some(api) = Rig::postgres().await else { return };
    let worker = api.another(None).await;
    let stop = CancellationToken::new();
    let (says, hears) = (nudging(&api, "api", &stop), nudging(&worker, "worker", &stop));
    let wake = worker.wired.wake.clone();
    // The first word is its own: it has begun to listen.
    let listens = wake.woken();
    let running = tokio::spawn(async move { tokio::join!(says.run(false), hears.run(true)) });
    tokio::time::timeout(PATIENCE, listens).await.expect("it begins to listen");
    let woken = wake.woken();
    api.place(&order_body(&["nudged.com"])).await;
    tokio::time::timeout(PATIENCE, woken).await.expect("it is woken");
    stop.cancel();
    running.await.unwrap();
}

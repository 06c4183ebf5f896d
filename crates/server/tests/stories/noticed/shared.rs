//! What the database of several processes shows.

use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::Notify;

use super::Watched;
use crate::support::Rig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_stands_still_is_told_until_it_goes_on() {
    let Some(rig) = Rig::postgres().await else { return };
    let mut watched = Watched::on(rig, Arc::default()).await;
    let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, open, store) = (begun.clone(), gate.clone(), watched.rig.wired.store.clone());
    let slow = tokio::spawn(async move {
        let writing = store.settle(move |_| {
            let (told, open) = (told.clone(), open.clone());
            async move {
                told.notify_one();
                open.notified().await;
                Ok(())
            }
            .boxed()
        });
        writing.await
    });
    begun.notified().await;
    while watched.look().await != ["feed_waits"] {}
    let message = watched.rows(None).await.remove(0).finding.message;
    assert!(message.contains("(mailwright, database postgres)"), "{message}");
    watched.everybody_sees(&["feed_waits"]).await;
    let ready: serde_json::Value = serde_json::from_str(&watched.ask("/readyz").await).expect("JSON");
    assert_eq!(ready["feed_waits_for"]["application"], "mailwright", "{ready}");
    gate.notify_one();
    slow.await.expect("it ends").expect("it commits");
    watched.look().await;
    watched.everybody_sees(&[]).await;
    let ready: serde_json::Value = serde_json::from_str(&watched.ask("/readyz").await).expect("JSON");
    assert_eq!(ready["feed_waits_for"], serde_json::Value::Null, "{ready}");
}

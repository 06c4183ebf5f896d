//! What the database of several processes shows.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::DAY;
use server::notices::Lookout;
use tokio::sync::Notify;

use super::bounds::{mended, parked};
use super::{WEBHOOK, Watched};
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

#[tokio::test]
async fn what_a_process_without_a_webhook_finds_is_told_by_the_one_that_has_it() {
    let Some(rig) = Rig::postgres().await else { return };
    let mut told = Watched::on(rig, Arc::default()).await;
    let mut rig = told.rig.another(None).await;
    rig.config.operator.webhook_url = String::new();
    let mut silent = Lookout::new(&rig.config, &rig.wired, Arc::default()).expect("it needs no secret");
    // Nobody works here, so after a while it is noticed that work waits.
    let heard = |told: &Watched| -> Vec<String> {
        let about = told.told().into_iter().filter(|(_, kind)| kind == "step_parked");
        about.map(|(what, _)| what).collect()
    };
    let runs = parked(&told.rig, 1).await;
    silent.look().await;
    assert_eq!((told.rows(None).await.len(), heard(&told).len()), (1, 0));
    told.look().await;
    silent.look().await;
    assert_eq!(heard(&told), ["notice.opened"]);
    for _ in 0..2 {
        told.rig.clock.advance(DAY / 2);
        silent.look().await;
        told.look().await;
    }
    assert_eq!(heard(&told)[1..], ["notice.reminded"]);
    mended(&told.rig, &runs).await;
    told.rig.clock.advance(1);
    silent.look().await;
    told.look().await;
    assert_eq!(heard(&told)[2..], ["notice.closed"]);
}

#[tokio::test]
async fn a_webhook_that_fails_is_one_notice_whoever_else_has_none() {
    let Some(rig) = Rig::postgres().await else { return };
    let mut told = Watched::on(rig, Arc::default()).await;
    let mut rig = told.rig.another(None).await;
    rig.config.operator.webhook_url = String::new();
    let mut silent = Lookout::new(&rig.config, &rig.wired, Arc::default()).expect("it needs no secret");
    told.rig.courier.answer(WEBHOOK, 500);
    parked(&told.rig, 1).await;
    for _ in 0..3 {
        told.look().await;
        told.rig.clock.advance(1);
        silent.look().await;
    }
    let rows = told.rows(None).await;
    let mut kinds: Vec<_> = rows.iter().map(|row| row.finding.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["operator_webhook_fails", "step_parked"]);
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("10.0.0.7")), "the address may be a secret: {rows:?}");
}

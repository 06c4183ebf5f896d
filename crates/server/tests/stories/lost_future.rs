//! A database that is older than the sandbox's world.

use std::time::Duration;

use model::clock::{Clock as _, MINUTE};
use serde_json::json;
use server::lost_future;
use server::wire;
use store::Store;

use crate::program::{client, json, post, refused, run, serve};
use crate::support::{Rig, order_body};

#[tokio::test]
async fn what_only_the_world_remembers_is_told_and_listed() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["acme-known.com"])).await;
    rig.wired.store.backup(&rig.folder.path().join("copy.db"), rig.clock.now()).await.unwrap();
    assert_eq!(lost_future::warn(&rig.wired).await.unwrap(), None);
    rig.settle_all().await;
    rig.clock.advance(20 * MINUTE);
    rig.place(&order_body(&["acme-lost.com"])).await;
    rig.settle_all().await;
    assert_eq!(lost_future::warn(&rig.wired).await.unwrap(), None, "everything is known");

    let mut config = rig.config.clone();
    config.database_url = format!("sqlite:{}", rig.folder.path().join("copy.db").display());
    let store = Store::open(&wire::opening_beside(&config)).await.unwrap();
    let wired = wire::Wired { store: store.clone(), ..rig.wired.clone() };
    let ahead = lost_future::warn(&wired).await.unwrap().unwrap();
    let warning = ahead.warning();
    assert_eq!(warning.reason, "database_older_than_world");
    assert!(
        warning.message.contains("The database is 20 min 0 s older")
            && warning.message.contains("sim ledger --unknown"),
        "{}",
        warning.message
    );
    let unknown = lost_future::unknown(&store, rig.wired.sim.ledger(None).await.unwrap()).await.unwrap();
    let later = unknown.iter().filter(|one| one.at > ahead.newest.at().unwrap()).count();
    assert_eq!(ahead.effects, later);
    assert!(later > 0 && later < unknown.len());
    let sold: Vec<_> =
        unknown.iter().filter(|one| one.effect == "registered").map(|one| one.subject.as_str()).collect();
    assert_eq!(sold, ["acme-lost.com"], "the name whose order is known is no news: its step was next");
    assert!(
        unknown.iter().any(|one| one.effect == "zone_created" && one.subject == "acme-known.com"),
        "later steps are"
    );
}

#[tokio::test]
async fn a_sandbox_that_was_reset_is_not_missed() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["acme-old.com"])).await;
    rig.settle_all().await;
    rig.call("POST", "/test/reset", None).await;
    server::housekeeping::tidy_up(&rig.wired).await.unwrap();
    assert_eq!(lost_future::warn(&rig.wired).await.unwrap(), None);
}

#[tokio::test]
async fn a_restored_server_says_what_it_does_not_know() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy.db"));
    let copy = copy.to_str().expect("a path");
    let (client, mut running) = (client(), serve(&data).await);
    let key = running.key.take().expect("a key");
    let made = json(&data, &["backup", copy]).await;
    assert_eq!((&made["file"], &made["newest_order_at"]), (&json!(copy), &json!(null)));
    refused(&run(&data, &["backup", copy]).await, &["exists already"]);
    refused(&run(&data, &["restore", copy]).await, &["already running", "stop it"]);
    let order = post(&client, &running, &key, "/orders", &order_body(&["acme-lost.com"])).await;
    let id = order["data"]["id"].as_str().expect("an id").to_owned();
    while json(&data, &["orders", "show", &id]).await["status"] != "completed" {
        tokio::time::sleep(Duration::ZERO).await;
    }
    let root = running.api.trim_end_matches("/partner/v1").to_owned();
    let ready = client.get(format!("{root}/readyz")).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(ready, r#"{"status":"ok","warnings":[]}"#);
    running.child.kill().await.expect("killed");

    let restored = json(&data, &["restore", copy]).await;
    let aside = restored["put_aside"].as_str().expect("a path").to_owned();
    assert_eq!((&restored["made_at"], &restored["newest_event_at"]), (&made["made_at"], &json!(null)));
    let running = serve(&data).await;
    let root = running.api.trim_end_matches("/partner/v1").to_owned();
    let ready = client.get(format!("{root}/readyz")).send().await.expect("an answer");
    assert_eq!(ready.status(), 200);
    let ready: serde_json::Value = ready.json().await.expect("JSON");
    assert_eq!(ready["warnings"][0]["reason"], "database_older_than_world");
    let ledger = json(&data, &["sim", "ledger"]).await;
    assert_eq!(json(&data, &["sim", "ledger", "--unknown"]).await, ledger);
    assert_eq!(json(&data, &["orders", "list"]).await, json!([]));
    let other = folder.path().join("other");
    std::fs::create_dir(&other).expect("a folder");
    for ending in ["", "-wal"] {
        std::fs::copy(format!("{aside}{ending}"), other.join(format!("mailwright.db{ending}"))).expect("it was kept");
    }
    std::fs::copy(data.join("master.key"), other.join("master.key")).expect("copied");
    assert_eq!(json(&other, &["orders", "show", &id]).await["status"], "completed", "nothing of it was lost");
}

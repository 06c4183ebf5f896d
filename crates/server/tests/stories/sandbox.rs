//! The sandbox's clock, and the same suite again and again on the same names.

use model::clock::Clock as _;
use serde_json::{Value, json};

use crate::support::{Rig, order_body};

async fn advance(rig: &Rig, seconds: i64) -> String {
    let answer = rig.call("POST", "/test/clock/advance", Some(&json!({ "seconds": seconds }))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"]["now"].as_str().unwrap().to_owned()
}

/// An order whose steps take five seconds each of the sandbox's clock, and a webhook that has to be sent twice:
/// both get on by the partner's clock alone, while the server's stands still.
async fn time_passes_for_the_sandbox_alone(rig: Rig) {
    let began = rig.clock.now();
    rig.endpoint("https://example.com/hooks").await;
    rig.courier.answer("https://example.com/hooks", 500);
    let id = rig.place(&order_body(&["slow-acme.com"])).await;
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "in_progress");
    assert_eq!(rig.courier.sent().len(), 1);

    let (mut now, mut moves) = (String::new(), 0);
    while rig.order(&id).await["status"] == "in_progress" {
        now = advance(&rig, 5).await;
        rig.work_off().await;
        moves += 1;
        assert!(moves < 40, "the order does not get on");
    }
    assert!(moves > 5, "{moves}");
    assert_eq!(rig.order(&id).await["status"], "completed");
    let events = rig.call("GET", "/events?type=order.completed", None).await;
    assert_eq!(events.body["data"][0]["created_at"], json!(now));

    rig.courier.answer("https://example.com/hooks", 200);
    advance(&rig, 120).await;
    rig.work_off().await;
    let first = rig.courier.sent()[0].event()["id"].clone();
    let again = rig.courier.sent().iter().filter(|sent| sent.event()["id"] == first).count();
    assert!(again >= 2, "{again}");
    assert_eq!(rig.next_due().await, None);
    assert_eq!(rig.clock.now(), began);
}

#[tokio::test]
async fn the_clock_of_the_sandbox_carries_work_on_sqlite() {
    time_passes_for_the_sandbox_alone(Rig::sqlite().await).await;
}

#[tokio::test]
async fn the_clock_of_the_sandbox_carries_work_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        time_passes_for_the_sandbox_alone(rig).await;
    }
}

/// What a partner's own test suite does: the same names, references and addresses every time.
async fn suite(rig: &Rig) -> Value {
    let user = json!({ "email": "Sam@acme.com", "sequencer": { "provider": "smartlead" } });
    let user = rig.call("POST", "/users", Some(&user)).await;
    assert_eq!(user.status, 201, "{}", user.body);
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    body["user"] = json!("sam@acme.com");
    body["reference"] = json!("suite-1");
    let placed = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert!(placed.headers.get("idempotent-replayed").is_none(), "what an emptied world was told is forgotten");
    assert_eq!(placed.body["data"]["user_id"], user.body["data"]["id"]);
    rig.settle_all().await;
    let id = placed.body["data"]["id"].as_str().unwrap();
    assert_eq!(rig.order(id).await["status"], "completed");
    let count = async |path: &str| rig.call("GET", path, None).await.body["meta"]["returned"].as_u64().unwrap();
    assert_eq!(count("/domains?category=connected&status=active").await, 2);
    assert_eq!(count(&format!("/inboxes?order_id={id}&per_page=100")).await, 27);
    assert_eq!(count("/domains?user_email=SAM@acme.com&usable_for=microsoft").await, 2);
    assert_eq!(rig.event_types().await.len(), 4);
    // One that is still under way when the suite ends.
    rig.place(&order_body(&["slow-acme.com"])).await;
    rig.work_off().await;
    placed.body["data"]["id"].clone()
}

async fn the_same_suite_again(rig: Rig) {
    let (endpoint, _) = rig.endpoint("https://example.com/hooks").await;
    let mut ids = vec![];
    for run in 1..=10 {
        ids.push(suite(&rig).await);
        advance(&rig, 1).await;
        rig.courier.answer("https://example.com/hooks", 503);
        rig.place(&order_body(&["slow-other.com"])).await;
        rig.work_off().await;
        let answer = rig.call("POST", "/test/reset", None).await;
        assert_eq!((answer.status.as_u16(), &answer.body["data"]["now"]), (200, &json!(rig.clock.now())));
        assert_eq!(rig.next_due().await, None, "nothing of the old world is under way");
        let sent = rig.courier.sent().len();
        rig.settle_all().await;
        assert_eq!(rig.courier.sent().len(), sent);
        rig.courier.answer("https://example.com/hooks", 200);
        assert_eq!(rig.effects("registered", "acme-one.com").await, run);
        let old = rig.call("GET", &format!("/orders/{}", ids[run - 1].as_str().unwrap()), None).await;
        assert_eq!(old.status, 404);
        let mut db = rig.wired.store.read().await.unwrap();
        let kept = store::endpoints::load(&mut db, &endpoint.id).await.unwrap().unwrap();
        assert_eq!((kept.disabled, kept.failing_since), (None, None));
    }
    ids.dedup();
    assert_eq!(ids.len(), 10);
}

#[tokio::test]
async fn a_suite_runs_again_and_again_on_the_same_names_on_sqlite() {
    the_same_suite_again(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_suite_runs_again_and_again_on_the_same_names_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        the_same_suite_again(rig).await;
    }
}

//! Deliveries: signed, tried again, given up, and never in each other's way.

use model::clock::{HOUR, MINUTE, SECOND};
use model::delivery::{DeliveryStatus, DisabledReason};
use model::id::{EventId, Id as _};

use model::partner::Preset;
use model::task::Lane;
use model::world::Environment;
use sqlx::Connection as _;

use crate::support::{Rig, make_partner, order_body};

const HOOKS: &str = "https://example.com/hooks";

#[tokio::test]
async fn both_header_families_are_signed_over_the_bytes_that_are_sent() {
    let rig = Rig::sqlite().await;
    let (_, secret) = rig.endpoint(HOOKS).await;
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    for sent in rig.courier.sent() {
        let header = |name: &str| sent.headers[name].as_str();
        let seconds: i64 = header("peeker-timestamp").parse().unwrap();
        assert!(engine::signature::verify_peeker(&secret, seconds, &sent.body, header("peeker-signature")));
        assert!(engine::signature::verify_standard(
            &secret,
            header("webhook-id"),
            seconds,
            &sent.body,
            header("webhook-signature")
        ));
        assert_eq!(header("peeker-event-id"), sent.event()["id"]);
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(seconds, crate::support::NOW.seconds());
    }
}

async fn an_answer_is_kept_so_that_it_can_be_printed(rig: Rig) {
    rig.endpoint(HOOKS).await;
    rig.courier.say(HOOKS, &[b"ok\0\x1b[2J\r\n\xff\xe2\x80\xae!", [b'x'; 2_000].as_slice()].concat());
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let kept = rig.call("GET", "/webhook_deliveries", None).await.body["data"][0].clone();
    let response = kept["attempts"][0]["response"].as_str().unwrap();
    assert!(response.starts_with("ok\\u0000\\u001b[2J\n\u{fffd}\\u202e!xxx"), "{response}");
    assert_eq!((&kept["status"], response.len()), (&serde_json::json!("delivered"), 1024));
}

#[tokio::test]
async fn an_answer_is_kept_so_that_it_can_be_printed_on_sqlite() {
    an_answer_is_kept_so_that_it_can_be_printed(Rig::sqlite().await).await;
}

#[tokio::test]
async fn an_answer_is_kept_so_that_it_can_be_printed_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        an_answer_is_kept_so_that_it_can_be_printed(rig).await;
    }
}

#[tokio::test]
async fn a_failing_endpoint_gets_five_attempts_in_a_day() {
    let rig = Rig::sqlite().await;
    rig.endpoint(HOOKS).await;
    rig.courier.answer(HOOKS, 500);
    rig.place(&order_body(&["slow-acme.com"])).await;
    rig.work_off().await;
    assert_eq!(rig.courier.sent().len(), 1);
    let event = rig.courier.sent()[0].event()["id"].as_str().unwrap().to_owned();
    let attempts = |rig: &Rig| rig.courier.sent().iter().filter(|sent| sent.event()["id"] == *event).count();
    for (wait, seen) in [
        (59 * SECOND, 1),
        (8 * SECOND, 2),
        (11 * MINUTE, 3),
        (2 * HOUR + 10 * MINUTE, 4),
        (24 * HOUR, 5),
        (48 * HOUR, 5),
    ] {
        rig.advance(wait).await;
        assert_eq!(attempts(&rig), seen, "after {wait}");
    }
    let mut db = rig.wired.store.read().await.unwrap();
    let delivery = store::deliveries::of_event(&mut db, &rig.scope(), &EventId::opaque(event)).await.unwrap().remove(0);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert_eq!(delivery.attempts.len(), 5);
    assert_eq!(delivery.attempts[0].response.as_deref(), Some("seen"));
}

#[tokio::test]
async fn gone_disables_the_endpoint() {
    let rig = Rig::sqlite().await;
    let (endpoint, _) = rig.endpoint(HOOKS).await;
    rig.courier.answer(HOOKS, 410);
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let read = store::endpoints::load(&mut rig.wired.store.read().await.unwrap(), &endpoint.id).await.unwrap().unwrap();
    assert_eq!(read.disabled, Some(DisabledReason::Gone));
    let before = rig.courier.sent().len();
    rig.place(&order_body(&["acme-two.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.courier.sent().len(), before);
}

#[tokio::test]
async fn the_same_event_keeps_its_id_and_body_on_every_attempt() {
    let rig = Rig::sqlite().await;
    rig.endpoint(HOOKS).await;
    rig.courier.answer(HOOKS, 503);
    rig.place(&order_body(&["slow-acme.com"])).await;
    rig.work_off().await;
    rig.courier.answer(HOOKS, 200);
    rig.advance(70 * SECOND).await;
    let sent = rig.courier.sent();
    let first = &sent[0];
    let again: Vec<_> = sent.iter().filter(|one| one.headers["webhook-id"] == first.headers["webhook-id"]).collect();
    assert_eq!(again.len(), 2);
    assert_eq!(again[0].body, again[1].body);
    assert_ne!(again[0].headers["peeker-signature"], again[1].headers["peeker-signature"]);
}

#[tokio::test]
async fn the_events_of_an_order_rise_in_telling_order() {
    let rig = Rig::sqlite().await;
    let names: Vec<_> = (0..20).map(|n| format!("acme-{n}.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    rig.place(&order_body(&names)).await;
    rig.settle_all().await;
    let types = rig.event_types().await;
    assert_eq!(types.len(), 22);
    assert_eq!(types.first().map(String::as_str), Some("order.in_progress"));
    assert_eq!(types.last().map(String::as_str), Some("order.completed"));
}

/// Has one of the deliveries that are due hold what no version of ours wrote.
async fn damage(rig: &Rig, delivery: &str) {
    let (delivery, damaging) = (delivery.to_owned(), "UPDATE deliveries SET attempts = 'torn' WHERE id = $1");
    let url = store::file_modes::sqlite_url(&rig.folder.path().join("mailwright.db"));
    let mut db = sqlx::SqliteConnection::connect(&url).await.unwrap();
    assert_eq!(sqlx::query(damaging).bind(delivery).execute(&mut db).await.unwrap().rows_affected(), 1);
    db.close().await.unwrap();
}

#[tokio::test]
async fn one_delivery_that_cannot_be_read_keeps_none_of_the_others_back() {
    let rig = Rig::sqlite().await;
    rig.endpoint(HOOKS).await;
    rig.place(&order_body(&["acme-one.com", "acme-two.com", "acme-three.com"])).await;
    let steps = async || rig.wired.engine.work_due(Lane::Step).await.unwrap();
    while steps().await > 0 {}
    let due = rig.call("GET", "/webhook_deliveries", None).await.body["data"].clone();
    let ids: Vec<_> = due.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.len() > 2, "{due}");
    damage(&rig, &ids[1]).await;
    rig.wired.engine.work_due(Lane::Delivery).await.unwrap();
    let sent = rig.courier.sent().len();
    assert_eq!(sent, ids.len() - 1);
    for (n, id) in ids.iter().enumerate().filter(|(n, _)| *n != 1) {
        let shown = rig.call("GET", &format!("/webhook_deliveries/{id}"), None).await;
        assert_eq!(shown.body["data"]["status"], "delivered", "{n}: {}", shown.body);
    }
}

#[tokio::test]
async fn an_endpoint_that_never_answers_delays_nobody_else() {
    const DEAD: &str = "https://dead.example.com/";
    let rig = Rig::sqlite().await;
    rig.endpoint(DEAD).await;
    rig.courier.hold(DEAD);
    let names: Vec<_> = (0..30).map(|n| format!("acme-{n}.com")).collect();
    rig.place(&order_body(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;

    let (partner, key) = make_partner(&rig.wired, "Beta", Preset::Full, Environment::Test).await;
    rig.endpoint_of(&partner, HOOKS).await;
    let working = tokio::spawn({
        let engine = rig.wired.engine.clone();
        async move { engine.run().await }
    });
    rig.courier.until(|sent| sent.iter().filter(|one| one.url == DEAD).count() == 8).await;
    let beta = rig.as_partner(partner, key);
    beta.place(&order_body(&["beta-one.com", "beta-two.com"])).await;
    rig.courier.until(|sent| sent.iter().any(|one| one.url == HOOKS && one.kind() == "order.completed")).await;
    let stuck = rig.courier.sent().iter().filter(|one| one.url == DEAD).count();
    assert_eq!(stuck, 8, "at most eight deliveries are under way to one endpoint");
    working.abort();
}

async fn catching_up(rig: Rig) {
    rig.place(&order_body(&["acme-one.com", "acme-two.com", "acme-three.com"])).await;
    rig.settle_all().await;
    let told: Vec<_> = rig.events().await.iter().map(|event| event["id"].clone()).collect();
    let mut path = format!("/events?per_page=2&after={}", told[0].as_str().unwrap());
    let mut seen = vec![];
    loop {
        let page = rig.call("GET", &path, None).await;
        assert_eq!(page.status, 200, "{}", page.body);
        seen.extend(page.body["data"].as_array().unwrap().iter().map(|event| event["id"].clone()));
        let Some(next) = page.body["links"]["next"].as_str() else { break };
        next.split("/partner/v1").nth(1).unwrap().clone_into(&mut path);
    }
    assert_eq!(seen, told[1..]);
    let wrong = rig.call("GET", "/events?after=evt_other", None).await;
    assert_eq!((wrong.status.as_u16(), wrong.body["error"]["field"].as_str()), (400, Some("after")));
    for path in ["/orders/ord_%00x", "/events/%00", "/bundles/%00"] {
        assert_eq!(rig.call("GET", path, None).await.status, 404, "{path}");
    }
    assert_eq!(rig.call("GET", "/orders?reference=%00", None).await.status, 400);
}

#[tokio::test]
async fn whoever_missed_events_catches_up_in_telling_order_on_sqlite() {
    catching_up(Rig::sqlite().await).await;
}

#[tokio::test]
async fn whoever_missed_events_catches_up_in_telling_order_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        catching_up(rig).await;
    }
}

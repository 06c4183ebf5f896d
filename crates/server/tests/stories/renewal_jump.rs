//! A name that costs twice as much when it is renewed: it is asked about, and renewed only for what was allowed.

use std::sync::{Arc, Mutex};

use engine::Fate;
use model::clock::{DAY, MINUTE, SECOND};
use model::intent::RENEWAL_SHOWS;
use model::run::StepName;
use serde_json::{Value, json};

use crate::crash::{FATES, Once, restart};
use crate::support::{Answer, Rig, order_body};

const NAME: &str = "renewal-jump-acme.com";

/// Moves the sandbox's clock as a partner does, and lets the workers catch up.
async fn advance(rig: &Rig, micros: i64) {
    let body = json!({ "seconds": micros / SECOND });
    let moved = rig.call("POST", "/test/clock/advance", Some(&body)).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    rig.work_off().await;
}

async fn open(rig: &Rig) -> Vec<Value> {
    rig.call("GET", "/orders/pending", None).await.body["data"].as_array().unwrap().clone()
}

async fn resolve(rig: &Rig, body: Value) -> Answer {
    let action = open(rig).await.remove(0);
    let answer =
        rig.call("POST", &format!("/orders/pending/{}/resolve", action["id"].as_str().unwrap()), Some(&body)).await;
    rig.work_off().await;
    answer
}

async fn renewed(rig: &Rig) -> usize {
    rig.effects("renewed", NAME).await
}

/// What was booked for further years.
async fn booked(rig: &Rig) -> Vec<i64> {
    let lines = rig.call("GET", "/ledger?kind=domain_renewal", None).await.body["data"].clone();
    lines.as_array().unwrap().iter().map(|line| line["amount_cents"].as_i64().unwrap()).collect()
}

async fn status(rig: &Rig, id: &str) -> String {
    rig.order(id).await["domains"][0]["status"].as_str().unwrap().to_owned()
}

/// An order of the name, on the day on which it was to be renewed.
async fn due(rig: &Rig) -> String {
    let id = rig.place(&order_body(&[NAME])).await;
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    advance(rig, 334 * DAY).await;
    assert!(open(rig).await.is_empty());
    advance(rig, 2 * DAY).await;
    id
}

#[tokio::test]
async fn a_renewal_that_costs_twice_as_much_is_asked_about_and_allowed_on_sqlite() {
    asked_and_allowed(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_renewal_that_costs_twice_as_much_is_asked_about_and_allowed_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        asked_and_allowed(rig).await;
    }
}

async fn asked_and_allowed(rig: Rig) {
    let id = due(&rig).await;
    let asked = open(&rig).await.remove(0);
    assert_eq!((&asked["type"], &asked["reason"]), (&json!("registration"), &json!("price_changed")));
    assert_eq!(
        asked["message"],
        "Another year of renewal-jump-acme.com costs 30.00 USD now, more than the 15.00 USD that were agreed. Send `max_total_cents` of 3000 or more to have it renewed at that price; otherwise cancel the domain, and its registration ends on 2027-05-08."
    );
    assert_eq!(
        (rig.order(&id).await["status"].as_str(), status(&rig, &id).await.as_str()),
        (Some("completed"), "action_required")
    );
    let timeline = rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body["data"].clone();
    let runs = timeline["domains"][0]["runs"].as_array().unwrap();
    let step = &runs.iter().find(|run| run["kind"] == "renew").unwrap()["steps"][0];
    assert_eq!((&step["state"], &step["who"], &step["action_id"]), (&json!("asking"), &json!("partner"), &asked["id"]));
    assert_eq!(
        step["trouble"],
        "The registrar asks more for another year than was agreed. Allow the higher price, or cancel the domain: then it is not renewed."
    );

    for (answer, code) in [
        (json!({ "max_total_cents": 2_999 }), "price_changed"),
        (json!({ "give_up": true }), "conflict"),
        (json!({ "replacement_domain": "acme-other.com" }), "conflict"),
    ] {
        let refused = resolve(&rig, answer.clone()).await;
        assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (409, &json!(code)), "{answer}");
    }
    assert_eq!(resolve(&rig, json!({})).await.status, 200);
    advance(&rig, 11 * MINUTE).await;
    assert_eq!((open(&rig).await, renewed(&rig).await), (vec![asked.clone()], 0), "no answer, no renewal");
    let charged = rig.order(&id).await["costs"]["charged_cents"].as_i64().unwrap();

    let allowed = resolve(&rig, json!({ "max_total_cents": 3_000 })).await;
    assert_eq!(allowed.status, 200, "{}", allowed.body);
    assert_eq!((open(&rig).await, renewed(&rig).await, booked(&rig).await), (vec![], 1, vec![3_000]));
    let order = rig.order(&id).await;
    assert_eq!(order["costs"]["charged_cents"].as_i64(), Some(charged + 3_000));
    assert_eq!(status(&rig, &id).await, "active");
    assert_eq!(rig.event_types().await.iter().filter(|kind| *kind == "domain.renewed").count(), 1);
    let domain = rig.call("GET", &format!("/domains/{}", asked["domain_id"].as_str().unwrap()), None).await;
    assert_eq!(domain.body["data"]["expires_at"], "2028-05-07T12:00:00Z");

    advance(&rig, 366 * DAY).await;
    assert_eq!((open(&rig).await, booked(&rig).await), (vec![], vec![3_000, 3_000]), "what was allowed once stays so");
}

#[tokio::test]
async fn without_an_answer_nothing_is_renewed_and_the_name_ends() {
    let rig = Rig::sqlite().await;
    let id = due(&rig).await;
    let cancelled = rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    advance(&rig, 20 * DAY).await;
    assert_eq!((rig.order(&id).await["status"].as_str(), open(&rig).await), (Some("cancel_scheduled"), vec![]));
    // The month that is paid for ends with the year.
    advance(&rig, 10 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    let gone = rig.call("GET", "/domains?status=released", None).await.body["data"].clone();
    assert_eq!((&gone[0]["domain"], &gone[0]["expires_at"]), (&json!(NAME), &json!("2027-05-08T12:00:00Z")));
    let inventory = rig.call("GET", "/domains?category=inventory&status=available", None).await.body["data"].clone();
    assert_eq!((inventory, renewed(&rig).await, booked(&rig).await), (json!([]), 0, vec![]));
    assert_eq!(rig.next_due().await, None);
}

#[tokio::test]
async fn a_question_that_nobody_answers_for_years_stays_one_question_and_costs_nothing() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&[NAME])).await;
    rig.work_off().await;
    advance(&rig, 3 * 365 * DAY).await;
    advance(&rig, 365 * DAY).await;
    let events = rig.event_types().await;
    assert_eq!(events.iter().filter(|kind| *kind == "domain.action_required").count(), 1);
    assert_eq!(
        (open(&rig).await.len(), renewed(&rig).await, status(&rig, &id).await),
        (1, 0, "action_required".into())
    );
    assert_eq!(resolve(&rig, json!({ "max_total_cents": 5_000 })).await.status, 200);
    rig.settle_all().await;
    // Registered until May of the second year, and now it is that of the fifth.
    assert_eq!(
        (open(&rig).await, booked(&rig).await),
        (vec![], vec![3_000; 4]),
        "each missing year once, at what it costs"
    );
    assert_eq!(renewed(&rig).await, 4);
}

#[tokio::test]
async fn a_worker_may_die_around_the_question_and_its_answer() {
    for (point, fate) in FATES {
        for answered in [false, true] {
            let context = format!("{point:?} {fate:?}, answered: {answered}");
            let probe = Arc::new(Once { step: StepName::RenewName, point, fate, met: Mutex::new(answered) });
            let rig = Rig::with_probe(probe.clone()).await;
            due(&rig).await;
            if answered {
                *probe.met.lock().unwrap() = false;
                assert_eq!(resolve(&rig, json!({ "max_total_cents": 3_000 })).await.status, 200, "{context}");
            }
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            let next = if fate == Fate::Die { restart(&rig).await } else { rig };
            next.work_off().await;
            if fate == Fate::Die {
                // It may have been bought: for so long it is only looked for.
                advance(&next, RENEWAL_SHOWS).await;
            }
            if !answered {
                assert_eq!((open(&next).await.len(), renewed(&next).await), (1, 0), "{context}");
                assert_eq!(resolve(&next, json!({ "max_total_cents": 3_000 })).await.status, 200, "{context}");
            }
            assert_eq!((open(&next).await, renewed(&next).await), (vec![], 1), "{context}");
            assert_eq!(booked(&next).await, [3_000], "{context}");
        }
    }
}

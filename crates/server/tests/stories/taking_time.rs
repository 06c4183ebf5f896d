//! Names whose providers take hours: what is waited for is told, done once, and survives whatever happens meanwhile.

use std::sync::{Arc, Mutex};

use engine::Fate;
use model::clock::{DAY, HOUR, MINUTE, SECOND};
use model::run::StepName;
use serde_json::{Value, json};

use crate::crash::{FATES, Once, everything_happened_once, restart};
use crate::support::swapping::{ask, delivered, domain_id, domains, live, swap};
use crate::support::{NOW, Rig, kept, order_body};

/// A name, the step that waits, for how long, and in which words.
const WAITS: [(&str, StepName, i64, &str); 3] = [
    (
        "pending-hours-acme.com",
        StepName::RegisterName,
        6 * HOUR,
        "The registrar has accepted the registration; the registry takes some hours over it.",
    ),
    (
        "dkim-slow-acme.com",
        StepName::OpenMailDomain,
        72 * HOUR,
        "The mail provider makes the domain's DKIM key, which can take up to three days.",
    ),
    (
        "late-mailbox-acme.com",
        StepName::CreateInboxes,
        10 * MINUTE,
        "The inboxes are made; it takes the mail provider some minutes to find them.",
    ),
];

/// Moves the sandbox's clock as a partner does, and lets the workers catch up.
async fn advance(rig: &Rig, micros: i64) {
    let body = json!({ "seconds": micros / SECOND });
    let moved = rig.call("POST", "/test/clock/advance", Some(&body)).await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    rig.work_off().await;
}

async fn step(rig: &Rig, order: &str, name: StepName) -> Value {
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body["data"].clone();
    let steps = timeline["domains"][0]["runs"][0]["steps"].as_array().unwrap().clone();
    steps.into_iter().find(|step| step["step"] == name.as_str()).unwrap()
}

#[tokio::test]
async fn what_takes_its_time_says_what_is_waited_for_and_until_when() {
    for (name, waiting, time, words) in WAITS {
        assert!(kept("docs/sandbox.md").contains(words), "the docs say what the timeline does");
        let rig = Rig::sqlite().await;
        let id = rig.place(&order_body(&[name])).await;
        rig.work_off().await;
        for passed in [0, time / 2 - time / 2 % SECOND, time - SECOND] {
            let shown = step(&rig, &id, waiting).await;
            let told = ["state", "trouble", "who", "next_try_at", "attempts"].map(|field| shown[field].clone());
            let until = json!(NOW.plus(time).to_string());
            assert_eq!(
                told,
                [json!("waiting"), json!(words), json!("provider"), until, json!(0)],
                "{name} at {passed}"
            );
            assert_eq!(rig.order(&id).await["status"], "in_progress");
            let open = rig.call("GET", "/orders/pending", None).await.body["data"].clone();
            assert_eq!(open, json!([]), "nobody has to do anything");
            advance(&rig, if passed == 0 { time / 2 } else { time / 2 - SECOND }).await;
        }
        rig.settle_all().await;
        everything_happened_once(&rig, &id, name, name).await;
    }
}

#[tokio::test]
async fn one_jump_over_years_comes_to_the_same_as_small_steps() {
    for (name, ..) in WAITS {
        for jump in [5 * DAY, 3 * 365 * DAY] {
            let rig = Rig::sqlite().await;
            let id = rig.place(&order_body(&[name])).await;
            rig.work_off().await;
            advance(&rig, jump).await;
            rig.settle_all().await;
            assert_eq!(rig.order(&id).await["status"], "completed", "{name}");
            assert_eq!(rig.effects("registered", name).await, 1, "{name}");
            for inbox in rig.call("GET", "/inboxes", None).await.body["data"].as_array().unwrap() {
                assert_eq!(rig.effects("mailbox_created", inbox["email"].as_str().unwrap()).await, 1, "{inbox}");
            }
        }
    }
}

#[tokio::test]
async fn a_worker_may_die_while_its_provider_takes_its_time() {
    for (name, step, time, _) in WAITS {
        for (point, fate) in FATES {
            let probe = Arc::new(Once { step, point, fate, met: Mutex::new(false) });
            let rig = Rig::with_probe(probe.clone()).await;
            let id = rig.place(&order_body(&[name])).await;
            rig.work_off().await;
            let context = format!("{name} {point:?} {fate:?}");
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            let next = if fate == Fate::Die { restart(&rig).await } else { rig };
            next.work_off().await;
            advance(&next, time).await;
            next.settle_all().await;
            everything_happened_once(&next, &id, name, &context).await;
        }
    }
}

#[tokio::test]
async fn what_is_cancelled_meanwhile_is_paid_for_as_far_as_it_was_bought_and_taken_down() {
    for (name, _, time, _) in WAITS {
        let rig = Rig::sqlite().await;
        let id = rig.place(&order_body(&[name])).await;
        rig.work_off().await;
        advance(&rig, time / 2).await;
        let cancelled = rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.body);
        rig.work_off().await;
        advance(&rig, time).await;
        assert_eq!(rig.order(&id).await["status"], "cancel_scheduled", "{name}");
        assert_eq!(rig.effects("registered", name).await, 1, "{name}: what was ordered comes, and is ours");
        advance(&rig, 32 * DAY).await;
        let order = rig.order(&id).await;
        assert_eq!(
            (order["status"].as_str(), &order["costs"]["charged_cents"]),
            (Some("cancelled"), &json!(2500)),
            "{name}"
        );
        let inventory = rig.call("GET", "/domains?category=inventory", None).await.body["data"].clone();
        assert_eq!((&inventory[0]["domain"], inventory.as_array().unwrap().len()), (&json!(name), 1));
        for (made, gone) in [
            ("zone_created", "zone_removed"),
            ("domain_opened", "domain_closed"),
            ("mailbox_created", "mailbox_deleted"),
        ] {
            let ledger = rig.wired.sim.ledger(None).await.unwrap();
            let count = |effect: &str| ledger.iter().filter(|row| row.effect == effect).count();
            assert_eq!(count(made), count(gone), "{name}: {made}");
        }
    }
}

#[tokio::test]
async fn a_cancellation_that_is_taken_back_meanwhile_changes_nothing() {
    for (name, _, time, _) in WAITS {
        let rig = Rig::sqlite().await;
        let id = rig.place(&order_body(&[name])).await;
        rig.work_off().await;
        advance(&rig, time / 2).await;
        rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
        // Nobody has looked since, or somebody has and waits to see what was bought.
        if name.starts_with("pending-") {
            rig.work_off().await;
        }
        let undone = rig.call("DELETE", &format!("/orders/{id}/cancel"), None).await;
        assert_eq!(undone.status, 200, "{name}: {}", undone.body);
        rig.work_off().await;
        advance(&rig, time).await;
        rig.settle_all().await;
        assert_eq!(rig.order(&id).await["status"], "completed", "{name}");
        assert_eq!(rig.effects("registered", name).await, 1, "{name}");
    }
}

#[tokio::test]
async fn a_replacement_may_take_its_time_too() {
    for (name, _, time, _) in WAITS {
        let rig = Rig::sqlite().await;
        let (id, _) = delivered(&rig).await;
        let begun = ask(&rig, "standard", &domain_id(&rig, &id, "acme-one.com").await, name).await;
        rig.work_off().await;
        advance(&rig, time / 2).await;
        assert_eq!(swap(&rig, &begun["id"]).await["status"], "in_progress", "{name}");
        advance(&rig, time / 2).await;
        advance(&rig, 5 * MINUTE).await;
        assert_eq!(swap(&rig, &begun["id"]).await["status"], "completed", "{name}");
        assert_eq!(rig.effects("registered", name).await, 1, "{name}");
        let mut left = domains(&rig, &id).await;
        left.retain(|(_, status)| status == "active");
        left.sort();
        let mut wanted = live(&["acme-two.com", name]);
        wanted.sort();
        assert_eq!(left, wanted);
    }
}

//! Swaps that are cancelled, at every stage, alone and with their domain or order.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::{DAY, MINUTE, SECOND};
use model::run::StepName;
use model::task::Lane;
use serde_json::{Value, json};

use crate::support::swapping::*;
use crate::support::{Rig, order_body};

async fn cancel_order(rig: &Rig, order: &str, body: Option<&Value>) -> Value {
    let answer = rig.call("POST", &format!("/orders/{order}/cancel"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// Nothing of the swap is left: the order is what it was.
async fn as_before(rig: &Rig, order: &str, id: &Value) {
    assert_eq!(swap(rig, id).await["status"], "cancelled");
    assert_eq!(domains(rig, order).await, live(&["acme-one.com", "acme-two.com"]));
    let again = rig.call("POST", &format!("/swaps/{}/cancel", id.as_str().unwrap()), None).await;
    assert_eq!((again.status.as_u16(), &again.body["error"]["code"]), (409, &json!("conflict")));
    assert_eq!(again.body["error"]["details"]["reason"], "swap_cancelled");
    assert_eq!(rig.next_due().await, None);
}

async fn priced() -> Rig {
    let mut rig = Rig::sqlite().await;
    rig.config.prices.swap_cents = 500;
    rig.another(None).await
}

#[tokio::test]
async fn one_that_has_not_begun_or_waits_is_cancelled_at_once() {
    proves!("event swap.cancelled");
    for replacement in ["acme-new.com", "taken-acme.com"] {
        let rig = priced().await;
        let (order, before) = delivered(&rig).await;
        let old = domain_id(&rig, &order, "acme-two.com").await;
        let asked = ask(&rig, "standard", &old, replacement).await;
        let waits = replacement == "taken-acme.com";
        if waits {
            rig.work_off().await;
        }
        let cancelled = cancel_swap(&rig, &asked["id"]).await;
        assert_eq!((&cancelled["status"], &cancelled["reason"]), (&json!("cancelled"), &json!("cancel_requested")));
        assert_eq!(shown(&last_event(&rig).await), cancelled);
        rig.settle_all().await;
        as_before(&rig, &order, &asked["id"]).await;
        assert_eq!(charged(&rig, &order).await, 6800);
        let events = told(&rig, before).await;
        assert_eq!(events.last().map(String::as_str), Some("swap.cancelled"));
        assert_eq!(events.len(), if waits { 3 } else { 2 });
        assert_eq!(rig.effects("registered", replacement).await, 0);
    }
}

#[tokio::test]
async fn one_that_is_not_bought_yet_never_is() {
    let rig = priced().await;
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "slow-acme.com").await;
    rig.work_off().await;
    assert_eq!(charged(&rig, &order).await, 6800 + 500 + 1300);
    let cancelled = cancel_swap(&rig, &asked["id"]).await;
    assert_eq!(cancelled["status"], "in_progress");
    assert_eq!(cancel_swap(&rig, &asked["id"]).await, cancelled, "twice is the same answer");
    rig.settle_all().await;
    as_before(&rig, &order, &asked["id"]).await;
    assert_eq!(charged(&rig, &order).await, 6800);
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 0);
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.in_progress", "swap.cancelled"]);
}

#[tokio::test]
async fn one_that_is_half_made_is_taken_away_and_its_name_kept() {
    let rig = priced().await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    // It asks when accounts are to be linked: everything else is there.
    let asked = ask(&rig, "standard", &old, "action-login-acme.com").await;
    rig.work_off().await;
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "action_required");
    assert_eq!(rig.effects("mailbox_created", "alex.rivera@action-login-acme.com").await, 1);
    assert_eq!(cancel_swap(&rig, &asked["id"]).await["status"], "action_required");
    rig.settle_all().await;
    as_before(&rig, &order, &asked["id"]).await;
    for (effect, subject) in [
        ("mailbox_deleted", "alex.rivera@action-login-acme.com"),
        ("domain_closed", "action-login-acme.com"),
        ("zone_removed", "action-login-acme.com"),
    ] {
        assert_eq!(rig.effects(effect, subject).await, 1, "{effect}");
    }
    assert_eq!(charged(&rig, &order).await, 6800 + 1300);
    let again = rig.place(&order_body(&["action-login-acme.com"])).await;
    assert_eq!(charged(&rig, &again).await, 1200);
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&again).await["status"], "completed");
}

#[tokio::test]
async fn one_that_is_done_stays_done() {
    let rig = Rig::sqlite().await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "acme-new.com").await;
    rig.settle_all().await;
    let refused = rig.call("POST", &format!("/swaps/{}/cancel", asked["id"].as_str().unwrap()), None).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["error"]["details"]["reason"], "swap_completed");
}

async fn with_the_order(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let (one, two) = (domain_id(&rig, &order, "acme-one.com").await, domain_id(&rig, &order, "acme-two.com").await);
    let waiting = ask(&rig, "standard", &one, "taken-acme.com").await;
    rig.work_off().await;
    let making = ask(&rig, "standard", &two, "slow-acme.com").await;
    rig.work_off().await;
    assert_eq!(swap(&rig, &making["id"]).await["status"], "in_progress");
    let cancelled = cancel_order(&rig, &order, None).await;
    assert_eq!(cancelled["domains"].as_array().unwrap().len(), 2, "replacements are no domains of their own yet");
    assert_eq!(cancel_order(&rig, &order, None).await, cancelled);
    let left = async |id| {
        let swap = swap(&rig, id).await;
        assert_eq!((&swap["status"], &swap["reason"]), (&json!("cancelled"), &json!("domain_leaves")));
    };
    left(&waiting["id"]).await;
    rig.settle_all().await;
    left(&making["id"]).await;
    assert_eq!(cancel_order(&rig, &order, None).await, cancelled);
    assert_eq!(rig.order(&order).await["cancellation"]["domains"], cancelled["domains"]);
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 0);
    assert_eq!(charged(&rig, &order).await, 6800);
    assert_eq!(
        told(&rig, before).await,
        [
            "swap.created",
            "swap.action_required",
            "swap.created",
            "swap.in_progress",
            "swap.cancelled",
            "order.cancel_scheduled",
            "swap.cancelled"
        ]
    );
    let refused = refused(&rig, "standard", &one, "acme-new.com").await;
    assert_eq!(refused["details"]["reason"], "order_cancel_scheduled");

    // Taking the cancellation back does not bring the swaps back.
    assert_eq!(rig.call("DELETE", &format!("/orders/{order}/cancel"), None).await.status, 200);
    rig.settle_all().await;
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-two.com"]));
    cancel_order(&rig, &order, None).await;
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
}

#[tokio::test]
async fn a_cancelled_order_takes_its_open_swaps_along_on_sqlite() {
    with_the_order(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_cancelled_order_takes_its_open_swaps_along_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        with_the_order(rig).await;
    }
}

#[tokio::test]
async fn a_cancelled_domain_takes_its_open_swap_along() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let old = domain_id(&rig, &order, "acme-one.com").await;
    let asked = ask(&rig, "standard", &old, "slow-acme.com").await;
    rig.work_off().await;
    rig.advance(6 * SECOND).await;
    assert_eq!(rig.effects("registered", "slow-acme.com").await, 1);
    // The only domain of an order is the order, also while another is being made in its place.
    let leaving = cancel_order(&rig, &order, Some(&json!({ "domains": ["acme-one.com"] }))).await;
    assert_eq!(leaving["domains"][0]["domain"], "acme-one.com");
    assert_eq!(rig.order(&order).await["status"], "cancel_scheduled");
    rig.settle_all().await;
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "cancelled");
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
    let again = rig.place(&order_body(&["slow-acme.com"])).await;
    assert_eq!(charged(&rig, &again).await, 1200, "what was bought is the partner's");
}

#[tokio::test]
async fn a_replacement_in_the_making_is_cancelled_with_its_swap_and_not_by_itself() {
    let rig = Rig::sqlite().await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "slow-acme.com").await;
    rig.work_off().await;
    let body = json!({ "domains": ["slow-acme.com"] });
    let refused = rig.call("POST", &format!("/orders/{order}/cancel"), Some(&body)).await.body;
    assert_eq!(refused["error"]["details"]["reason"], "in_a_swap", "{refused}");
    let path = format!("/swaps/{}/cancel", asked["id"].as_str().unwrap());
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    rig.settle_all().await;
    let gone = rig.call("POST", &format!("/orders/{order}/cancel"), Some(&body)).await.body;
    assert_eq!(gone["error"]["details"]["reason"], "not_live", "{gone}");
    as_before(&rig, &order, &asked["id"]).await;
    assert_eq!(rig.order(&order).await["status"], "completed");
    assert_eq!(rig.order(&order).await["cancellation"], Value::Null);
    rig.advance(32 * DAY).await;
    assert_eq!(charged(&rig, &order).await, 6800 + 4200);
    assert_eq!(rig.order(&order).await["domain_count"], 2);
}

#[tokio::test]
async fn a_domain_that_is_kept_warm_does_not_outlive_its_order() {
    let rig = Rig::sqlite().await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-one.com").await;
    rig.advance(25 * DAY).await;
    ask(&rig, "premium", &old, "acme-new.com").await;
    rig.settle_all().await;
    let cancelled = cancel_order(&rig, &order, None).await;
    assert_eq!(cancelled["cancels_at"], "2026-06-08T12:00:00Z");
    assert_eq!(cancelled["domains"].as_array().unwrap().len(), 2);
    rig.advance(7 * DAY).await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
    assert_eq!(rig.effects("mailbox_deleted", "alex.rivera@acme-one.com").await, 1);
    assert_eq!(rig.next_due().await, None);
}

/// A cancellation that comes while a worker is in the middle of a step.
async fn cancelled_during(step: StepName, domain: &'static str) -> (Rig, String, Value) {
    let during = Arc::new(During::a(step, domain));
    let rig = Rig::with_probe(during.clone()).await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "acme-new.com").await;
    let (id, caller) = (asked["id"].clone(), Arc::new(rig.as_partner(rig.partner.clone(), rig.key.clone())));
    during.happens(move || {
        let (id, caller) = (id.clone(), caller.clone());
        async move { _ = cancel_swap(&caller, &id).await }.boxed()
    });
    rig.work_off().await;
    rig.settle_all().await;
    (rig, order, asked["id"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_in_the_middle_of_the_search_finds_that_it_is_over() {
    let (rig, order, id) = cancelled_during(StepName::FindReplacement, "acme-two.com").await;
    as_before(&rig, &order, &id).await;
    assert_eq!(charged(&rig, &order).await, 6800);
    assert_eq!(rig.effects("registered", "acme-new.com").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_at_the_last_step_is_obeyed_too() {
    for step in [StepName::RegisterName, StepName::ConfirmReady] {
        let (rig, order, id) = cancelled_during(step, "acme-new.com").await;
        as_before(&rig, &order, &id).await;
        assert_eq!(charged(&rig, &order).await, 6800 + 1300, "the name was bought");
        let again = rig.place(&order_body(&["acme-new.com"])).await;
        assert_eq!(charged(&rig, &again).await, 1200);
    }
}

#[tokio::test]
async fn an_order_waits_for_a_replacement_that_is_still_being_stopped() {
    let rig = Rig::sqlite().await;
    let (order, _) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "slow-acme.com").await;
    rig.work_off().await;
    cancel_order(&rig, &order, None).await;
    // The paid period is over before any worker has looked.
    rig.clock.advance(32 * DAY);
    rig.wired.engine.work_due(Lane::Timer).await.unwrap();
    assert_eq!(rig.order(&order).await["status"], "cancel_scheduled");
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "cancelled");
    assert_eq!(rig.next_due().await, None);
}

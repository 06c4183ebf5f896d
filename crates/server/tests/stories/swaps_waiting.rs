//! Replacements that cannot be had at once, wait for a person, or never come to be.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::clock::{DAY, MINUTE, SECOND};
use model::run::StepName;
use serde_json::{Value, json};

use crate::support::swapping::*;
use crate::support::{Rig, order_body};

async fn waits(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "taken-acme.com").await;
    rig.work_off().await;
    let waiting = swap(&rig, &asked["id"]).await;
    assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("action_required"), &json!("name_taken")));
    let event = last_event(&rig).await;
    assert_eq!((shown(&event), &event["action_id"]), (waiting, &Value::Null));
    assert!(event["message"].as_str().unwrap().contains("goes on by itself"), "{event}");
    for _ in 0..3 {
        rig.advance(10 * MINUTE).await;
    }
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.action_required"], "it is told once");
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-two.com"]));
    assert_eq!(rig.order(&order).await["status"], "completed");

    // It goes on by itself; a name that the partner brings costs no registration.
    own(&rig, "taken-acme.com").await;
    rig.advance(10 * MINUTE - SECOND).await;
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "action_required");
    rig.advance(SECOND).await;
    rig.settle_all().await;
    let completed = swap(&rig, &asked["id"]).await;
    assert_eq!((&completed["status"], &completed["reason"]), (&json!("completed"), &Value::Null));
    assert_eq!(
        told(&rig, before).await,
        ["swap.created", "swap.action_required", "swap.in_progress", "domain.connected", "swap.completed"]
    );
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "taken-acme.com"]));
    assert_eq!(charged(&rig, &order).await, 6800);
    assert_eq!(rig.effects("registered", "taken-acme.com").await, 0);
}

#[tokio::test]
async fn a_swap_waits_for_its_replacement_and_goes_on_by_itself_on_sqlite() {
    proves!("event swap.action_required");
    waits(Rig::sqlite().await).await;
}

#[tokio::test]
async fn a_swap_waits_for_its_replacement_and_goes_on_by_itself_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        waits(rig).await;
    }
}

#[tokio::test]
async fn a_name_that_the_provider_can_never_use_ends_the_swap() {
    let rig = Rig::sqlite().await;
    let (order, _) = delivered(&rig).await;
    let microsoft = domain_id(&rig, &order, "acme-one.com").await;
    let asked = ask(&rig, "standard", &microsoft, "team-acme.com").await;
    rig.work_off().await;
    let failed = swap(&rig, &asked["id"]).await;
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("replacement_unsuitable")));
    assert_eq!(rig.effects("registered", "team-acme.com").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_taken_at_the_last_moment_is_not_ready_and_no_error() {
    let during = Arc::new(During::a(StepName::FindReplacement, "acme-two.com"));
    let rig = Rig::with_probe(during.clone()).await;
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let wired = rig.wired.clone();
    during.happens(move || {
        let wired = wired.clone();
        async move { steal(&wired, "acme-new.com").await }.boxed()
    });
    let asked = ask(&rig, "standard", &old, "acme-new.com").await;
    rig.work_off().await;
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "action_required");
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.action_required"]);
    assert_eq!(charged(&rig, &order).await, 6800);
}

#[tokio::test]
async fn a_replacement_that_waits_for_a_person_makes_its_swap_wait() {
    let rig = Rig::sqlite().await;
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "action-acme.com").await;
    rig.work_off().await;
    let waiting = swap(&rig, &asked["id"]).await;
    assert_eq!((&waiting["status"], &waiting["reason"]), (&json!("action_required"), &json!("registrar_rejected")));
    let (event, open) = (last_event(&rig).await, rig.call("GET", "/orders/pending", None).await.body);
    assert_eq!(shown(&event), waiting);
    assert_eq!((&event["action_id"], &event["message"]), (&open["data"][0]["id"], &open["data"][0]["message"]));
    assert_eq!(rig.order(&order).await["status"], "completed", "a completed order is not asked again");
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    assert_eq!(swap(&rig, &asked["id"]).await["status"], "completed");
    assert_eq!(
        told(&rig, before).await,
        [
            "swap.created",
            "swap.in_progress",
            "domain.action_required",
            "swap.action_required",
            "swap.in_progress",
            "domain.connected",
            "swap.completed"
        ]
    );
}

#[tokio::test]
async fn in_an_order_that_is_not_completed_a_swap_counts_like_any_domain() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["acme-one.com", "action-capacity-acme.com"])).await;
    rig.work_off().await;
    assert_eq!(rig.order(&order).await["status"], "action_required");
    let before = rig.event_types().await.len();
    let old = domain_id(&rig, &order, "acme-one.com").await;
    ask(&rig, "standard", &old, "slow-acme.com").await;
    rig.work_off().await;
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    assert_eq!(
        told(&rig, before).await,
        [
            "swap.created",
            "swap.in_progress",
            "order.in_progress",
            "domain.connected",
            "domain.connected",
            "swap.completed",
            "order.completed"
        ]
    );
    let completed = last_event(&rig).await;
    assert_eq!(completed["domains"].as_array().unwrap().len(), 3, "the old name is still leaving");
    assert_eq!(completed["domains"][0]["status"], "releasing");
    rig.advance(DAY).await;
    assert_eq!(domains(&rig, &order).await, live(&["slow-acme.com", "action-capacity-acme.com"]));
}

#[tokio::test]
async fn a_replacement_that_fails_for_good_is_credited_and_kept() {
    proves!("event swap.failed");
    let mut rig = Rig::sqlite().await;
    rig.config.prices.swap_cents = 500;
    let rig = rig.another(None).await;
    let (order, before) = delivered(&rig).await;
    let old = domain_id(&rig, &order, "acme-two.com").await;
    let asked = ask(&rig, "standard", &old, "fail-acme.com").await;
    assert_eq!(charged(&rig, &order).await, 7300);
    rig.settle_all().await;
    let failed = swap(&rig, &asked["id"]).await;
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("replacement_failed")));
    let event = last_event(&rig).await;
    assert_eq!((shown(&event), &event["action_id"]), (failed, &Value::Null));
    assert!(event["message"].as_str().unwrap().starts_with("The replacement could not be made ready."), "{event}");
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.in_progress", "swap.failed"]);
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-two.com"]));
    // The name was bought and is the partner's; the swap comes back.
    assert_eq!(charged(&rig, &order).await, 6800 + 1300);
    assert_eq!(rig.order(&order).await["costs"]["total_cents"], 6800);
    let again = rig.place(&order_body(&["fail-acme.com"])).await;
    assert_eq!(charged(&rig, &again).await, 1200);
    // The domain can be swapped again: its second swap has a line of its own.
    ask(&rig, "standard", &old, "acme-new.com").await;
    rig.settle_all().await;
    assert_eq!(charged(&rig, &order).await, 6800 + 1300 + 500 + 1300);
    let items = rig.order(&order).await["costs"]["line_items"].clone();
    let swaps: Vec<_> = items.as_array().unwrap().iter().filter(|line| line["type"] == "swap").collect();
    assert_eq!(
        swaps,
        [&json!({ "type": "swap", "quantity": 2, "unit_cents": 500, "amount_cents": 1000, "period": Value::Null })]
    );
}

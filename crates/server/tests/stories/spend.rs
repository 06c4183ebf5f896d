//! Monthly spend limits: however many orders arrive at once, none slips past.

use model::change::Change;
use model::clock::{DAY, MINUTE};
use model::partner::{ApiKey, Partner};
use model::spend::Limited;
use serde_json::{Value, json};

use crate::support::swapping::{ask, charged, delivered, domain_id, swap};
use crate::support::{Rig, order_body, write};

/// An order of one name costs 2500 cents, so this is enough for three and not for four.
const LIMIT: i64 = 9_999;

async fn limit(rig: &Rig, whose: Limited) {
    limit_to(rig, whose, LIMIT).await;
}

async fn limit_to(rig: &Rig, whose: Limited, cents: i64) {
    let mut change = Change::default();
    let (mut db, spend_limit_cents) = (rig.wired.store.read().await.unwrap(), Some(cents));
    match whose {
        Limited::Partner => {
            let partner = store::partners::get(&mut db, &rig.partner.id).await.unwrap().unwrap();
            change.partners.update.push(Partner { spend_limit_cents, ..partner });
        }
        Limited::Key | Limited::OrderKey => {
            let key = store::keys::list(&mut db, Some(&rig.partner.id)).await.unwrap().remove(0);
            change.keys.update.push(ApiKey { spend_limit_cents, ..key });
        }
    }
    drop(db);
    write(&rig.wired, change).await;
}

async fn spend(rig: &Rig, whose: Limited) -> Value {
    let thing = if whose == Limited::Key { "api_key" } else { "partner" };
    rig.call("GET", "/me", None).await.body["data"][thing]["spend"].clone()
}

/// Half of the orders go to each of two processes, where there are two.
async fn sixteen_orders_against_a_limit_for_three(rigs: &[Rig], whose: Limited) {
    let rig = &rigs[0];
    limit(rig, whose).await;
    let bodies: Vec<_> = (0..16).map(|n| order_body(&[&format!("acme-{n}.com")])).collect();
    let calls = bodies.iter().enumerate().map(|(n, body)| rigs[n % rigs.len()].call("POST", "/orders", Some(body)));
    let answers = futures_util::future::join_all(calls).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((accepted.len(), refused.len()), (3, 13));
    for answer in refused {
        assert_eq!(answer.status, 402, "{}", answer.body);
        assert_eq!(answer.body["error"]["code"], "spend_limit_exceeded");
        assert_eq!(
            answer.body["error"]["details"],
            json!({ "limit_cents": LIMIT, "spent_cents": 7_500, "order_cents": 2_500, "scope": whose.as_str() })
        );
    }
    assert_eq!(spend(rig, whose).await, json!({ "limit_cents": LIMIT, "spent_cents": 7_500 }));
    rig.settle_all().await;
    let ledger = rig.wired.sim.ledger(None).await.unwrap();
    assert_eq!(ledger.iter().filter(|one| one.effect == "registered").count(), 3);

    let next = order_body(&["acme-next.com"]);
    assert_eq!(rig.call("POST", "/orders", Some(&next)).await.status, 402);
    rig.advance(30 * DAY).await;
    rig.place(&next).await;
    assert_eq!(spend(rig, whose).await["spent_cents"], 2_500);
}

async fn two_processes() -> Option<[Rig; 2]> {
    let first = Rig::postgres().await?;
    let second = first.another(None).await;
    Some([first, second])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_orders_a_partners_limit_lets_three_through_on_sqlite() {
    sixteen_orders_against_a_limit_for_three(&[Rig::sqlite().await], Limited::Partner).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_orders_a_partners_limit_lets_three_through_on_postgresql() {
    if let Some(rigs) = two_processes().await {
        sixteen_orders_against_a_limit_for_three(&rigs, Limited::Partner).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_orders_a_keys_limit_lets_three_through_on_sqlite() {
    sixteen_orders_against_a_limit_for_three(&[Rig::sqlite().await], Limited::Key).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_orders_a_keys_limit_lets_three_through_on_postgresql() {
    if let Some(rigs) = two_processes().await {
        sixteen_orders_against_a_limit_for_three(&rigs, Limited::Key).await;
    }
}

#[tokio::test]
async fn what_is_credited_may_be_spent_again() {
    let rig = Rig::sqlite().await;
    limit(&rig, Limited::Partner).await;
    rig.place(&order_body(&["fail-acme.com"])).await;
    assert_eq!(spend(&rig, Limited::Partner).await["spent_cents"], 2_500);
    rig.settle_all().await;
    assert_eq!(spend(&rig, Limited::Partner).await["spent_cents"], 1_300);
}

#[tokio::test]
async fn a_quote_is_bought_as_it_was_told() {
    let rig = Rig::sqlite().await;
    let mut body = order_body(&["acme-one.com", "acme-two.com"]);
    let quote = rig.call("POST", "/orders/quote", Some(&body)).await.body["data"].clone();
    body["quote_id"] = quote["id"].clone();
    let id = rig.place(&body).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(
        (&order["status"], &order["costs"]["total_cents"]),
        (&json!("completed"), &quote["costs"]["total_cents"])
    );
    assert_eq!(order["costs"]["line_items"], quote["costs"]["line_items"]);
    let told: Vec<_> = order["domains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({ "domain": one["domain"], "provider": one["provider"] }))
        .collect();
    assert_eq!(json!(told), quote["assignment"]);
}

/// Both are asked for while there is room for one: what is asked for is not booked yet. The other one waits until the
/// limit lets it in.
async fn two_swaps_against_a_limit_for_one(rig: Rig, whose: Limited) {
    let (order, _) = delivered(&rig).await;
    let mut swaps = vec![];
    limit_to(&rig, whose, 6_800 + 1_300).await;
    for (old, new) in [("acme-one.com", "acme-three.com"), ("acme-two.com", "acme-four.com")] {
        let domain = domain_id(&rig, &order, old).await;
        swaps.push(ask(&rig, "standard", &domain, new).await["id"].clone());
    }
    rig.work_off().await;
    let mut waiting = vec![];
    for id in &swaps {
        waiting.extend((swap(&rig, id).await["status"] == "action_required").then_some(id));
    }
    assert_eq!((waiting.len(), charged(&rig, &order).await), (1, 8_100));
    rig.advance(10 * MINUTE).await;
    assert_eq!(
        (swap(&rig, waiting[0]).await["status"].as_str(), charged(&rig, &order).await),
        (Some("action_required"), 8_100)
    );
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body.to_string();
    assert!(timeline.contains("more than the monthly spend limit leaves"), "{timeline}");

    limit_to(&rig, whose, 6_800 + 2 * 1_300).await;
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    for id in &swaps {
        assert_eq!(swap(&rig, id).await["status"], "completed");
    }
    assert_eq!(charged(&rig, &order).await, 9_400);
}

#[tokio::test]
async fn of_two_swaps_a_partners_limit_lets_one_buy_its_name_on_sqlite() {
    two_swaps_against_a_limit_for_one(Rig::sqlite().await, Limited::Partner).await;
}

#[tokio::test]
async fn of_two_swaps_a_keys_limit_lets_one_buy_its_name_on_sqlite() {
    two_swaps_against_a_limit_for_one(Rig::sqlite().await, Limited::Key).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_swaps_a_partners_limit_lets_one_buy_its_name_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        two_swaps_against_a_limit_for_one(rig, Limited::Partner).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_swaps_a_keys_limit_lets_one_buy_its_name_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        two_swaps_against_a_limit_for_one(rig, Limited::Key).await;
    }
}

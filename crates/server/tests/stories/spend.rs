//! Monthly spend limits: however many orders arrive at once, none slips past.

use model::change::Change;
use model::clock::DAY;
use model::partner::{ApiKey, Partner};
use model::spend::Limited;
use serde_json::{Value, json};

use crate::support::{Rig, order_body, write};

/// An order of one name costs 2500 cents, so this is enough for three and not for four.
const LIMIT: i64 = 9_999;

async fn limit(rig: &Rig, whose: Limited) {
    let mut change = Change::default();
    match whose {
        Limited::Partner => {
            change.partners.update.push(Partner { spend_limit_cents: Some(LIMIT), ..rig.partner.clone() });
        }
        Limited::Key => {
            let mut db = rig.wired.store.read().await.unwrap();
            let key = store::keys::list(&mut db, Some(&rig.partner.id)).await.unwrap().remove(0);
            change.keys.update.push(ApiKey { spend_limit_cents: Some(LIMIT), ..key });
        }
    }
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

//! Prices that rise between an order and its purchases, and accounts that are full, with two registrars.

use model::clock::MINUTE;
use serde_json::json;

use super::stage::Live;
use super::{prices, purchases, status};

#[tokio::test]
async fn a_risen_price_is_agreed_with_whoever_the_domain_is_at() {
    let live = Live::new().await;
    let id = live.place(&["acme-one.com"]).await;
    // Dearer than at the other one by now.
    live.namecom.raise(1_000);
    live.rig.work_off().await;
    let open = live.rig.call("GET", &format!("/orders/pending?order_id={id}"), None).await.body;
    assert_eq!(open["data"][0]["reason"], "price_changed", "{open}");
    let path = format!("/orders/pending/{}/resolve", open["data"][0]["id"].as_str().unwrap());
    let order = live.rig.order(&id).await;
    let most = order["costs"]["charged_cents"].as_i64().unwrap() + 1_000;
    let low = live.rig.call("POST", &path, Some(&json!({ "max_total_cents": most - 1 }))).await;
    assert_eq!(low.body["error"]["code"], "price_changed", "{}", low.body);
    let agreed = live.rig.call("POST", &path, Some(&json!({ "max_total_cents": most }))).await;
    assert_eq!(agreed.status, 200, "{}", agreed.body);
    live.rig.settle_all().await;
    let order = live.rig.order(&id).await;
    assert_eq!((status(&order), live.bought("acme-one.com")), ("completed", (1, 0)), "{order:#}");
    assert_eq!(order["costs"]["charged_cents"], most);
    let paid: Vec<_> = purchases(&live).await.iter().filter_map(|one| one.paid_cents).collect();
    assert_eq!(paid, [2_099]);
}

#[tokio::test]
async fn a_registrar_that_is_full_sells_nothing_more() {
    let live = Live::with(|text| text.replacen("token =", "most_domains = 1\ntoken =", 1)).await;
    live.place(&["acme-one.com"]).await;
    live.rig.settle_all().await;
    assert_eq!(live.bought("acme-one.com"), (1, 0));
    // What was counted is believed for some seconds.
    live.rig.advance(MINUTE).await;
    live.place(&["acme-two.com"]).await;
    live.rig.settle_all().await;
    assert_eq!(live.bought("acme-two.com"), (0, 1), "though the first comes first");
    assert_eq!(
        prices(&live, &["acme-three.com"]).await,
        [("acme-three.com".to_owned(), Some(1_650))],
        "nor tells a price"
    );
}

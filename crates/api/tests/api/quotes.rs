//! What an order would cost.

use model::id::{Id, QuoteId};
use serde_json::{Value, json};
use store::quotes;

use crate::support::{Api, order, with};

const PATH: &str = "/partner/v1/orders/quote";

fn codes(quote: &Value) -> Vec<(&str, &str)> {
    let problems = quote["problems"].as_array().expect("a list");
    problems
        .iter()
        .map(|one| (one["code"].as_str().expect("a code"), one["field"].as_str().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn size_and_names_are_enough() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = json!({ "bundle_id": bundle, "domains": ["acme-mail.com", "team-acme.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    let id = reply.data()["id"].as_str().unwrap();
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "costs": {
                "total_cents": 6800,
                "currency": "usd",
                "line_items": [
                    { "type": "domain_registration", "quantity": 2, "unit_cents": 1300, "amount_cents": 2600, "period": null },
                    { "type": "google_license", "quantity": 2, "unit_cents": 600, "amount_cents": 1200, "period": "2026-05-08" },
                    { "type": "microsoft_license", "quantity": 1, "unit_cents": 3000, "amount_cents": 3000, "period": "2026-05-08" }
                ]
            },
            "monthly_cents": 4200,
            "assignment": [
                { "domain": "acme-mail.com", "provider": "microsoft" },
                { "domain": "team-acme.com", "provider": "google" }
            ],
            "problems": [],
            "expires_at": "2026-05-08T12:15:00Z"
        })
    );
    let mut db = api.store.read().await.unwrap();
    let scope = api.scope();
    let kept = quotes::get(&mut db, &scope, &QuoteId::opaque(id)).await.unwrap().unwrap();
    assert_eq!(kept.total_cents, 6800);
    assert_eq!(serde_json::from_str::<Value>(&kept.data).unwrap(), *reply.data());
    assert_eq!(api.names.confirmations(), 0);
    assert_eq!(api.nudges(), 0);
}

#[tokio::test]
async fn a_quote_and_its_order_cost_the_same() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let quote = api.post(PATH, &order(&bundle)).await.is(200);
    assert_eq!(quote.data()["problems"], json!([]));
    let id = api.post("/partner/v1/orders", &order(&bundle)).await.is(200).data()["id"].clone();
    let placed = api.get(&format!("/partner/v1/orders/{}", id.as_str().unwrap())).await.is(200);
    assert_eq!(placed.data()["costs"]["line_items"], quote.data()["costs"]["line_items"]);
    for (domain, assigned) in
        placed.data()["domains"].as_array().unwrap().iter().zip(quote.data()["assignment"].as_array().unwrap())
    {
        assert_eq!((&domain["domain"], &domain["provider"]), (&assigned["domain"], &assigned["provider"]));
    }
}

#[tokio::test]
async fn the_problems_of_all_stages_are_listed() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = with(
        &order(&bundle),
        &[
            ("user", json!("usr_nobody")),
            ("forwarding_url", json!("http://localhost")),
            ("domains", json!(["taken-a.com", "premium-b.com", "c.com"])),
            ("max_total_cents", json!(100)),
        ],
    );
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(
        codes(reply.data()),
        [
            ("invalid_request", "forwarding_url"),
            ("not_found", "user"),
            ("domain_count_mismatch", "domains"),
            ("domain_unavailable", "domains[0]"),
            ("price_changed", "max_total_cents"),
        ]
    );
    assert_eq!(reply.data()["assignment"], json!([]));
    assert_eq!(reply.data()["costs"]["total_cents"], 1300 + 4200);
    let details = &reply.data()["problems"][3]["details"]["domains"];
    assert_eq!(
        *details,
        json!([{ "domain": "taken-a.com", "reason": "taken" }, { "domain": "premium-b.com", "reason": "premium" }])
    );
}

#[tokio::test]
async fn names_that_are_none_are_problems_too() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = json!({ "bundle_id": bundle, "domains": ["acme.com", "not a name"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(codes(reply.data()), [("invalid_request", "domains[1]")]);
    let body = json!({ "bundle_id": "bun_none", "domains": ["acme.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(codes(reply.data()), [("not_found", "bundle_id")]);
    assert_eq!(reply.data()["costs"]["total_cents"], 1300);
    let body = json!({ "bundle_id": bundle, "domains": ["team-a.com", "team-b.com"] });
    assert_eq!(codes(api.post(PATH, &body).await.is(200).data()), [("domain_provider_mismatch", "domains")]);
}

#[tokio::test]
async fn without_size_or_names_there_is_no_quote() {
    let api = Api::start().await;
    let names = json!(["acme.com"]);
    api.post(PATH, &json!({ "domains": names })).await.refuses(400, "order_shape_conflict");
    let both = json!({ "domains": names, "bundle_id": "bun_1", "google_licenses": 2 });
    api.post(PATH, &both).await.refuses(400, "order_shape_conflict");
    api.post(PATH, &json!({ "bundle_id": "bun_1" })).await.refuses_field("domains");
    api.post(PATH, &json!({ "bundle_id": "bun_1", "domains": names, "users": [] })).await.refuses_field("users");
    api.post(PATH, &json!({ "google_licenses": 1.5, "domains": names })).await.refuses_field("google_licenses");
}

#[tokio::test]
async fn licences_are_quoted_without_a_bundle() {
    let api = Api::start().await;
    let body = json!({ "google_licenses": 5, "google_inboxes_per_domain": 3, "domains": ["a.com", "b.com"] });
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!(reply.data()["problems"], json!([]));
    assert_eq!(reply.data()["monthly_cents"], 3000);
    assert_eq!(reply.data()["costs"]["total_cents"], 5600);
}

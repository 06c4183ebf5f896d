//! Looking at names.

use model::clock::{Clock as _, MINUTE, SECOND};
use serde_json::{Value, json};

use crate::support::{Api, order, settings};

const PATH: &str = "/partner/v1/domains/availability";

async fn rows(api: &Api, names: &Value) -> Vec<Value> {
    let reply = api.post(PATH, &json!({ "domains": names })).await.is(200);
    reply.data()["domains"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn the_published_sample_answers_as_printed() {
    proves!("POST /domains/availability");
    let api = Api::start().await;
    let sample = r#"
    {
      "domains": [
        "acme-mail.com",
        "team-acme.com",
        "premium-acme.com"
      ]
    }"#;
    let builder = crate::support::request("POST", PATH, &api.key).header("Content-Type", "application/json");
    let reply = api.send(builder.body(axum::body::Body::from(sample)).unwrap()).await.is(200);
    assert_eq!(
        reply.json,
        json!({
            "data": {
                "domains": [
                    {
                        "domain": "acme-mail.com",
                        "available": true,
                        "price_cents": 1300,
                        "renewal_price_cents": 1500,
                        "currency": "usd",
                        "usable_for": ["google", "microsoft"]
                    },
                    {
                        "domain": "team-acme.com",
                        "available": true,
                        "price_cents": 1300,
                        "renewal_price_cents": 1500,
                        "currency": "usd",
                        "usable_for": ["google"]
                    },
                    { "domain": "premium-acme.com", "available": false, "premium": true, "reason": "premium" }
                ]
            }
        })
    );
}

#[tokio::test]
async fn a_name_that_is_sold_for_two_years_says_so() {
    let api = Api::start().await;
    let reply = api.post(PATH, &json!({ "domains": ["acme.ai"] })).await.is(200);
    assert_eq!(reply.json["data"]["domains"][0]["years"], 2, "{}", reply.json);
}

#[tokio::test]
async fn there_is_a_row_for_every_entry_in_the_order_sent() {
    let api = Api::start().await;
    let sent = json!([
        "Acme.COM.",
        "www.acme.com",
        "co.uk",
        "",
        "bücher.de",
        "acme.com",
        "a b.com",
        "\u{0}",
        "taken-a.com",
        "errored-a.com",
        "stale-a.com",
        "127.0.0.1"
    ]);
    let rows = rows(&api, &sent).await;
    let told: Vec<_> = rows.iter().map(|row| (row["domain"].as_str().unwrap(), row["reason"].as_str())).collect();
    assert_eq!(
        told,
        [
            ("acme.com", None),
            ("www.acme.com", Some("invalid")),
            ("co.uk", Some("invalid")),
            ("", Some("invalid")),
            ("xn--bcher-kva.de", None),
            ("acme.com", None),
            ("a b.com", Some("invalid")),
            ("\u{0}", Some("invalid")),
            ("taken-a.com", Some("taken")),
            ("errored-a.com", Some("errored")),
            ("stale-a.com", Some("stale")),
            ("127.0.0.1", Some("invalid")),
        ]
    );
    let open: Vec<_> = rows.iter().filter(|row| row["retry_at"].is_string()).map(|row| &row["reason"]).collect();
    assert_eq!(open, ["errored", "stale"], "when to ask again");
}

#[tokio::test]
async fn a_list_of_none_or_over_fifty_is_refused() {
    let api = Api::start().await;
    for domains in [json!([]), json!(vec!["a.com"; 51]), json!("a.com"), json!({ "a": 1 }), Value::Null] {
        api.post(PATH, &json!({ "domains": domains })).await.refuses_field("domains");
    }
    api.post(PATH, &json!({})).await.refuses_field("domains");
    api.post(PATH, &json!({ "domains": ["a.com", 7] })).await.refuses_field("domains[1]");
    let error = api.post(PATH, &json!({ "domain": ["a.com"] })).await.refuses_field("domain");
    assert!(error["message"].as_str().unwrap().contains("did you mean `domains`?"), "{error}");
    assert_eq!(rows(&api, &json!(vec!["a.com"; 50])).await.len(), 50);
}

#[tokio::test]
async fn answers_are_five_minutes_old_at_most() {
    let api = Api::start().await;
    assert_eq!(rows(&api, &json!(["acme-mail.com"])).await[0]["available"], true);
    api.names.sell("acme-mail.com");
    assert_eq!(rows(&api, &json!(["acme-mail.com"])).await[0]["available"], true);
    api.clock.advance(5 * MINUTE);
    assert_eq!(rows(&api, &json!(["acme-mail.com"])).await[0]["reason"], "taken");
}

#[tokio::test]
async fn a_registrar_that_does_not_answer_makes_rows_and_no_failure() {
    let api = Api::start().await;
    rows(&api, &json!(["acme-mail.com"])).await;
    api.clock.advance(6 * MINUTE);
    let rows = rows(&api, &json!(["acme-mail.com", "new.com", "away.com"])).await;
    let reasons: Vec<_> = rows.iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["stale", "errored", "errored"]);
    let retry_at = json!(api.clock.now().plus(30 * SECOND));
    assert!(rows.iter().all(|row| row["retry_at"] == retry_at), "{rows:?}");
}

#[tokio::test]
async fn a_name_that_is_in_an_order_is_taken_at_once() {
    let api = Api::start().await;
    assert_eq!(rows(&api, &json!(["acme-mail.com"])).await[0]["available"], true);
    let bundle = api.small_bundle().await;
    api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
    assert_eq!(rows(&api, &json!(["acme-mail.com"])).await[0]["reason"], "taken");
}

#[tokio::test]
async fn unknown_fields_pass_where_the_operator_says_so() {
    let lenient = api::Settings { ignore_unknown_fields: true, ..settings() };
    let api = Api::with(lenient).await;
    let body = json!({ "domains": ["acme.com"], "colour": "red" });
    api.post(PATH, &body).await.is(200);
    let bundle = api.small_bundle().await;
    let order = crate::support::with(&order(&bundle), &[("colour", json!("red"))]);
    api.post("/partner/v1/orders", &order).await.refuses_field("colour");
}

#[tokio::test]
async fn what_is_no_name_says_why_and_what_was_probably_meant() {
    let api = Api::start().await;
    let sent = json!(["acme\u{2011}mail.com", "\u{430}cme.com", "www.acme.com", "acme.gov", "uk.com", "acme.onion"]);
    let rows = rows(&api, &sent).await;
    let dash = "has the character U+2011, which no registry takes in a name; did you mean acme-mail.com?";
    assert_eq!((&rows[0]["message"], &rows[0]["did_you_mean"]), (&json!(dash), &json!("acme-mail.com")));
    assert_eq!((&rows[1]["reason"], &rows[1]["did_you_mean"]), (&json!("invalid"), &json!("acme.com")));
    assert_eq!(rows[2]["message"], "is a subdomain; send the root name that is registered");
    assert_eq!(
        (&rows[3]["reason"], &rows[3]["message"]),
        (&json!("invalid"), &json!("has an ending that no registrar sells"))
    );
    assert_eq!(rows[4]["available"], true, "what its owner gives others a part of is an ordinary name");
    assert_eq!(rows[5]["reason"], "invalid");
    assert!(rows[2].get("did_you_mean").is_none() && rows[4].get("message").is_none());
}

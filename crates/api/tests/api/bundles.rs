//! Saved order sizes.

use serde_json::{Value, json};

use crate::support::{Api, NOON, order, with};

const PATH: &str = "/partner/v1/bundles";

fn starter() -> Value {
    json!({
        "name": "Starter - 25k emails/month",
        "monthly_sending_volume": 25000,
        "send_on_weekends": false,
        "google_inboxes_per_domain": 2
    })
}

#[tokio::test]
async fn the_published_sample_answers_as_printed() {
    proves!("POST /bundles", "GET /bundles/{id}", "Bundle");
    let api = Api::start().await;
    let reply = api.post(PATH, &starter()).await.is(201);
    let id = reply.data()["id"].as_str().unwrap();
    assert!(id.starts_with("bun_") && id.len() == 30);
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "name": "Starter - 25k emails/month",
            "monthly_sending_volume": 25000,
            "google_percent": null,
            "microsoft_percent": null,
            "send_on_weekends": false,
            "google_inboxes_per_domain": 2,
            "effective": { "google_percent": 50, "microsoft_percent": 50 },
            "required_domains": { "google": 15, "microsoft": 4, "total": 19 },
            "status": "active",
            "created_at": NOON
        })
    );
    assert_eq!(api.get(&format!("{PATH}/{id}")).await.is(200).json, reply.json);
}

#[tokio::test]
async fn the_arithmetic_comes_out() {
    let api = Api::start().await;
    for (fields, google, microsoft) in [
        (json!({ "monthly_sending_volume": 100_000, "google_percent": 70, "microsoft_percent": 30 }), 80, 10),
        (json!({ "monthly_sending_volume": 880 }), 1, 1),
        (json!({ "monthly_sending_volume": 1 }), 1, 1),
        (json!({ "monthly_sending_volume": 880, "google_percent": 100, "microsoft_percent": 0 }), 1, 0),
        (json!({ "monthly_sending_volume": 3301, "google_percent": 0, "microsoft_percent": 100 }), 0, 2),
        (json!({ "monthly_sending_volume": 25000, "send_on_weekends": true, "google_inboxes_per_domain": 3 }), 7, 3),
    ] {
        let mut body = fields.clone();
        body["name"] = json!("A");
        let reply = api.post(PATH, &body).await.is(201);
        let required = json!({ "google": google, "microsoft": microsoft, "total": google + microsoft });
        assert_eq!(reply.data()["required_domains"], required, "{fields}");
    }
}

#[tokio::test]
async fn every_fault_is_told_at_its_place() {
    let api = Api::start().await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("  ")),
        ("name", json!("a\u{0}b")),
        ("name", json!("x".repeat(121))),
        ("name", json!(7)),
        ("name", Value::Null),
        ("monthly_sending_volume", json!(0)),
        ("monthly_sending_volume", json!(-5)),
        ("monthly_sending_volume", json!(10_000_001)),
        ("monthly_sending_volume", json!(25000.5)),
        ("monthly_sending_volume", json!("25000")),
        ("monthly_sending_volume", json!(true)),
        ("monthly_sending_volume", json!(1e300)),
        ("monthly_sending_volume", json!(u64::MAX)),
        ("microsoft_percent", json!(30)),
        ("google_percent", json!(30)),
        ("send_on_weekends", json!("no")),
        ("google_inboxes_per_domain", json!(1)),
        ("google_inboxes_per_domain", json!(4)),
    ] {
        let error = api.post(PATH, &with(&starter(), &[(field, value.clone())])).await.refuses(400, "invalid_request");
        let expected = match field {
            "microsoft_percent" => "google_percent",
            "google_percent" => "microsoft_percent",
            other => other,
        };
        assert_eq!(error["field"], expected, "{value}: {error}");
    }
    let uneven = with(&starter(), &[("google_percent", json!(70)), ("microsoft_percent", json!(31))]);
    api.post(PATH, &uneven).await.refuses_field("google_percent");
    let error = api.post(PATH, &json!({})).await.refuses_field("name");
    let fields: Vec<_> = error["details"]["errors"].as_array().unwrap().iter().map(|one| &one["field"]).collect();
    assert_eq!(fields, ["name", "monthly_sending_volume"]);
}

#[tokio::test]
async fn unknown_fields_are_refused_and_published_relics_are_not() {
    let api = Api::start().await;
    let relics = with(&starter(), &[("customer_price_cents", json!(9900)), ("currency", json!("usd"))]);
    let id = api.post(PATH, &relics).await.is(201).data()["id"].as_str().unwrap().to_owned();
    api.json("PATCH", &format!("{PATH}/{id}"), &json!({ "customer_price_cents": 1 })).await.is(200);
    let error = api.post(PATH, &with(&starter(), &[("send_on_weekend", json!(true))])).await;
    let error = error.refuses_field("send_on_weekend");
    assert!(error["message"].as_str().unwrap().contains("`send_on_weekends`"), "{error}");
}

#[tokio::test]
async fn a_volume_for_more_than_five_hundred_domains_names_the_largest_that_fits() {
    let api = Api::start().await;
    let error = api.post(PATH, &with(&starter(), &[("monthly_sending_volume", json!(10_000_000))])).await;
    let error = error.refuses_field("monthly_sending_volume");
    let largest = error["details"]["largest_volume"].as_i64().unwrap();
    assert!(error["message"].as_str().unwrap().contains(&largest.to_string()));
    let reply = api.post(PATH, &with(&starter(), &[("monthly_sending_volume", json!(largest))])).await.is(201);
    assert!(reply.data()["required_domains"]["total"].as_i64().unwrap() <= 500);
    api.post(PATH, &with(&starter(), &[("monthly_sending_volume", json!(largest + 1))])).await.is(400);
    let patch = json!({ "monthly_sending_volume": largest + 1 });
    let path = format!("{PATH}/{}", reply.data()["id"].as_str().unwrap());
    api.json("PATCH", &path, &patch).await.refuses_field("monthly_sending_volume");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    proves!("PATCH /bundles/{id}");
    let api = Api::start().await;
    let body = with(&starter(), &[("google_percent", json!(70)), ("microsoft_percent", json!(30))]);
    let first = api.post(PATH, &body).await.is(201).data().clone();
    let path = format!("{PATH}/{}", first["id"].as_str().unwrap());
    let renamed = api.json("PATCH", &path, &json!({ "name": "Other" })).await.is(200);
    assert_eq!(*renamed.data(), with(&first, &[("name", json!("Other"))]));
    let nothing = api.json("PATCH", &path, &json!({})).await.is(200);
    assert_eq!(nothing.json, renamed.json);
    let split = json!({ "google_percent": null, "microsoft_percent": null });
    let back = api.json("PATCH", &path, &split).await.is(200);
    assert_eq!(back.data()["google_percent"], Value::Null);
    assert_eq!(back.data()["effective"], json!({ "google_percent": 50, "microsoft_percent": 50 }));
    for (body, field) in [
        (json!({ "google_percent": null }), "microsoft_percent"),
        (json!({ "google_percent": 40 }), "microsoft_percent"),
        (json!({ "google_percent": 40, "microsoft_percent": null }), "microsoft_percent"),
        (json!({ "name": null }), "name"),
        (json!({ "send_on_weekends": null }), "send_on_weekends"),
        (json!({ "status": "archived" }), "status"),
    ] {
        api.json("PATCH", &path, &body).await.refuses_field(field);
    }
    assert_eq!(api.get(&path).await.json, back.json);
}

#[tokio::test]
async fn an_unused_bundle_is_deleted_and_a_used_one_is_archived() {
    proves!("DELETE /bundles/{id}", "error bundle_archived");
    let api = Api::start().await;
    let unused = api.small_bundle().await;
    let reply = api.json("DELETE", &format!("{PATH}/{unused}"), &json!({})).await.is(200);
    assert_eq!(reply.json, json!({ "data": { "id": unused, "status": "deleted" } }));
    api.get(&format!("{PATH}/{unused}")).await.refuses(404, "not_found");
    api.json("DELETE", &format!("{PATH}/{unused}"), &json!({})).await.refuses(404, "not_found");

    let used = api.small_bundle().await;
    api.post("/partner/v1/orders", &order(&used)).await.is(200);
    for _ in 0..2 {
        let reply = api.json("DELETE", &format!("{PATH}/{used}"), &json!({})).await.is(200);
        assert_eq!((&reply.data()["id"], &reply.data()["status"]), (&json!(used), &json!("archived")));
    }
    api.json("PATCH", &format!("{PATH}/{used}"), &json!({ "name": "New" })).await.refuses(409, "bundle_archived");
    let again = with(&order(&used), &[("domains", json!(["b.com", "c.com"]))]);
    let error = api.post("/partner/v1/orders", &again).await.refuses(409, "bundle_archived");
    assert_eq!(error["field"], "bundle_id");
    let listed = api.get(&format!("{PATH}?status=archived")).await.is(200);
    assert_eq!(listed.data()[0]["id"], json!(used));
    assert_eq!(api.get(&format!("{PATH}?status=active")).await.is(200).json["meta"]["returned"], 0);
    api.get(&format!("{PATH}?status=gone")).await.refuses_field("status");
}

#[tokio::test]
async fn an_order_keeps_its_size_when_the_bundle_changes() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let id = api.post("/partner/v1/orders", &order(&bundle)).await.is(200).data()["id"].clone();
    api.json("PATCH", &format!("{PATH}/{bundle}"), &json!({ "monthly_sending_volume": 25000 })).await.is(200);
    let path = format!("/partner/v1/orders/{}", id.as_str().unwrap());
    assert_eq!(api.get(&path).await.is(200).data()["domain_count"], 2);
}

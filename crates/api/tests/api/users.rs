//! Customers.

use model::order::OrderStatus;
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, NOON, order, with, without};

const PATH: &str = "/partner/v1/users";

fn alex() -> Value {
    json!({
        "email": "Alex@Acme.com",
        "first_name": "Alex",
        "last_name": "Rivera",
        "sequencer": { "provider": "smartlead", "client_id": 366_903 }
    })
}

async fn make(api: &Api, email: &str) -> String {
    let reply = api.post(PATH, &with(&alex(), &[("email", json!(email))])).await.is(201);
    reply.data()["id"].as_str().expect("an id").to_owned()
}

async fn emails(api: &Api, query: &str) -> Vec<String> {
    let reply = api.get(&format!("{PATH}{query}")).await.is(200);
    let rows = reply.data().as_array().expect("a list").iter();
    rows.map(|user| user["email"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_user_comes_back_as_it_was_sent_without_its_login() {
    proves!("POST /users", "GET /users/{id}", "User");
    let api = Api::start().await;
    let mut body = alex();
    body["sequencer"]["login_email"] = json!("peeker@acme.com");
    body["sequencer"]["login_password"] = json!("correct-horse");
    body["sequencer"]["api_key"] = json!("battery-staple");
    let reply = api.post(PATH, &body).await.is(201);
    let id = reply.data()["id"].as_str().unwrap();
    assert!(id.starts_with("usr_") && id.len() == 30);
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "email": "Alex@Acme.com",
            "first_name": "Alex",
            "last_name": "Rivera",
            "status": "active",
            "sequencer": { "provider": "smartlead", "client_id": 366_903 },
            "created_at": NOON
        })
    );
    assert_eq!(api.get(&format!("{PATH}/{id}")).await.is(200).json, reply.json);
    for file in std::fs::read_dir(api.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in ["correct-horse", "battery-staple"] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "a login was kept");
        }
    }
}

#[tokio::test]
async fn only_the_address_and_the_sequencer_are_needed() {
    let api = Api::start().await;
    for (n, route) in [json!({}), json!({ "client_id": null }), json!({ "client_id": "" })].into_iter().enumerate() {
        let sequencer = with(&route, &[("provider", json!("smartlead"))]);
        let body = json!({ "email": format!("a{n}@acme.com"), "sequencer": sequencer, "first_name": "" });
        let user = api.post(PATH, &body).await.is(201).data().clone();
        assert_eq!(user["sequencer"], json!({ "provider": "smartlead", "client_id": null }));
        assert_eq!((&user["first_name"], &user["last_name"]), (&Value::Null, &Value::Null));
    }
    let digits = with(&alex(), &[("sequencer", json!({ "provider": "smartlead", "client_id": "42" }))]);
    assert_eq!(api.post(PATH, &digits).await.is(201).data()["sequencer"]["client_id"], 42);
}

#[tokio::test]
async fn every_fault_is_told_at_its_place() {
    let api = Api::start().await;
    for (field, value) in [
        ("email", json!("alex")),
        ("email", json!("a b@acme.com")),
        ("email", json!(7)),
        ("email", json!(format!("{}@acme.com", "a".repeat(250)))),
        ("email", Value::Null),
        ("first_name", json!("x".repeat(61))),
        ("last_name", json!("a\u{7}b")),
        ("sequencer", Value::Null),
        ("sequencer", json!("smartlead")),
    ] {
        api.post(PATH, &with(&alex(), &[(field, value)])).await.refuses_field(field);
    }
    for (field, value) in [
        ("provider", json!("instantly")),
        ("provider", Value::Null),
        ("client_id", json!(-1)),
        ("client_id", json!("abc")),
        ("login_email", json!("nobody")),
        ("login_password", json!("")),
        ("clientid", json!(1)),
    ] {
        let sequencer = with(&alex()["sequencer"], &[(field, value)]);
        let body = with(&alex(), &[("sequencer", sequencer)]);
        api.post(PATH, &body).await.refuses_field(&format!("sequencer.{field}"));
    }
    let error = api.post(PATH, &json!({})).await.refuses_field("email");
    assert_eq!(error["details"]["errors"][1]["field"], "sequencer");
    api.post(PATH, &without(&alex(), "sequencer")).await.refuses_field("sequencer");
    assert_eq!(emails(&api, "").await, [""; 0]);
}

#[tokio::test]
async fn an_address_belongs_to_one_user_whatever_its_case() {
    let api = Api::start().await;
    let id = make(&api, "Alex@Acme.com").await;
    let again = with(&alex(), &[("email", json!("aLEX@acme.COM"))]);
    let error = api.post(PATH, &again).await.refuses(409, "already_exists");
    assert_eq!((&error["field"], &error["details"]["id"]), (&json!("email"), &json!(id)));
    let other = make(&api, "other@acme.com").await;
    let patch = json!({ "email": "ALEX@ACME.COM" });
    let error = api.json("PATCH", &format!("{PATH}/{other}"), &patch).await.refuses(409, "already_exists");
    assert_eq!(error["details"]["id"], json!(id));
    let renamed = api.json("PATCH", &format!("{PATH}/{id}"), &patch).await.is(200);
    assert_eq!(renamed.data()["email"], "ALEX@ACME.COM");

    let live = api.add_key(Environment::Live, Preset::Full).await;
    api.json_as(&live, "POST", PATH, &alex()).await.is(201);
    let partner = api.add_partner("Other").await;
    let theirs = api.add_key_of(&partner, Environment::Test, Preset::Full, |_| ()).await;
    api.json_as(&theirs, "POST", PATH, &alex()).await.is(201);
    api.get_as(&theirs, &format!("{PATH}/{id}")).await.refuses(404, "not_found");
    api.json_as(&live, "PATCH", &format!("{PATH}/{id}"), &patch).await.refuses(404, "not_found");
    api.json_as(&theirs, "DELETE", &format!("{PATH}/{id}"), &json!({})).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    proves!("PATCH /users/{id}");
    let api = Api::start().await;
    let path = format!("{PATH}/{}", make(&api, "alex@acme.com").await);
    let first = api.get(&path).await.data().clone();
    for (patch, changed) in [
        (json!({}), vec![]),
        (json!({ "sequencer": {} }), vec![]),
        (json!({ "first_name": "Al" }), vec![("first_name", json!("Al"))]),
        (json!({ "first_name": null, "last_name": "" }), vec![("first_name", json!(null)), ("last_name", json!(null))]),
        (
            json!({ "sequencer": { "client_id": "" } }),
            vec![("sequencer", json!({ "provider": "smartlead", "client_id": null }))],
        ),
        (json!({ "email": "a@b.com", "sequencer": { "provider": "smartlead" } }), vec![("email", json!("a@b.com"))]),
        (
            json!({ "sequencer": { "provider": "smartlead", "client_id": 7, "login_password": "x" } }),
            vec![("sequencer", json!({ "provider": "smartlead", "client_id": 7 }))],
        ),
    ] {
        let before = api.get(&path).await.data().clone();
        let reply = api.json("PATCH", &path, &patch).await.is(200);
        assert_eq!(*reply.data(), with(&before, &changed), "{patch}");
        assert_eq!(api.get(&path).await.json, reply.json);
    }
    assert_eq!(api.get(&path).await.data()["created_at"], first["created_at"]);
    for (patch, field) in [
        (json!({ "email": null }), "email"),
        (json!({ "email": "" }), "email"),
        (json!({ "sequencer": null }), "sequencer"),
        (json!({ "sequencer": { "provider": "other" } }), "sequencer.provider"),
        (json!({ "status": "deleted" }), "status"),
    ] {
        api.json("PATCH", &path, &patch).await.refuses_field(field);
    }
    api.json("PATCH", &format!("{PATH}/usr_1"), &json!({})).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_user_with_live_orders_stays_and_one_without_is_deleted_and_can_come_back() {
    proves!("DELETE /users/{id}");
    let api = Api::start().await;
    let id = make(&api, "Alex@acme.com").await;
    let path = format!("{PATH}/{id}");
    let bundle = api.small_bundle().await;
    let placed = api.post("/partner/v1/orders", &order(&bundle)).await.is(200);
    assert_eq!(placed.data()["user_id"], json!(id), "an order reuses the user with this address");
    let error = api.json("DELETE", &path, &json!({})).await.refuses(409, "conflict");
    assert_eq!(error["details"], json!({ "reason": "live_orders", "order_id": placed.data()["id"] }));

    end_order(&api, placed.data()["id"].as_str().unwrap()).await;
    let deleted = api.json("DELETE", &path, &json!({})).await.is(200);
    assert_eq!((&deleted.data()["id"], &deleted.data()["status"]), (&json!(id), &json!("deleted")));
    assert_eq!(api.json("DELETE", &path, &json!({})).await.is(200).json, deleted.json, "twice is the same");
    assert_eq!(api.get(&path).await.is(200).json, deleted.json);
    let error = api.json("PATCH", &path, &json!({ "first_name": "Al" })).await.refuses(409, "conflict");
    assert_eq!(error["details"]["reason"], "deleted");

    let again = make(&api, "alex@acme.com").await;
    assert_ne!(again, id);
    assert_eq!(emails(&api, "").await, ["alex@acme.com"]);
    assert_eq!(emails(&api, "?status=deleted").await, ["Alex@acme.com"]);
    let by_id = with(&order(&bundle), &[("user", json!(id)), ("domains", json!(["b.com", "c.com"]))]);
    api.post("/partner/v1/orders", &by_id).await.refuses(404, "not_found");
}

/// Lets an order fail, as it does when none of its names could be had.
async fn end_order(api: &Api, id: &str) {
    let mut db = api.store.read().await.expect("a connection");
    let found = store::orders::load(&mut db, &model::id::Id::opaque(id)).await;
    let mut order = found.expect("orders can be read").expect("the order is there");
    order.status = OrderStatus::Failed;
    let mut change = model::change::Change::default();
    change.orders.update.push(order);
    api.write(change).await;
}

#[tokio::test]
async fn the_list_is_narrowed_by_address_and_status() {
    proves!("GET /users");
    let api = Api::start().await;
    for email in ["a@acme.com", "B@acme.com", "c@acme.com"] {
        make(&api, email).await;
    }
    let gone = make(&api, "gone@acme.com").await;
    api.json("DELETE", &format!("{PATH}/{gone}"), &json!({})).await.is(200);
    assert_eq!(emails(&api, "").await, ["c@acme.com", "B@acme.com", "a@acme.com"]);
    assert_eq!(emails(&api, "?status=active&email=b@ACME.com").await, ["B@acme.com"]);
    assert_eq!(emails(&api, "?email=gone@acme.com").await, [""; 0]);
    assert_eq!(emails(&api, "?email=gone@acme.com&status=deleted").await, ["gone@acme.com"]);
    let page = api.get(&format!("{PATH}?per_page=2")).await.is(200);
    let next = page.json["links"]["next"].as_str().unwrap().split_once("/users").unwrap().1.to_owned();
    assert_eq!(emails(&api, &next).await, ["a@acme.com"]);
    api.get(&format!("{PATH}?status=gone")).await.refuses_field("status");
    api.get(&format!("{PATH}?email=")).await.refuses_field("email");
}

#[tokio::test]
async fn a_host_in_letters_and_in_a_labels_is_one_customer() {
    let api = Api::start().await;
    let made = api.post(PATH, &with(&alex(), &[("email", json!("Alex@Bücher.de"))])).await.is(201);
    assert_eq!(made.data()["email"], "Alex@Bücher.de", "as it was written");
    let id = &made.data()["id"];
    for same in ["alex@xn--bcher-kva.de", "alex@bücher.de", "ALEX@XN--BCHER-KVA.DE", "alex@bu\u{308}cher.de"] {
        let refused = api.post(PATH, &with(&alex(), &[("email", json!(same))])).await.refuses(409, "already_exists");
        assert_eq!(&refused["details"]["id"], id, "{same}");
        let query: String = url::form_urlencoded::byte_serialize(same.as_bytes()).collect();
        assert_eq!(emails(&api, &format!("?email={query}")).await, ["Alex@Bücher.de"], "{same}");
    }
    let mut body = order(&api.small_bundle().await);
    body["user"] = json!("alex@xn--bcher-kva.de");
    let placed = api.post("/partner/v1/orders", &body).await.is(200);
    assert_eq!(&placed.data()["user_id"], id);
    for list in ["orders?user_email", "domains?user_email"] {
        for email in ["alex@xn--bcher-kva.de", "alex@b%C3%BCcher.de"] {
            let found = api.get(&format!("/partner/v1/{list}={email}")).await.is(200);
            assert_ne!(found.data(), &json!([]), "{list}={email}");
        }
    }
}

#[tokio::test]
async fn what_is_sold_as_a_domain_is_a_host() {
    let api = Api::start().await;
    for (n, host) in ["हिन्दी.com", "привет-мир.рф", "acme\u{ad}shop.com", "東京タワー.jp", "l·l.cat"].iter().enumerate()
    {
        make(&api, &format!("a{n}@{host}")).await;
    }
    let lookalike = with(&alex(), &[("email", json!("a@acme\u{2011}mail.com"))]);
    api.post(PATH, &lookalike).await.refuses(400, "invalid_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_spellings_at_the_same_instant_make_one_customer() {
    let api = Api::start().await;
    let spelled = |n: usize| if n.is_multiple_of(2) { "a@bücher.de" } else { "a@xn--bcher-kva.de" };
    let body = |n| with(&alex(), &[("email", json!(spelled(n)))]);
    let replies = futures_util::future::join_all((0..16).map(|n| {
        let (api, body) = (&api, body(n));
        async move { api.post(PATH, &body).await }
    }))
    .await;
    let made: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(made.len(), 1);
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refused.json["error"]["details"]["id"], made[0].data()["id"]);
    }
}

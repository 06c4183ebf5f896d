//! Placing orders and following them.

use model::clock::{Clock as _, HOUR, SECOND};
use model::id::{Id, OrderId};
use model::partner::Preset;
use model::world::Environment;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{Api, NOON, order, settings, with, without};

const PATH: &str = "/partner/v1/orders";

#[tokio::test]
async fn the_published_sample_is_accepted_and_costs_6800() {
    proves!("POST /orders", "Receipt");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let reply = api.post(PATH, &order(&bundle)).await.is(200);
    let (id, user) = (&reply.data()["id"], &reply.data()["user_id"]);
    assert!(id.as_str().unwrap().starts_with("ord_") && user.as_str().unwrap().starts_with("usr_"));
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "user_id": user,
            "email": "alex@acme.com",
            "bundle_id": bundle,
            "status": "in_progress",
            "domain_count": 2,
            "costs": { "total_cents": 6800, "currency": "usd" },
            "renews_at": "2026-06-08T12:00:00Z",
            "reference": null,
            "metadata": {},
            "created_at": NOON
        })
    );
    assert_eq!(api.nudges(), 1);
}

#[tokio::test]
async fn an_order_is_read_in_full_and_its_login_never_comes_back() {
    proves!("GET /orders/{id}", "Order", "Costs", "OrderDomain", "SequencerView");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let body = with(
        &order(&bundle),
        &[
            ("reference", json!("A-1042")),
            ("metadata", json!({ "crm": "77", "note": "" })),
            ("max_total_cents", json!(6800)),
        ],
    );
    let id = api.post(PATH, &body).await.is(200).data()["id"].as_str().unwrap().to_owned();
    let reply = api.get(&format!("{PATH}/{id}")).await.is(200);
    let data = reply.data();
    let domain = |n: usize, name: &str, provider: &str| {
        let id = &data["domains"][n]["id"];
        assert!(id.as_str().unwrap().starts_with("dom_"));
        json!({
            "id": id, "domain": name, "provider": provider, "status": "pending", "source": "registrar",
            "forwarding_url": "https://acme.com", "inboxes": 0
        })
    };
    let line = |kind: &str, quantity: i64, unit: i64, period: Value| {
        json!({
            "type": kind, "quantity": quantity, "unit_cents": unit, "amount_cents": quantity * unit, "period": period
        })
    };
    assert_eq!(
        *data,
        json!({
            "id": id,
            "user_id": data["user_id"],
            "email": "alex@acme.com",
            "bundle_id": bundle,
            "status": "in_progress",
            "domain_count": 2,
            "costs": {
                "total_cents": 6800,
                "charged_cents": 6800,
                "currency": "usd",
                "line_items": [
                    line("domain_registration", 2, 1300, Value::Null),
                    line("google_license", 2, 600, json!("2026-05-08")),
                    line("microsoft_license", 1, 3000, json!("2026-05-08"))
                ]
            },
            "renews_at": "2026-06-08T12:00:00Z",
            "reference": "A-1042",
            "metadata": body["metadata"],
            "domains": [domain(0, "acme-mail.com", "microsoft"), domain(1, "team-acme.com", "google")],
            "personas": body["personas"],
            "sequencer": { "provider": "smartlead", "client_id": 366_903, "login_email": "peeker@yourcompany.com" },
            "dkim": "required",
            "cancellation": null,
            "created_at": NOON
        })
    );
    assert!(!reply.json.to_string().contains("correct-horse"));

    let row = store::orders::load(&mut api.store.read().await.unwrap(), &OrderId::opaque(id)).await.unwrap().unwrap();
    let (password, api_key) = store::orders::open_login(api.store.vault(), &row).unwrap();
    assert_eq!((password.unwrap().expose_secret(), api_key.is_none()), ("correct-horse", true));
}

#[tokio::test]
async fn licences_take_the_place_of_a_bundle() {
    let api = Api::start().await;
    let body =
        with(&without(&order(""), "bundle_id"), &[("google_licenses", json!(2)), ("microsoft_licenses", json!(1))]);
    let reply = api.post(PATH, &body).await.is(200);
    assert_eq!((&reply.data()["bundle_id"], &reply.data()["costs"]["total_cents"]), (&Value::Null, &json!(6800)));
}

#[tokio::test]
async fn the_size_has_exactly_one_form() {
    proves!("error order_shape_conflict");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let bare = without(&order(&bundle), "bundle_id");
    for fields in [
        vec![],
        vec![("bundle_id", Value::Null)],
        vec![("google_inboxes_per_domain", json!(2))],
        vec![("bundle_id", json!(bundle)), ("google_licenses", json!(2))],
        vec![("bundle_id", json!(bundle)), ("microsoft_licenses", json!(0))],
        vec![("bundle_id", json!(bundle)), ("google_inboxes_per_domain", json!(2))],
    ] {
        let error = api.post(PATH, &with(&bare, &fields)).await.refuses(400, "order_shape_conflict");
        assert_eq!(error["field"], "bundle_id", "{fields:?}");
    }
    for (field, value) in [
        ("google_licenses", json!(0)),
        ("google_licenses", json!(-1)),
        ("google_licenses", json!(100_001)),
        ("microsoft_licenses", json!("1")),
    ] {
        api.post(PATH, &with(&bare, &[(field, value)])).await.refuses_field(field);
    }
    let four = with(&bare, &[("google_licenses", json!(2)), ("google_inboxes_per_domain", json!(4))]);
    api.post(PATH, &four).await.refuses_field("google_inboxes_per_domain");
    let many = with(&bare, &[("google_licenses", json!(100_000))]);
    api.post(PATH, &many).await.refuses_field("google_licenses");
}

/// A field, and something that it does not take.
fn wrong_values() -> Vec<(&'static str, Value)> {
    vec![
        ("/user", json!("alex")),
        ("/user", json!(7)),
        ("/user", json!("")),
        ("/user", Value::Null),
        ("/bundle_id", json!(7)),
        ("/sequencer", json!("smartlead")),
        ("/sequencer", Value::Null),
        ("/sequencer/provider", json!("lemlist")),
        ("/sequencer/provider", json!("Smartlead")),
        ("/sequencer/client_id", json!("12a")),
        ("/sequencer/client_id", json!(-1)),
        ("/sequencer/client_id", json!(1.5)),
        ("/sequencer/client_id", json!("99999999999999999999")),
        ("/sequencer/login_email", json!("nobody")),
        ("/sequencer/login_password", json!("")),
        ("/sequencer/login_password", json!("a\nb")),
        ("/sequencer/api_key", json!(1)),
        ("/forwarding_url", json!("")),
        ("/forwarding_url", json!("acme.com")),
        ("/forwarding_url", json!("http://10.0.0.1")),
        ("/forwarding_url", json!("https://acme.com\u{1}")),
        ("/forwarding_url", json!("http://localhost:3000")),
        ("/forwarding_url", json!("https://me:pw@acme.com")),
        ("/domains", json!("a.com")),
        ("/domains", json!(vec!["a.com"; 1001])),
        ("/domains[1]", json!("www.acme.com")),
        ("/domains[1]", json!("acme-mail.com")),
        ("/domains[1]", json!("ACME-mail.com.")),
        ("/domains[1]", json!(7)),
        ("/domains[1]", Value::Null),
        ("/personas", json!([])),
        ("/personas", json!({})),
        ("/personas[1]", json!("Sam Lee")),
        ("/personas[0].first_name", json!("")),
        ("/personas[0].first_name", json!("...")),
        ("/personas[0].last_name", json!("x".repeat(61))),
        ("/personas[0].last_name", json!("<b>Rivera</b>")),
        ("/personas[1].profile_picture_url", json!("picture.png")),
        ("/personas[1].profile_picture_url", json!("http://169.254.169.254/latest")),
        ("/personas[1].profile_picture_url", json!(7)),
        ("/max_total_cents", json!(-1)),
        ("/max_total_cents", json!(68.5)),
        ("/reference", json!("")),
        ("/reference", json!("x".repeat(201))),
        ("/metadata", json!([])),
        ("/metadata", json!((0..21).map(|n| (n.to_string(), json!(""))).collect::<serde_json::Map<_, _>>())),
        ("/metadata.note", json!(7)),
        ("/metadata.note", json!("x".repeat(501))),
    ]
}

#[tokio::test]
async fn every_fault_of_the_body_is_told_at_its_place() {
    proves!("error invalid_request");
    let api = Api::start().await;
    let good = order(&api.small_bundle().await);
    for (pointer, value) in wrong_values() {
        let mut body = good.clone();
        let field = &pointer[1..];
        if let Some(key) = field.strip_prefix("metadata.") {
            body["metadata"] = json!({ key: value });
        } else {
            put(&mut body, &field.replace('/', "."), value.clone());
        }
        let error = api.post(PATH, &body).await.refuses(400, "invalid_request");
        assert_eq!(error["field"], field.replace('/', "."), "{value}: {error}");
    }
    for (sent, missing, extra) in [(0, 2, None), (1, 1, None), (501, 0, Some(499))] {
        let mut body = good.clone();
        body["domains"] = (0..sent).map(|n| json!(format!("acme-{n}.com"))).collect();
        let error = api.post(PATH, &body).await.refuses(400, "domain_count_mismatch");
        assert_eq!(
            (error["details"]["missing_count"].as_i64(), error["details"]["extra_count"].as_i64()),
            (Some(missing), extra)
        );
    }
    api.post(PATH, &good).await.is(200);
}

/// Puts a value at a path such as `personas[0].first_name`.
fn put(body: &mut Value, path: &str, value: Value) {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    match body.pointer_mut(&pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').expect("a slash");
            body.pointer_mut(parent).expect("an object")[name] = value;
        }
    }
}

#[tokio::test]
async fn missing_and_unknown_fields_are_all_told_the_unknown_ones_first() {
    let api = Api::start().await;
    let good = order(&api.small_bundle().await);
    for (field, right) in
        [("users", "personas"), ("user_id", "user"), ("colour", ""), ("google_licences", "google_licenses")]
    {
        let mut body = good.clone();
        body[field] = json!("x");
        let error = api.post(PATH, &body).await.refuses_field(field);
        let message = error["message"].as_str().unwrap();
        assert_eq!(message.contains(&format!("did you mean `{right}`?")), !right.is_empty(), "{message}");
    }
    let mut body = without(&good, "personas");
    body["users"] = good["personas"].clone();
    let error = api.post(PATH, &body).await.refuses_field("users");
    assert_eq!(error["details"]["errors"][1]["field"], "personas");

    let mut body = good.clone();
    body["sequencer"]["login"] = json!("x");
    body["personas"][1] = json!({ "firstname": "Sam", "last_name": "Lee" });
    body["domains"][0] = json!({ "name": "acme-mail.com" });
    let error = api.post(PATH, &body).await.refuses(400, "invalid_request");
    let told: Vec<_> =
        error["details"]["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "sequencer.login",
            "domains[0].name",
            "personas[1].firstname",
            "domains[0].domain",
            "personas[1].first_name",
            "personas[1].profile_picture_url"
        ]
    );
    let all = api.post(PATH, &json!({})).await.refuses(400, "invalid_request");
    assert_eq!(all["details"]["errors"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn every_spelling_that_is_allowed_is_taken() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    for (n, client_id) in [json!(1), json!(null), json!(""), json!("366903")].into_iter().enumerate() {
        let mut body = order(&bundle);
        body["user"] = json!("Alex@Acme.com");
        body["sequencer"]["client_id"] = client_id;
        body["sequencer"]["api_key"] = json!("");
        body["domains"] = json!([
            { "domain": format!("One{n}.com"), "provider": "microsoft", "forwarding_url": "https://other.com" },
            { "domain": format!("two{n}.com"), "forwarding_url": null }
        ]);
        body["personas"][0]["profile_picture_url"] = json!("https://acme.com/alex.png");
        body["personas"][1]["profile_picture_url"] = Value::Null;
        for field in ["reference", "metadata", "max_total_cents", "google_licenses"] {
            body[field] = Value::Null;
        }
        let id = api.post(PATH, &body).await.is(200).data()["id"].as_str().unwrap().to_owned();
        let full = api.get(&format!("{PATH}/{id}")).await.is(200);
        let domains = &full.data()["domains"];
        assert_eq!(
            (&domains[0]["domain"], &domains[0]["forwarding_url"]),
            (&json!(format!("one{n}.com")), &json!("https://other.com"))
        );
        assert_eq!(
            (&domains[0]["provider"], &domains[1]["forwarding_url"]),
            (&json!("microsoft"), &json!("https://acme.com"))
        );
    }
    let everybody = api.get(&format!("{PATH}?user_email=ALEX@acme.com")).await.is(200);
    let users: std::collections::HashSet<_> =
        everybody.data().as_array().unwrap().iter().map(|order| order["user_id"].as_str().unwrap()).collect();
    assert_eq!((everybody.json["meta"]["returned"].as_u64(), users.len()), (Some(4), 1));
}

#[tokio::test]
async fn the_stages_come_in_their_order() {
    proves!(
        "error domain_count_mismatch",
        "error domain_unavailable",
        "error price_changed",
        "error domain_provider_mismatch",
    );
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let mut body = with(
        &order("bun_nothing"),
        &[
            ("user", json!("usr_nobody")),
            ("domains", json!(["taken-a.com", "sold-b.com", "errored-c.com"])),
            ("reference", json!(7)),
        ],
    );
    api.post(PATH, &body).await.refuses_field("reference");
    body["reference"] = json!("A-1");
    assert_eq!(api.post(PATH, &body).await.refuses(404, "not_found")["field"], "user");
    body["user"] = json!("alex@acme.com");
    assert_eq!(api.post(PATH, &body).await.refuses(404, "not_found")["field"], "bundle_id");
    body["bundle_id"] = json!(bundle);
    let error = api.post(PATH, &body).await.refuses(400, "domain_count_mismatch");
    let counts = json!({ "required_count": 2, "submitted_count": 3, "missing_count": 0, "extra_count": 1 });
    assert_eq!((&error["field"], &error["details"]), (&json!("domains"), &counts));
    assert_eq!(api.names.confirmations(), 0);
    body["domains"] = json!(["sold-b.com", "errored-c.com"]);
    let error = api.post(PATH, &body).await.refuses(409, "domain_unavailable");
    let retry_at = api.clock.now().plus(30 * SECOND);
    let rows = json!([
        { "domain": "sold-b.com", "reason": "taken" },
        { "domain": "errored-c.com", "reason": "errored", "retry_at": retry_at },
    ]);
    assert_eq!((&error["field"], &error["details"]["domains"]), (&json!("domains[0]"), &rows));
    body["domains"] = json!(["a.com", "b.com"]);
    body["max_total_cents"] = json!(6799);
    let error = api.post(PATH, &body).await.refuses(409, "price_changed");
    assert_eq!(error["details"], json!({ "expected_cents": 6799, "actual_cents": 6800 }));
    body["max_total_cents"] = Value::Null;
    body["domains"] = json!(["team-a.com", "team-b.com"]);
    let error = api.post(PATH, &body).await.refuses(400, "domain_provider_mismatch");
    let details = json!({ "provider": "microsoft", "required_count": 1, "usable_count": 0, "usable_domains": [] });
    assert_eq!(error["details"], details);
    body["domains"] = json!(["away.com", "b.com"]);
    let error = api.post(PATH, &body).await.refuses(409, "domain_unavailable");
    assert_eq!(error["details"]["domains"][1], json!({ "domain": "b.com", "reason": "errored", "retry_at": retry_at }));
    let words = error["message"].as_str().unwrap();
    assert!(words.contains(&format!("try again at {}", retry_at)), "{words}");
    assert_eq!(api.get(PATH).await.json["meta"]["returned"], 0);
    assert_eq!(api.nudges(), 0);
}

#[tokio::test]
async fn a_reference_is_used_once() {
    proves!("error already_exists");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = with(&order(&bundle), &[("reference", json!("A-1042"))]);
    let id = api.post(PATH, &first).await.is(200).data()["id"].clone();
    api.clock.advance(48 * HOUR);
    let second = with(&first, &[("domains", json!(["a.com", "b.com"]))]);
    let error = api.post(PATH, &second).await.refuses(409, "already_exists");
    assert_eq!((&error["field"], &error["details"]), (&json!("reference"), &json!({ "id": id })));
}

#[tokio::test]
async fn sandboxes_do_not_see_each_others_names() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    api.post(PATH, &order(&bundle)).await.is(200);
    let other = api.add_partner("Other").await;
    let key = api.add_key_of(&other, Environment::Test, Preset::Full, |_| ()).await;
    let body =
        with(&without(&order(""), "bundle_id"), &[("google_licenses", json!(2)), ("microsoft_licenses", json!(1))]);
    api.json_as(&key, "POST", PATH, &body).await.is(200);
}

#[tokio::test]
async fn lists_are_narrowed_by_every_filter() {
    proves!("GET /orders");
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let first = with(&order(&bundle), &[("reference", json!("A-1"))]);
    let first = api.post(PATH, &first).await.is(200).data().clone();
    api.clock.advance(HOUR);
    let second = with(
        &without(&order(""), "bundle_id"),
        &[
            ("user", json!("sam@acme.com")),
            ("google_licenses", json!(2)),
            ("microsoft_licenses", json!(1)),
            ("domains", json!(["a.com", "b.com"])),
        ],
    );
    let second = api.post(PATH, &second).await.is(200).data().clone();
    let user = first["user_id"].as_str().unwrap();
    for (query, expected) in [
        (String::new(), vec![&second, &first]),
        (format!("?user_id={user}"), vec![&first]),
        ("?user_email=sam@acme.com".into(), vec![&second]),
        ("?user_email=nobody@acme.com".into(), vec![]),
        (format!("?bundle_id={bundle}"), vec![&first]),
        ("?status=in_progress".into(), vec![&second, &first]),
        ("?status=completed".into(), vec![]),
        ("?reference=A-1".into(), vec![&first]),
        ("?created_after=2026-05-08T13:00:00Z".into(), vec![&second]),
        ("?created_before=2026-05-08T13:00:00Z".into(), vec![&first]),
        ("?created_after=2026-05-08T14:00:00%2B02:00&status=in_progress".into(), vec![&second, &first]),
        (format!("?user_id={user}&reference=A-2"), vec![]),
    ] {
        let listed = api.get(&format!("{PATH}{query}")).await.is(200);
        let rows: Vec<_> = listed.data().as_array().unwrap().iter().collect();
        assert_eq!(rows, expected, "{query}");
    }
    // A customer who moves to another address is found by both.
    let path = format!("/partner/v1/users/{}", second["user_id"].as_str().unwrap());
    api.json("PATCH", &path, &json!({ "email": "samuel@acme.com" })).await.is(200);
    for email in ["sam@acme.com", "samuel@acme.com"] {
        let listed = api.get(&format!("{PATH}?user_email={email}")).await.is(200);
        assert_eq!(listed.data()[0]["id"], second["id"], "{email}");
    }
    for query in ["user_id=", "status=done", "created_after=yesterday", "created_before=2026-05-08", "reference="] {
        let field = query.split('=').next().unwrap();
        api.get(&format!("{PATH}?{query}")).await.refuses_field(field);
    }
    let error = api.get(&format!("{PATH}?status=x&per_page=0&page_token=y")).await.refuses_field("status");
    assert_eq!(error["details"]["errors"].as_array().unwrap().len(), 3);
    api.get(&format!("{PATH}/ord_01HZX0OR1A2B3C4D5E6F7G8H")).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_developers_machine_is_a_target_only_for_test_keys_in_development() {
    let api = Api::with(api::Settings { development: true, ..settings() }).await;
    let bundle = api.small_bundle().await;
    let body = with(&order(&bundle), &[("forwarding_url", json!("http://localhost:3000"))]);
    api.post(PATH, &body).await.is(200);
    let private = with(&body, &[("forwarding_url", json!("http://10.0.0.1"))]);
    api.post(PATH, &private).await.refuses_field("forwarding_url");
    let live = api.add_key(Environment::Live, Preset::Full).await;
    api.json_as(&live, "POST", PATH, &body).await.refuses_field("forwarding_url");
}

#[tokio::test]
async fn people_may_have_one_name_and_addresses_that_no_host_keeps() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let persona = |addresses: Value| json!({ "first_name": "Madonna", "last_name": null, "profile_picture_url": null, "addresses": addresses });
    let sent = |addresses: Value| with(&order(&bundle), &[("personas", json!([persona(addresses)]))]);
    for (wrong, at) in [(json!(["tanaka", "Tanaka-"]), 1), (json!(["post.master"]), 0), (json!(["a@b"]), 0)] {
        let path = format!("personas[0].addresses[{at}]");
        let error = api.post(PATH, &sent(wrong)).await.refuses(400, "invalid_request");
        assert!(error["field"].as_str().unwrap().contains(&path), "{error}");
    }
    let id = api.post(PATH, &sent(json!(["Tanaka"]))).await.is(200).data()["id"].clone();
    let shown = api.get(&format!("{PATH}/{}", id.as_str().unwrap())).await.is(200);
    let person = &shown.data()["personas"][0];
    assert_eq!((&person["last_name"], &person["addresses"]), (&json!(""), &json!(["tanaka"])));
}

#[tokio::test]
async fn white_space_around_a_name_is_nobodys_name_wherever_it_is_sent() {
    let api = Api::start().await;
    let bundle = api.small_bundle().await;
    let names = json!(["\tacme-mail.com", "team-acme.com\r\n"]);
    let checked = api.post("/partner/v1/domains/availability", &json!({ "domains": names })).await.is(200);
    assert_eq!(checked.data()["domains"][0]["domain"], "acme-mail.com");
    let placed = api.post(PATH, &with(&order(&bundle), &[("domains", names)])).await.is(200);
    assert_eq!(placed.data()["domain_count"], 2);
    let inside = with(&order(&bundle), &[("domains", json!(["acme\t-mail.com", "team-acme.com"]))]);
    api.post(PATH, &inside).await.refuses(400, "invalid_request");
}

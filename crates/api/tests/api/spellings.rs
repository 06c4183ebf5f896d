//! The same call again, spelled otherwise.

use axum::body::Body;
use model::change::Change;
use model::clock::Clock as _;
use model::idempotency::{Remembered, Said, body_key};
use serde_json::{Value, json};

use crate::support::{Api, Reply, order, request, with};

const PATH: &str = "/partner/v1/orders";

async fn post(api: &Api, path: &str, key: Option<&str>, body: &str) -> Reply {
    let mut builder = request("POST", path, &api.key).header("Content-Type", "application/json");
    if let Some(key) = key {
        builder = builder.header("Idempotency-Key", key);
    }
    api.send(builder.body(Body::from(body.to_owned())).expect("a request")).await
}

/// An order of two licences, and the same in other spellings.
async fn spelled(api: &Api) -> (Value, Value) {
    let one = with(
        &order(&api.small_bundle().await),
        &[
            ("user", json!("Alex@Bücher.de")),
            ("domains", json!(["Acme-Mail.com", { "domain": " team-ACME.com ", "provider": null }])),
            ("reference", Value::Null),
            ("personas", json!([{ "first_name": "Zoe\u{308}", "last_name": "", "profile_picture_url": "" }])),
            ("max_total_cents", json!(9_000.0)),
        ],
    );
    let mut other = with(
        &one,
        &[
            ("user", json!("alex@xn--bcher-kva.de")),
            ("domains", json!(["acme-mail.com", { "domain": "team-acme.com" }])),
            ("personas", json!([{ "first_name": " Zoë", "last_name": null, "profile_picture_url": null }])),
            ("max_total_cents", json!(9_000)),
        ],
    );
    other["sequencer"]["client_id"] = json!("366903");
    (one, other)
}

#[tokio::test]
async fn an_order_in_other_spellings_is_the_same_order() {
    let api = Api::start().await;
    let (one, other) = spelled(&api).await;
    let first = api.post(PATH, &one).await.is(200);
    let again = api.post(PATH, &other).await.is(200);
    assert_eq!((again.header("idempotent-replayed"), &again.json), (Some("true"), &first.json));
    let text = other.to_string().replace("9000", "9e3");
    assert_eq!(post(&api, PATH, None, &text).await.is(200).json, first.json);
    // What may mean something else is another order.
    for field in ["login_email", "login_password"] {
        let mut changed = one.clone();
        changed["sequencer"][field] = json!("Peeker@yourcompany.com");
        api.post(PATH, &changed).await.refuses(409, "domain_unavailable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_spellings_at_the_same_instant_make_one_order() {
    let api = Api::start().await;
    let (one, other) = spelled(&api).await;
    let replies = futures_util::future::join_all((0..16).map(|n| {
        let (api, body) = (&api, if n % 2 == 0 { one.clone() } else { other.clone() });
        async move { api.post(PATH, &body).await.is(200) }
    }))
    .await;
    assert!(replies.iter().all(|reply| reply.json == replies[0].json));
    assert_eq!(replies.iter().filter(|reply| reply.header("idempotent-replayed").is_none()).count(), 1);
    assert_eq!(api.get(PATH).await.is(200).data().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_takes_other_spellings_for_the_same_body_and_nothing_else() {
    let api = Api::start().await;
    let (one, other) = spelled(&api).await;
    let first = post(&api, PATH, Some("k"), &one.to_string()).await.is(200);
    let again = post(&api, PATH, Some("k"), &other.to_string()).await.is(200);
    assert_eq!((again.header("idempotent-replayed"), &again.json), (Some("true"), &first.json));
    let swapped = with(&one, &[("domains", json!(["team-acme.com", "acme-mail.com"]))]);
    post(&api, PATH, Some("k"), &swapped.to_string()).await.refuses(409, "idempotency_conflict");

    let bundle = |name: &str, volume: Value| json!({ "name": name, "monthly_sending_volume": volume }).to_string();
    let path = "/partner/v1/bundles";
    let first = post(&api, path, Some("b"), &bundle("Zoë", json!(880))).await.is(201);
    let again = post(&api, path, Some("b"), &bundle("Zoe\u{308} ", json!(880.0))).await.is(201);
    assert_eq!(again.json, first.json);
    post(&api, path, Some("b"), &bundle("zoë", json!(880))).await.refuses(409, "idempotency_conflict");
}

/// What an older version remembered, under the body as it was sent.
fn remembered(api: &Api, key: String, fingerprint: String) -> Change {
    let scope = api.scope();
    let mut change = Change::default();
    change.remembered.push(Remembered {
        partner: scope.partner,
        world: scope.world,
        key,
        fingerprint,
        status: 200,
        said: Said::Open(r#"{"data":{"id":"ord_of_before"}}"#.into()),
        created_at: api.clock.now(),
        yields: false,
    });
    change
}

#[tokio::test]
async fn an_order_that_an_older_version_accepted_is_repeated_by_the_same_text() {
    let api = Api::start().await;
    let canonical = r#"{"domains":["Acme.com"],"google_licenses":2.0,"user":"Alex@Acme.com"}"#;
    let sent = r#"{ "user": "Alex@Acme.com", "google_licenses": 2.0, "domains": ["Acme.com"] }"#;
    let vault = api.store.vault();
    let fingerprint = vault.keyed_hash("order body", canonical.as_bytes());
    api.write(remembered(&api, body_key(&fingerprint), fingerprint.clone())).await;
    let again = post(&api, PATH, None, sent).await.is(200);
    assert_eq!((again.header("idempotent-replayed"), &again.data()["id"]), (Some("true"), &json!("ord_of_before")));

    let key = format!("key:{}", vault.keyed_hash("idempotency key", b"k"));
    api.write(remembered(&api, key, fingerprint)).await;
    assert_eq!(post(&api, PATH, Some("k"), sent).await.is(200).data()["id"], "ord_of_before");
    let other = sent.replace("2.0", "3");
    post(&api, PATH, Some("k"), &other).await.refuses(409, "idempotency_conflict");
    // Only what was remembered in its present spelling is known by others: a new key is needed for that.
    let respelled = sent.replace("2.0", "2");
    post(&api, PATH, Some("k"), &respelled).await.refuses(409, "idempotency_conflict");
}

//! Pending actions: every type is produced, listed, and resolved by an answer and by the world itself.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Rig, order_body};

async fn open_actions(rig: &Rig, query: &str) -> Vec<Value> {
    let answer = rig.call("GET", &format!("/orders/pending{query}"), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["data"].as_array().unwrap().clone()
}

async fn resolve(rig: &Rig, action: &Value, body: Option<&Value>) -> crate::support::Answer {
    let id = action["id"].as_str().unwrap();
    rig.call("POST", &format!("/orders/pending/{id}/resolve"), body).await
}

/// A key as a console shows it.
const KEY: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

/// Name, type, reason, and what resolves it.
fn kinds() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let login = json!({ "login_email": "new@acme.com", "login_password": "hunter3-secret" });
    let picture = json!({ "profile_picture_url": "https://acme.com/alex.png" });
    vec![
        ("action-acme.com", "registration", "registrar_rejected", json!({})),
        ("action-taken-acme.com", "registration", "name_taken", json!({ "replacement_domain": "acme-instead.com" })),
        ("action-price-acme.com", "registration", "price_changed", json!({ "max_total_cents": 10_000 })),
        ("action-registrant-acme.com", "registration", "registrant_unverified", json!({})),
        ("action-dkim-acme.com", "mail_provider", "dkim_needs_enabling", json!({})),
        ("tenant-acme.com", "mail_provider", "domain_in_another_tenant", json!({})),
        ("tenant-late-acme.com", "mail_provider", "domain_in_another_tenant", json!({})),
        ("action-consent-acme.com", "mail_provider", "admin_consent_needed", json!({})),
        ("action-capacity-acme.com", "mail_provider", "licence_capacity", json!({})),
        ("action-login-acme.com", "sequencer_login", "credentials_rejected", login),
        ("action-picture-acme.com", "google_profile_picture", "profile_picture_not_accessible", picture.clone()),
        ("action-picture-type-acme.com", "google_profile_picture", "profile_picture_not_an_image", picture),
        ("action-target-acme.com", "forwarding", "target_unreachable", json!({ "forwarding_url": "https://acme.net" })),
    ]
}

fn body_for(name: &str) -> Value {
    let mut body = order_body(&[name]);
    body["personas"][0]["profile_picture_url"] = json!("https://acme.com/broken.png");
    body
}

/// Places an order that asks, and answers its id and its one open action.
async fn asking(rig: &Rig, name: &str) -> (String, Value) {
    let id = rig.place(&body_for(name)).await;
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "action_required", "{name}");
    let open = open_actions(rig, &format!("?order_id={id}")).await;
    assert_eq!(open.len(), 1, "{name}");
    (id, open[0].clone())
}

async fn every_kind(rig: Rig) {
    for (name, kind, reason, answer) in kinds() {
        let (id, action) = asking(&rig, name).await;
        assert_eq!((action["type"].as_str(), action["reason"].as_str()), (Some(kind), Some(reason)));
        assert_eq!(action["status"], "open");
        let about = if kind == "google_profile_picture" { json!("Alex") } else { Value::Null };
        assert_eq!(action["user"]["first_name"], about, "{name}");
        let resolved = resolve(&rig, &action, Some(&answer)).await;
        assert_eq!(resolved.status, StatusCode::OK, "{name}: {}", resolved.body);
        rig.work_off().await;
        let order = rig.order(&id).await;
        assert_eq!(order["status"], "completed", "{name}");
        assert!(open_actions(&rig, &format!("?order_id={id}")).await.is_empty(), "{name}");
        let past = open_actions(&rig, &format!("?order_id={id}&status=resolved")).await;
        assert_eq!((past.len(), past[0]["status"].as_str()), (1, Some("resolved")), "{name}");
        let again = resolve(&rig, &action, None).await;
        assert_eq!((again.status, again.body["data"]["status"].as_str()), (StatusCode::OK, Some("resolved")), "{name}");
    }
}

#[tokio::test]
async fn every_kind_of_question_is_answered_by_resolve_on_sqlite() {
    every_kind(Rig::sqlite().await).await;
}

#[tokio::test]
async fn every_kind_of_question_is_answered_by_resolve_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        every_kind(rig).await;
    }
}

/// A name that somebody else's tenant has is asked about before anything is spent on it.
#[tokio::test]
async fn a_name_in_another_tenant_is_replaced_before_it_is_bought_and_after() {
    for (name, bought) in [("tenant-acme.com", 0_usize), ("tenant-late-acme.com", 1)] {
        let rig = Rig::sqlite().await;
        let (id, action) = asking(&rig, name).await;
        assert_eq!((&action["type"], &action["reason"]), (&json!("mail_provider"), &json!("domain_in_another_tenant")));
        assert_eq!(rig.effects("registered", name).await, bought, "{name}");
        let cost = sum(&rig.order(&id).await);
        let body = json!({ "replacement_domain": "acme-instead.com" });
        let answer = resolve(&rig, &action, Some(&body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
        rig.settle_all().await;
        let order = rig.order(&id).await;
        assert_eq!(order["status"], "completed", "{name}: {order:#}");
        assert_eq!(rig.effects("registered", name).await, bought, "{name}");
        assert_eq!(rig.effects("registered", "acme-instead.com").await, 1, "{name}");
        assert_eq!(sum(&order), cost + 1300 * i64::try_from(bought).unwrap(), "{name}: what was bought is paid for");
        let kept = rig.call("GET", "/domains?category=inventory", None).await.body["meta"]["returned"].clone();
        assert_eq!(kept, bought, "{name}");
    }
}

fn sum(order: &Value) -> i64 {
    let lines = order["costs"]["line_items"].as_array().unwrap();
    lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn a_lost_name_is_replaced() {
    proves!("POST /orders/pending/{id}/resolve");
    let rig = Rig::sqlite().await;
    let (id, action) = asking(&rig, "action-taken-acme.com").await;
    let taken = resolve(&rig, &action, Some(&json!({ "replacement_domain": "taken-acme.com" }))).await;
    assert_eq!(taken.body["error"]["code"], "domain_unavailable", "{}", taken.body);
    assert_eq!(taken.body["error"]["field"], "replacement_domain");
    let body = json!({ "replacement_domain": "acme-instead.com" });
    assert_eq!(resolve(&rig, &action, Some(&body)).await.status, StatusCode::OK);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed");
    let names: Vec<_> = order["domains"].as_array().unwrap().iter().map(|one| one["domain"].clone()).collect();
    assert_eq!(names, ["acme-instead.com"]);
    assert_eq!((sum(&order), order["costs"]["total_cents"].as_i64()), (2500, Some(2500)));
    assert_eq!(rig.effects("registered", "action-taken-acme.com").await, 0);
    assert_eq!(rig.effects("registered", "acme-instead.com").await, 1);
    assert_eq!(rig.effects("mailbox_created", "alex.rivera@acme-instead.com").await, 1);
}

#[tokio::test]
async fn a_lost_name_is_given_up_and_credited() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-taken-acme.com", "acme-two.com"])).await;
    rig.work_off().await;
    let action = open_actions(&rig, "").await.remove(0);
    let cost = sum(&rig.order(&id).await);
    assert_eq!(resolve(&rig, &action, Some(&json!({ "give_up": true }))).await.status, StatusCode::OK);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed");
    let given_up = order["domains"].as_array().unwrap().iter().find(|one| one["status"] == "failed").unwrap();
    let part = 1300 + if given_up["provider"] == "google" { 1200 } else { 3000 };
    assert_eq!((sum(&order), order["costs"]["total_cents"].as_i64()), (cost - part, Some(cost - part)));
    assert_eq!(rig.effects("registered", "action-taken-acme.com").await, 0);
}

#[tokio::test]
async fn what_was_set_up_for_a_name_that_is_given_up_is_taken_down() {
    let mailboxes = ["alex.rivera", "sam.lee"];
    for (name, made) in [("action-capacity-acme.com", 1), ("action-login-acme.com", 2)] {
        let rig = Rig::sqlite().await;
        let (id, action) = asking(&rig, name).await;
        assert_eq!(resolve(&rig, &action, Some(&json!({ "give_up": true }))).await.status, StatusCode::OK);
        rig.settle_all().await;
        assert_eq!(rig.order(&id).await["status"], "failed");
        let (mut created, mut deleted) = (0, 0);
        for mailbox in mailboxes {
            created += rig.effects("mailbox_created", &format!("{mailbox}@{name}")).await;
            deleted += rig.effects("mailbox_deleted", &format!("{mailbox}@{name}")).await;
        }
        assert_eq!((created, deleted), (made, made), "{name}");
        assert_eq!(rig.effects("zone_removed", name).await, 1);
        // The name was bought, and can be had from the inventory.
        let listed = rig.call("GET", "/domains?category=inventory", None).await.body;
        assert_eq!(listed["data"][0]["domain"], name);
    }
}

#[tokio::test]
async fn an_action_says_what_it_is_about_and_when() {
    proves!("PendingAction");
    let rig = Rig::sqlite().await;
    let (id, action) = asking(&rig, "action-picture-acme.com").await;
    let domain = rig.order(&id).await["domains"][0].clone();
    assert_eq!((&domain["source"], &domain["status"]), (&json!("registrar"), &json!("action_required")));
    let open = json!({
        "id": action["id"],
        "type": "google_profile_picture",
        "reason": "profile_picture_not_accessible",
        "status": "open",
        "order_id": id,
        "domain_id": domain["id"],
        "domain": "action-picture-acme.com",
        "user": { "first_name": "Alex", "last_name": "Rivera", "profile_picture_url": "https://acme.com/broken.png" },
        "mailboxes": null,
        "links": null,
        "message": "The profile picture cannot be fetched. Send a public address of a picture.",
        "created_at": "2026-05-08T12:00:00Z",
        "resolved_at": null,
    });
    assert_eq!(action, open);
    resolve(&rig, &action, None).await;
    rig.settle_all().await;
    let resolved = open_actions(&rig, "?status=resolved").await.remove(0);
    assert_eq!((&resolved["status"], &resolved["resolved_at"]), (&json!("resolved"), &json!("2026-05-08T12:00:00Z")));
}

#[tokio::test]
async fn answers_that_do_not_fit_are_refused_at_their_field() {
    let rig = Rig::sqlite().await;
    let (_, dkim) = asking(&rig, "action-dkim-acme.com").await;
    for (body, field) in [
        (json!({ "profile_picture_url": "https://acme.com/a.png" }), "profile_picture_url"),
        (json!({ "replacement_domain": "acme.net" }), "replacement_domain"),
        (json!({ "giveup": true }), "giveup"),
        (json!({ "give_up": true, "max_total_cents": 1 }), "give_up"),
        (json!({ "login_email": "a@acme.com" }), "login_password"),
        (json!({ "max_total_cents": -1 }), "max_total_cents"),
        (json!({ "forwarding_url": "http://10.0.0.1/" }), "forwarding_url"),
        (json!({ "dkim_record": { "value": "v=DKIM1; p=" } }), "dkim_record.name"),
        (
            json!({ "dkim_record": { "name": "google._domainkey", "value": "v=DKIM1; k=rsa; p=MIIB" } }),
            "dkim_record.value",
        ),
        (json!({ "dkim_record": { "name": "mail", "value": KEY } }), "dkim_record.name"),
    ] {
        let refused = resolve(&rig, &dkim, Some(&body)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}: {}", refused.body);
        assert_eq!(refused.body["error"]["field"], field, "{body}");
    }
    assert_eq!(resolve(&rig, &json!({ "id": "act_nobody" }), None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_key_that_somebody_sends_is_published_and_the_domain_is_held_against_it() {
    proves!("POST /orders/pending/{id}/resolve");
    let rig = Rig::sqlite().await;
    let (id, action) = asking(&rig, "action-dkim-acme.com").await;
    let inboxes = rig.call("GET", &format!("/inboxes?order_id={id}"), None).await.body;
    assert_ne!(inboxes["meta"]["returned"], 0, "the inboxes do not wait for it");
    let body = json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } });
    assert_eq!(resolve(&rig, &action, Some(&body)).await.status, StatusCode::OK);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed", "{order:#}");
    let domain = order["domains"][0]["id"].as_str().unwrap();
    let shown = rig.call("GET", &format!("/domains/{domain}"), None).await.body;
    let records = shown["data"]["zone"]["records"].as_array().unwrap();
    let keys: Vec<_> = records.iter().filter(|one| one["purpose"] == "signing_key").collect();
    assert_eq!((keys.len(), &keys[0]["name"]), (1, &json!("google._domainkey.action-dkim-acme.com")), "{shown:#}");
    assert!(keys[0].to_string().contains(KEY), "{shown:#}");
    assert_eq!(shown["data"]["dns"]["dkim"], "ok", "{shown:#}");
}

#[tokio::test]
async fn an_address_that_is_kept_for_somebody_deleted_is_passed_over() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["reserved-acme.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
    let inboxes = rig.call("GET", &format!("/inboxes?order_id={id}"), None).await.body;
    let mut emails: Vec<_> = inboxes["data"].as_array().unwrap().iter().map(|one| one["email"].clone()).collect();
    emails.sort_by_key(ToString::to_string);
    assert_eq!(emails, ["alex@reserved-acme.com", "sam@reserved-acme.com"], "nobody was asked");
    assert_eq!(rig.effects("mailbox_created", "alex.rivera@reserved-acme.com").await, 0);
}

#[tokio::test]
async fn actions_are_found_by_order_domain_and_customer() {
    proves!("GET /orders/pending");
    let rig = Rig::sqlite().await;
    let (id, action) = asking(&rig, "action-dkim-acme.com").await;
    asking(&rig, "action-login-acme.com").await;
    assert_eq!(open_actions(&rig, "").await.len(), 2);
    let domain = action["domain_id"].as_str().unwrap();
    let user = rig.order(&id).await["user_id"].as_str().unwrap().to_owned();
    for (query, count) in [
        (format!("?order_id={id}"), 1),
        (format!("?domain_id={domain}"), 1),
        (format!("?user={user}"), 2),
        ("?user=ALEX@acme.com".into(), 2),
        ("?user=nobody@acme.com".into(), 0),
        ("?status=resolved".into(), 0),
    ] {
        assert_eq!(open_actions(&rig, &query).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_renewal_that_fails_asks_and_the_domain_shows_it() {
    let rig = Rig::sqlite().await;
    let id = rig.place(&order_body(&["action-renewal-acme.com"])).await;
    rig.settle_all().await;
    rig.advance(340 * model::clock::DAY).await;
    let order = rig.order(&id).await;
    assert_eq!(
        (order["status"].as_str(), order["domains"][0]["status"].as_str()),
        (Some("completed"), Some("action_required"))
    );
    let action = open_actions(&rig, "").await.remove(0);
    assert_eq!(action["reason"], "registrar_rejected");
    let given_up = resolve(&rig, &action, Some(&json!({ "give_up": true }))).await;
    assert_eq!(given_up.body["error"]["details"]["reason"], "not_in_the_making");
    assert_eq!(resolve(&rig, &action, None).await.status, StatusCode::OK);
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["domains"][0]["status"], "active");
    assert!(open_actions(&rig, "").await.is_empty());
    assert_eq!(rig.effects("renewed", "action-renewal-acme.com").await, 1);
    let lines = rig.order(&id).await["costs"]["line_items"].clone();
    let renewals: Vec<_> = lines.as_array().unwrap().iter().filter(|line| line["type"] == "domain_renewal").collect();
    assert_eq!((renewals.len(), renewals[0]["amount_cents"].as_i64()), (1, Some(1500)));
}

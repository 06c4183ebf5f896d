//! What is said of a domain that works is what was seen: shown, signed, and looked at again every day.

use app::operator::{Operator, PartnerWish};
use model::audit::Origin;
use model::clock::{DAY, HOUR};
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use model::order::Dkim;
use model::partner::Preset;
use model::world::Environment;
use providers::call::Call;
use serde_json::{Value, json};

use crate::support::{Rig, make_partner, order_body};

fn operator(rig: &Rig) -> Operator {
    let origin = Origin { command: Some("partners set".into()), ..Origin::default() };
    Operator { store: rig.wired.store.clone(), clock: rig.clock.clone(), ids: rig.wired.app.ids.clone(), origin }
}

/// A call of nobody's work, on a name.
fn call(rig: &Rig, name: &str) -> Call {
    Call {
        world: rig.scope().world,
        now: model::clock::Clock::now(&*rig.clock),
        reference: "somebody/else".into(),
        nudges: 0,
        subject: DomainName::stored(name),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

/// Somebody takes the MX records of a name away at whoever serves its zone.
async fn lose_records(rig: &Rig, name: &str) {
    let gone = RrSet { name: name.into(), rtype: RrType::Mx, ttl: 300, values: vec![] };
    rig.wired.sim.cast().dns.ensure_records(&call(rig, name), &[gone]).await.unwrap();
}

/// How many of these names have MX records.
async fn have_records(rig: &Rig, names: &[&str]) -> usize {
    let mut have = 0;
    for name in names {
        let records = rig.wired.sim.cast().dns.records(&call(rig, name)).await.unwrap().unwrap();
        have += usize::from(records.iter().any(|set| set.rtype == RrType::Mx));
    }
    have
}

async fn domain_id(rig: &Rig, order: &str) -> String {
    rig.order(order).await["domains"][0]["id"].as_str().unwrap().to_owned()
}

async fn evidence(rig: &Rig, domain: &str, query: &str) -> Value {
    let answer = rig.call("GET", &format!("/domains/{domain}/evidence{query}"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// Whether an object has exactly these fields.
fn has(object: &Value, fields: &[&str]) {
    assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), fields, "{object:#}");
}

fn verdict<'a>(look: &'a Value, check: &str) -> &'a str {
    let all = look["checks"].as_array().unwrap();
    all.iter().find(|one| one["check"] == check).unwrap()["verdict"].as_str().unwrap()
}

/// The inboxes' `status` and the status of their links.
async fn inboxes(rig: &Rig, order: &str) -> Vec<(String, String)> {
    let all = rig.call("GET", &format!("/inboxes?order_id={order}"), None).await.body["data"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.as_array().unwrap().iter().map(|one| (text(&one["status"]), text(&one["sequencer"]["status"]))).collect()
}

async fn told(rig: &Rig, kind: &str) -> usize {
    rig.event_types().await.iter().filter(|one| *one == kind).count()
}

#[tokio::test]
async fn a_domain_is_connected_when_everything_was_seen_and_anybody_can_check_who_said_it() {
    proves!(
        "GET /domains/{id}/evidence",
        "Evidence",
        "EvidenceCheck",
        "EvidenceSighting",
        "EvidenceSignature",
        "CheckSummary"
    );
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    let id = domain_id(&rig, &order).await;
    let early = rig.call("GET", &format!("/domains/{id}/evidence"), None).await;
    assert_eq!((early.status.as_u16(), &early.body["error"]["code"]), (404, &json!("not_found")));
    rig.settle_all().await;
    let look = evidence(&rig, &id, "").await;
    for check in ["mx", "spf", "dkim", "dmarc", "mailboxes", "sequencer"] {
        assert_eq!(verdict(&look, check), "passed", "{look:#}");
    }
    assert_eq!(verdict(&look, "first_mail"), "does_not_apply", "{look:#}");
    has(&look, &["checked_at", "checks", "domain", "domain_id", "environment", "order_id", "signature"]);
    has(&look["checks"][0], &["check", "reason", "seen", "verdict"]);
    has(&look["checks"][0]["seen"][0], &["answer", "answered_by", "at", "subject"]);
    has(&look["signature"], &["algorithm", "key_id", "value"]);
    assert_eq!((&look["environment"], &look["order_id"]), (&json!("test"), &json!(order)));
    let mx = &look["checks"][0]["seen"][0];
    assert_eq!(mx["subject"], "acme-one.com MX");
    assert!(mx["answer"][0].as_str().unwrap().contains("protection.outlook.com"), "{mx}");
    let keys = [rig.wired.store.vault().public_key()];
    assert!(store::verify(&look.to_string(), &keys).is_ok());
    let mut forged = look.clone();
    forged["checks"][0]["verdict"] = "failed".into();
    assert_eq!(store::verify(&forged.to_string(), &keys).map(drop), Err(store::NotSigned::Changed));
    assert_eq!(evidence(&rig, &id, "?which=connected").await, look);
    let wrong = rig.call("GET", &format!("/domains/{id}/evidence?which=all"), None).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["error"]["field"]), (400, &json!("which")));
    let (partner, key) = make_partner(&rig.wired, "Other", Preset::Full, Environment::Test).await;
    let stranger = rig.as_partner(partner, key);
    assert_eq!(stranger.call("GET", &format!("/domains/{id}/evidence"), None).await.status, 404);
    // A day later another look is the last one, and the first is kept.
    rig.advance(25 * HOUR).await;
    let next = evidence(&rig, &id, "").await;
    assert_ne!(next["checked_at"], look["checked_at"]);
    assert_eq!(evidence(&rig, &id, "?which=connected").await, look);
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body["data"].clone();
    let checks = timeline["domains"][0]["checks"].as_array().unwrap();
    let (mail, seen): (Vec<_>, Vec<_>) = checks.iter().partition(|one| one["check"] == "first_mail");
    assert!(seen.len() == 6 && seen.iter().all(|one| one["verdict"] == "passed"), "{checks:?}");
    assert_eq!((mail.len(), &mail[0]["reason"]), (1, &json!("The sandbox sends no mail.")));
}

#[tokio::test]
async fn a_link_that_is_lost_is_told_and_asked_about_and_told_when_it_is_mended() {
    proves!("event inbox.disconnected", "event inbox.restored");
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["link-lost-acme.com"])).await;
    rig.settle_all().await;
    rig.advance(20 * DAY).await;
    assert_eq!(told(&rig, "inbox.disconnected").await, 0, "not yet");
    // The look that finds it tries to link them anew, and the next one sees that it did not help.
    rig.advance(2 * DAY + HOUR).await;
    rig.advance(HOUR).await;
    assert_eq!(told(&rig, "inbox.disconnected").await, 2);
    let all = inboxes(&rig, &order).await;
    assert_eq!(all.iter().filter(|one| one.1 == "failed").count(), 2, "{all:?}");
    let asked = rig.call("GET", "/orders/pending", None).await.body["data"][0].clone();
    assert_eq!(asked["reason"], "inbox_login_fails", "{asked}");
    let domain = domain_id(&rig, &order).await;
    assert_eq!(verdict(&evidence(&rig, &domain, "").await, "sequencer"), "failed");
    assert_eq!(rig.order(&order).await["status"], "completed", "the order stays what it is");
    let path = format!("/orders/pending/{}/resolve", asked["id"].as_str().unwrap());
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    rig.work_off().await;
    assert_eq!(told(&rig, "inbox.restored").await, 2);
    assert!(inboxes(&rig, &order).await.iter().all(|one| one.1 == "linked"));
    assert_eq!(rig.call("GET", "/orders/pending", None).await.body["data"], json!([]));
}

#[tokio::test]
async fn a_mailbox_that_its_host_shuts_is_told_and_told_when_it_is_open_again() {
    proves!("event inbox.suspended");
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["mailbox-suspended-acme.com"])).await;
    rig.settle_all().await;
    rig.advance(31 * DAY + HOUR).await;
    assert_eq!(told(&rig, "inbox.suspended").await, 2);
    let all = inboxes(&rig, &order).await;
    assert_eq!(all.iter().filter(|one| one.0 == "suspended").count(), 2, "{all:?}");
    let domain = rig.order(&order).await["domains"][0].clone();
    assert_eq!(domain["status"], "active", "the domain itself works");
    rig.advance(2 * DAY).await;
    assert_eq!((told(&rig, "inbox.restored").await, told(&rig, "inbox.suspended").await), (2, 2));
    assert!(inboxes(&rig, &order).await.iter().all(|one| one.0 == "active"));
}

#[tokio::test]
async fn a_name_whose_registrant_never_confirmed_is_put_on_hold_and_asked_about() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["suspended-acme.com"])).await;
    rig.settle_all().await;
    rig.advance(14 * DAY).await;
    assert_eq!(rig.call("GET", "/orders/pending", None).await.body["data"], json!([]));
    rig.advance(2 * DAY).await;
    let asked = rig.call("GET", "/orders/pending", None).await.body["data"][0].clone();
    assert_eq!((&asked["reason"], &asked["domain"]), (&json!("name_on_hold"), &json!("suspended-acme.com")));
    rig.advance(30 * DAY).await;
    assert_eq!(
        rig.call("GET", "/orders/pending", None).await.body["data"][0]["id"],
        asked["id"],
        "it does not mend itself"
    );
    let path = format!("/orders/pending/{}/resolve", asked["id"].as_str().unwrap());
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    rig.work_off().await;
    assert_eq!(rig.call("GET", "/orders/pending", None).await.body["data"], json!([]));
    assert_eq!(told(&rig, "domain.dns_restored").await, 1);
}

/// An order that does not wait for its mail to be signed is completed; the question stays, and gives way to graver ones.
#[tokio::test]
async fn an_order_may_be_completed_before_its_mail_is_signed() {
    proves!("event domain.dkim_enabled");
    let rig = Rig::sqlite().await;
    let mut body = order_body(&["action-dkim-acme.com"]);
    body["dkim"] = json!("later");
    let order = rig.place(&body).await;
    rig.work_off().await;
    let view = rig.order(&order).await;
    assert_eq!((&view["status"], &view["dkim"]), (&json!("completed"), &json!("later")));
    let id = domain_id(&rig, &order).await;
    let look = evidence(&rig, &id, "?which=connected").await;
    assert_eq!(verdict(&look, "dkim"), "does_not_apply", "{look:#}");
    let domain = rig.call("GET", &format!("/domains/{id}"), None).await.body["data"].clone();
    assert_eq!((&domain["status"], &domain["dns"]["dkim"]), (&json!("active"), &json!("missing")));
    let asked = rig.call("GET", "/orders/pending", None).await.body["data"][0].clone();
    assert_eq!(asked["reason"], "dkim_needs_enabling");
    let path = format!("/orders/pending/{}/resolve", asked["id"].as_str().unwrap());
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    rig.settle_all().await;
    assert_eq!(told(&rig, "domain.dkim_enabled").await, 1);
    let domain = rig.call("GET", &format!("/domains/{id}"), None).await.body["data"].clone();
    assert_eq!(domain["dns"]["dkim"], "ok");
    assert_eq!(verdict(&evidence(&rig, &id, "").await, "dkim"), "passed");
    assert_eq!(rig.call("GET", "/orders/pending", None).await.body["data"], json!([]));
}

/// The partner's setting is what an order has that does not say it, and a wrong word is refused.
#[tokio::test]
async fn whether_orders_wait_for_signed_mail_is_the_partners_setting_unless_they_say_it() {
    let rig = Rig::sqlite().await;
    let wish = PartnerWish { dkim: Some(Dkim::Later), ..Default::default() };
    operator(&rig).change_partner(rig.partner.id.clone(), wish).await.unwrap();
    let order = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    assert_eq!(rig.order(&order).await["dkim"], "later");
    let mut body = order_body(&["acme-three.com", "acme-four.com"]);
    body["dkim"] = json!("required");
    let order = rig.place(&body).await;
    assert_eq!(rig.order(&order).await["dkim"], "required");
    body["dkim"] = json!("never");
    let refused = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["field"]), (400, &json!("dkim")));
}

/// What is wrong is put right, but only for so many in an hour: a fault of whoever is asked must not be written everywhere.
#[tokio::test]
async fn so_many_domains_are_put_right_in_an_hour_and_no_more() {
    let rig = Rig::sqlite().await;
    let names: Vec<_> = (0..14).map(|n| format!("acme-{n}.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut body = order_body(&names);
    body["google_licenses"] = json!(28);
    body["microsoft_licenses"] = json!(0);
    rig.place(&body).await;
    rig.settle_all().await;
    for name in &names {
        lose_records(&rig, name).await;
    }
    rig.advance(25 * HOUR).await;
    assert_eq!(told(&rig, "domain.dns_drifted").await, 14, "all are told");
    assert_eq!(have_records(&rig, &names).await, 10, "and ten are put right");
    rig.advance(HOUR).await;
    rig.settle_all().await;
    assert_eq!(have_records(&rig, &names).await, 14, "the others in the next hour");
    assert_eq!(told(&rig, "domain.dns_restored").await, 14);
}

/// A partner whose domains are not to be touched is only told.
#[tokio::test]
async fn what_is_wrong_is_only_told_where_the_partner_wants_that() {
    let rig = Rig::sqlite().await;
    let wish = PartnerWish { is_mended: Some(false), ..Default::default() };
    operator(&rig).change_partner(rig.partner.id.clone(), wish).await.unwrap();
    rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    lose_records(&rig, "acme-one.com").await;
    rig.advance(25 * HOUR).await;
    rig.advance(2 * HOUR).await;
    assert_eq!(told(&rig, "domain.dns_drifted").await, 1);
    assert_eq!(have_records(&rig, &["acme-one.com"]).await, 0);
}

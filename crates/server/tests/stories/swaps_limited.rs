//! How many premium swaps a partner may ask for, and what two requests at the same instant come to.

use model::change::Change;
use model::clock::DAY;
use model::partner::{Partner, Tier};
use serde_json::json;
use store::partners;

use crate::support::swapping::*;
use crate::support::{Rig, order_body, write};

/// An order of Microsoft domains only.
async fn microsoft(rig: &Rig, names: &[&str]) -> String {
    let mut body = order_body(names);
    body["google_licenses"] = json!(0);
    body["microsoft_licenses"] = json!(names.len());
    let id = rig.place(&body).await;
    rig.settle_all().await;
    id
}

async fn be(rig: &Rig, tier: Tier) {
    let read = partners::get(&mut rig.wired.store.read().await.unwrap(), &rig.partner.id).await.unwrap().unwrap();
    let mut change = Change::default();
    change.partners.update.push(Partner { tier, ..read });
    write(&rig.wired, change).await;
}

#[tokio::test]
async fn the_quota_is_a_share_of_the_active_domains_by_tier() {
    proves!("error quota_exceeded");
    let rig = Rig::sqlite().await;
    let names = ["acme-a.com", "acme-b.com", "acme-c.com", "acme-d.com", "acme-e.com"];
    let order = microsoft(&rig, &names).await;
    let mut ids = vec![];
    for name in names {
        ids.push(domain_id(&rig, &order, name).await);
    }
    // 20 % of five.
    ask(&rig, "premium", &ids[0], "taken-a.com").await;
    let error = refused(&rig, "premium", &ids[1], "acme-new-b.com").await;
    assert_eq!(error["code"], "quota_exceeded");
    assert_eq!(
        error["details"],
        json!({ "limit": 1, "used": 1, "active_domains": 5, "percent": 20, "frees_at": "2026-06-07T12:00:00Z" })
    );
    // 40 %, then 60 %; standard swaps do not count.
    be(&rig, Tier::Vip).await;
    let second = ask(&rig, "premium", &ids[1], "taken-b.com").await;
    refused(&rig, "premium", &ids[2], "taken-c.com").await;
    ask(&rig, "standard", &ids[2], "taken-c.com").await;
    be(&rig, Tier::VipPlus).await;
    ask(&rig, "premium", &ids[3], "taken-d.com").await;
    refused(&rig, "premium", &ids[4], "taken-e.com").await;
    // A failed one is given back, and an old one is forgotten.
    cancel_swap(&rig, &second["id"]).await;
    ask(&rig, "premium", &ids[4], "taken-e.com").await;
    be(&rig, Tier::Base).await;
    assert_eq!(refused(&rig, "premium", &ids[1], "taken-b.com").await["details"]["used"], 3);
    rig.advance(30 * DAY).await;
    ask(&rig, "premium", &ids[1], "taken-b.com").await;
}

async fn twins(rig: Rig) {
    let order = microsoft(&rig, &["acme-a.com", "acme-b.com"]).await;
    let (a, b) = (domain_id(&rig, &order, "acme-a.com").await, domain_id(&rig, &order, "acme-b.com").await);
    let body = |domain: &str, name: &str| json!({ "type": "premium", "domain_id": domain, "replacement_domain": name });
    let (one, other) = (body(&a, "taken-a.com"), body(&b, "taken-b.com"));
    let (one, other) = tokio::join!(rig.call("POST", "/swaps", Some(&one)), rig.call("POST", "/swaps", Some(&other)));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 409], "{} {}", one.body, other.body);

    // The same request at the same instant is one swap; another replacement is refused.
    let free = if one.status == 201 { &b } else { &a };
    let wish = json!({ "domain_id": free, "replacement_domain": "taken-x.com" });
    let same = || rig.call("POST", "/swaps", Some(&wish));
    let (first, second) = tokio::join!(same(), same());
    assert_eq!(first.body["data"], second.body["data"]);
    let replayed = |answer: &crate::support::Answer| answer.headers.contains_key("idempotent-replayed");
    assert!(replayed(&first) != replayed(&second), "one of them is the repetition");
    rig.work_off().await;
    let later = same().await;
    assert_eq!((later.status.as_u16(), &later.body["data"]["status"]), (201, &json!("action_required")));
    assert_eq!(refused(&rig, "standard", free, "taken-y.com").await["details"]["reason"], "swap_open");
    assert_eq!(refused(&rig, "premium", free, "taken-x.com").await["details"]["reason"], "swap_open");
    assert_eq!(rig.call("GET", "/swaps", None).await.body["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn two_requests_at_the_same_instant_do_not_both_pass_on_sqlite() {
    twins(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_requests_at_the_same_instant_do_not_both_pass_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        twins(rig).await;
    }
}

//! Forwarding jobs: every end that a domain can come to in one.

use model::change::Change;
use model::domain::DomainStatus;
use model::id::{DomainId, Id};
use serde_json::{Value, json};
use store::domains;

use crate::support::{Rig, order_body, write};

const OLD: &str = "https://acme.com";
const NEW: &str = "https://acme.com/offer";

/// A completed order, read.
async fn ordered(rig: &Rig, names: &[&str]) -> Value {
    let id = rig.place(&order_body(names)).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed");
    order
}

async fn forward(rig: &Rig, domains: &[&str], url: &str) -> Value {
    let body = json!({ "domains": domains, "forwarding_url": url });
    let answer = rig.call("POST", "/domains/forwarding", Some(&body)).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["data"].clone()
}

async fn job(rig: &Rig, begun: &Value) -> Value {
    let answer = rig.call("GET", &format!("/domains/forwarding/{}", begun["id"].as_str().unwrap()), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// The job when everything in it has ended.
async fn ended(rig: &Rig, domains: &[&str], url: &str) -> Value {
    let begun = forward(rig, domains, url).await;
    rig.settle_all().await;
    let job = job(rig, &begun).await;
    assert!(job["completed_at"].is_string(), "{job}");
    job
}

/// Where the domains of an order lead.
async fn targets(rig: &Rig, order: &Value) -> Vec<String> {
    let order = rig.order(order["id"].as_str().unwrap()).await;
    let domains = order["domains"].as_array().unwrap().iter();
    domains.map(|domain| domain["forwarding_url"].as_str().unwrap().to_owned()).collect()
}

/// Events since the order was completed, oldest first.
async fn told(rig: &Rig) -> Vec<Value> {
    let answer = rig.call("GET", "/events?per_page=100", None).await;
    let mut events: Vec<_> = answer.body["data"].as_array().unwrap().iter().rev().cloned().collect();
    let completed = events.iter().position(|event| event["type"] == "order.completed").unwrap();
    events.split_off(completed + 1)
}

async fn every_end(rig: Rig) {
    let order = ordered(&rig, &["acme-one.com", "acme-two.com", "action-target-acme.com"]).await;
    let first = order["domains"][0]["id"].as_str().unwrap();

    let begun = forward(&rig, &[first, "ACME-two.com."], NEW).await;
    assert_eq!((&begun["status"], &begun["completed"]), (&json!("in_progress"), &json!([])));
    rig.settle_all().await;
    let done = job(&rig, &begun).await;
    assert_eq!((&done["status"], &done["completed_count"]), (&json!("completed"), &json!(2)));
    assert_eq!(done["completed"], json!(["acme-one.com", "acme-two.com"]));
    assert_eq!(targets(&rig, &order).await, [NEW, NEW, OLD]);
    let events = told(&rig).await;
    assert_eq!(events.len(), 2);
    for event in &events {
        assert_eq!(
            (&event["type"], &event["data"]["forwarding_url"]),
            (&json!("domain.forwarding_updated"), &json!(NEW))
        );
        assert_eq!((&event["data"]["status"], &event["data"]["order_id"]), (&json!("active"), &order["id"]));
    }
    assert_eq!(rig.effects("redirect_set", "acme-one.com").await, 2);

    let again = forward(&rig, &[first, "acme-two.com"], NEW).await;
    assert_eq!((&again["status"], &again["completed_count"]), (&json!("completed"), &json!(2)), "right already");
    assert_eq!(told(&rig).await.len(), 2);

    for (target, reason) in [
        ("https://nodns-acme.com", "dns_lookup_failed"),
        ("https://unreachable-acme.com/x", "target_unreachable"),
        ("http://private-acme.com", "invalid_target"),
    ] {
        let failed = ended(&rig, &["acme-one.com"], target).await;
        let row = json!([{ "domain": "acme-one.com", "reason": reason }]);
        assert_eq!((&failed["status"], &failed["failed"]), (&json!("failed"), &row), "{target}");
        let event = told(&rig).await.pop().unwrap();
        assert_eq!(
            (&event["type"], &event["data"]["forwarding_url"]),
            (&json!("domain.forwarding_failed"), &json!(NEW))
        );
    }
    assert_eq!(rig.order(order["id"].as_str().unwrap()).await["status"], "completed");

    // One of them has a target that is not seen at the first look: nobody is asked, it fails.
    let part = ended(&rig, &["acme-one.com", "action-target-acme.com", "nobody.com"], "https://acme.com/b").await;
    assert_eq!((&part["status"], &part["completed"]), (&json!("partial_success"), &json!(["acme-one.com"])));
    let failed = json!([
        { "domain": "action-target-acme.com", "reason": "target_unreachable" },
        { "domain": "nobody.com", "reason": "domain_not_found" }
    ]);
    assert_eq!(part["failed"], failed);
    assert_eq!(targets(&rig, &order).await, ["https://acme.com/b", NEW, OLD]);
    let ids: Vec<_> = told(&rig).await.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.is_sorted(), "each event of an order is above the one before");
}

#[tokio::test]
async fn every_end_of_a_forwarding_job_on_sqlite() {
    proves!("event domain.forwarding_updated", "event domain.forwarding_failed");
    every_end(Rig::sqlite().await).await;
}

#[tokio::test]
async fn every_end_of_a_forwarding_job_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        every_end(rig).await;
    }
}

/// Jobs on one domain are done one after the other.
async fn later_wins(rig: &Rig, other: &Rig) {
    let order = ordered(rig, &["acme-one.com"]).await;
    let mut begun = vec![];
    for n in 0..5 {
        begun.push(forward(rig, &["acme-one.com"], &format!("https://acme.com/{n}")).await);
    }
    // Back to where it leads now: that is right only because nothing has been done yet.
    begun.push(forward(rig, &["acme-one.com"], OLD).await);
    tokio::join!(rig.settle_all(), other.settle_all());
    for one in &begun {
        assert_eq!(job(rig, one).await["status"], "completed");
    }
    assert_eq!(targets(rig, &order).await, [OLD]);
    assert_eq!(rig.effects("redirect_set", "acme-one.com").await, 1 + begun.len());
    let urls: Vec<_> = told(rig).await.iter().map(|event| event["data"]["forwarding_url"].clone()).collect();
    let expected = [
        "https://acme.com/0",
        "https://acme.com/1",
        "https://acme.com/2",
        "https://acme.com/3",
        "https://acme.com/4",
        OLD,
    ];
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn of_jobs_on_one_domain_the_last_wins_and_all_end_on_sqlite() {
    let rig = Rig::sqlite().await;
    later_wins(&rig, &rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_jobs_on_one_domain_the_last_wins_and_all_end_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        let other = rig.another(None).await;
        later_wins(&rig, &other).await;
    }
}

#[tokio::test]
async fn awkward_providers_are_lived_with() {
    let rig = Rig::sqlite().await;
    let names = ["flaky-acme.com", "lost-acme.com", "slow-acme.com"];
    let order = ordered(&rig, &names).await;
    let done = ended(&rig, &names, NEW).await;
    assert_eq!(done["status"], "completed", "{done}");
    assert_eq!(targets(&rig, &order).await, [NEW, NEW, NEW]);
    for name in names {
        assert_eq!(rig.effects("redirect_set", name).await, 2, "{name}");
    }
}

#[tokio::test]
async fn a_domain_that_stops_working_meanwhile_is_left_alone() {
    let rig = Rig::sqlite().await;
    let order = ordered(&rig, &["acme-one.com"]).await;
    let begun = forward(&rig, &["acme-one.com"], NEW).await;
    let id = DomainId::opaque(order["domains"][0]["id"].as_str().unwrap());
    let mut domain = domains::load(&mut rig.wired.store.read().await.unwrap(), &id).await.unwrap().unwrap();
    domain.status = DomainStatus::Retiring;
    let mut change = Change::default();
    change.domains.update.push(domain);
    write(&rig.wired, change).await;
    rig.settle_all().await;
    let failed = job(&rig, &begun).await;
    assert_eq!(failed["failed"], json!([{ "domain": "acme-one.com", "reason": "not_active" }]));
    assert_eq!(rig.effects("redirect_set", "acme-one.com").await, 1);
}

#[tokio::test]
async fn a_domain_that_does_not_work_yet_cannot_be_changed() {
    let rig = Rig::sqlite().await;
    rig.place(&order_body(&["action-acme.com"])).await;
    rig.work_off().await;
    let failed = forward(&rig, &["action-acme.com"], NEW).await;
    assert_eq!(failed["failed"], json!([{ "domain": "action-acme.com", "reason": "not_active" }]));
    assert_eq!(failed["status"], "failed");
}

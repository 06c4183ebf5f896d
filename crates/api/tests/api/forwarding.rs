//! Forwarding jobs, as far as requests go; what the workers do is told in the server's stories.

use model::change::Change;
use model::clock::Clock as _;
use model::domain::{Domain, DomainName, DomainStatus, Source};
use model::id::{DomainId, Id, OrderId};
use model::partner::Preset;
use model::world::{Environment, Scope};
use serde_json::{Value, json};

use crate::support::{Api, NOON, settings};

const PATH: &str = "/partner/v1/domains/forwarding";
const OLD: &str = "https://acme.com";

/// A domain of somebody's, as if its order had been carried out.
async fn domain(api: &Api, scope: &Scope, name: &str, status: DomainStatus) -> DomainId {
    let id: DomainId = api.ids.next();
    let domain = Domain {
        status,
        order: Some(OrderId::opaque("ord_1")),
        forwarding_url: Some(OLD.into()),
        ..Domain::new(id.clone(), scope, DomainName::stored(name), Source::Registrar, api.clock.now())
    };
    let mut change = Change::default();
    change.domains.insert.push(domain);
    api.write(change).await;
    id
}

fn wish(domains: &[&str], url: &str) -> Value {
    json!({ "domains": domains, "forwarding_url": url })
}

#[tokio::test]
async fn what_needs_no_work_has_ended_in_the_answer_already() {
    proves!("POST /domains/forwarding", "GET /domains/forwarding/{id}", "Forwarding", "FailedForwarding");
    let api = Api::start().await;
    let scope = api.scope();
    let first = domain(&api, &scope, "acme-one.com", DomainStatus::Active).await;
    let second = domain(&api, &scope, "acme-two.com", DomainStatus::Configuring).await;
    let sent = [first.as_str(), "ACME-one.com.", second.as_str(), "Nobody.com", "dom_nothing", "no name"];
    let reply = api.post(PATH, &wish(&sent, OLD)).await.is(202);
    let id = reply.data()["id"].as_str().unwrap();
    assert!(id.starts_with("fwj_") && id.len() == 30);
    assert_eq!(
        *reply.data(),
        json!({
            "id": id,
            "status": "partial_success",
            "completed_count": 1,
            "failed_count": 4,
            "forwarding_url": OLD,
            "completed": ["acme-one.com"],
            "failed": [
                { "domain": "acme-two.com", "reason": "not_active" },
                { "domain": "nobody.com", "reason": "domain_not_found" },
                { "domain": "dom_nothing", "reason": "domain_not_found" },
                { "domain": "no name", "reason": "domain_not_found" }
            ],
            "created_at": NOON,
            "completed_at": NOON
        })
    );
    assert_eq!(api.get(&format!("{PATH}/{id}")).await.is(200).json, reply.json);
    assert_eq!(api.post(PATH, &wish(&["acme-one.com"], OLD)).await.is(202).data()["status"], "completed");
    assert_eq!(api.post(PATH, &wish(&["nobody.com"], OLD)).await.is(202).data()["status"], "failed");

    let working = api.post(PATH, &wish(&["acme-one.com", "nobody.com"], "https://other.com")).await.is(202);
    assert_eq!((&working.data()["status"], &working.data()["completed_at"]), (&json!("in_progress"), &Value::Null));
    // Somebody is changing it: that it leads there now says nothing.
    let back = api.post(PATH, &wish(&["acme-one.com"], OLD)).await.is(202);
    assert_eq!(back.data()["status"], "in_progress");
}

#[tokio::test]
async fn domains_of_others_do_not_exist() {
    let api = Api::start().await;
    let other = api.add_partner("Other").await;
    let live = api.add_key(Environment::Live, Preset::Full).await;
    let others = api.add_key_of(&other, Environment::Live, Preset::Full, |_| ()).await;
    let scope = Scope { partner: other, world: model::world::World::live() };
    let id = domain(&api, &scope, "acme-one.com", DomainStatus::Active).await;
    for key in [&api.key, &live] {
        let reply = api.json_as(key, "POST", PATH, &wish(&[id.as_str(), "acme-one.com"], OLD)).await.is(202);
        let failed = reply.data()["failed"].as_array().unwrap();
        assert!(failed.len() == 2 && failed.iter().all(|one| one["reason"] == "domain_not_found"), "{failed:?}");
        let job = reply.data()["id"].as_str().unwrap();
        api.get_as(&others, &format!("{PATH}/{job}")).await.refuses(404, "not_found");
    }
    let own = api.json_as(&others, "POST", PATH, &wish(&["acme-one.com"], OLD)).await.is(202);
    assert_eq!(own.data()["status"], "completed");
}

#[tokio::test]
async fn every_fault_of_the_body_is_told_at_its_place() {
    let api = Api::start().await;
    let many: Vec<_> = (0..26).map(|n| format!("acme-{n}.com")).collect();
    for (body, field) in [
        (json!({ "domains": ["a.com"] }), "forwarding_url"),
        (json!({ "forwarding_url": OLD }), "domains"),
        (json!({ "domains": [], "forwarding_url": OLD }), "domains"),
        (json!({ "domains": many, "forwarding_url": OLD }), "domains"),
        (json!({ "domains": ["a.com", ""], "forwarding_url": OLD }), "domains[1]"),
        (json!({ "domains": ["a.com", "b\u{0}"], "forwarding_url": OLD }), "domains[1]"),
        (json!({ "domains": [7], "forwarding_url": OLD }), "domains[0]"),
        (json!({ "domains": ["a.com"], "forwarding_url": "acme.com" }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "forwarding_url": "ftp://acme.com" }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "forwarding_url": "http://10.0.0.1" }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "forwarding_url": "http://localhost:3000" }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "forwarding_url": "https://me:pw@acme.com" }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "forwarding_url": null }), "forwarding_url"),
        (json!({ "domains": ["a.com"], "url": OLD }), "url"),
    ] {
        api.post(PATH, &body).await.refuses_field(field);
    }
    api.get(&format!("{PATH}/fwj_nothing")).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_developers_machine_is_a_target_only_for_test_keys_in_development() {
    let api = Api::with(api::Settings { development: true, ..settings() }).await;
    let body = wish(&["a.com"], "http://localhost:3000");
    api.post(PATH, &body).await.is(202);
    let live = api.add_key(Environment::Live, Preset::Full).await;
    api.json_as(&live, "POST", PATH, &body).await.refuses_field("forwarding_url");
}

//! Other names for the inboxes of a domain.

use model::change::Change;
use model::clock::{DAY, MINUTE};
use model::id::{DomainId, Id as _};
use model::inbox::{Inbox, LinkStatus};
use model::task::Lane;
use serde_json::{Value, json};
use store::{actions, domains, inboxes};

use crate::support::swapping::*;
use crate::support::{Answer, Rig, order_body, write};

fn person(first: &str, last: &str, picture: &str) -> Value {
    json!({ "first_name": first, "last_name": last, "profile_picture_url": picture })
}

async fn call(rig: &Rig, domain: &str, people: &[Value]) -> Answer {
    let body = json!({ "domain_id": domain, "personas": people });
    rig.call("POST", "/swaps/user_names", Some(&body)).await
}

async fn rename(rig: &Rig, domain: &str, people: &[Value]) -> Vec<Value> {
    let answer = call(rig, domain, people).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"]["swaps"].as_array().unwrap().clone()
}

async fn inboxes_of(rig: &Rig, domain: &str) -> Vec<Inbox> {
    inboxes::of_domain(&mut rig.wired.store.read().await.unwrap(), &DomainId::opaque(domain)).await.unwrap()
}

async fn all_are(rig: &Rig, swaps: &[Value], status: &str) {
    for one in swaps {
        assert_eq!(swap(rig, &one["id"]).await["status"], status);
    }
}

async fn shown_anew(rig: &Rig, email: &str) {
    let mut shown = 0;
    for effect in ["mailbox_renamed", "mailbox_changed"] {
        shown += rig.effects(effect, email).await;
    }
    assert_eq!(shown, 1, "the address stays, what is shown changes");
}

async fn google(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let domain = domain_id(&rig, &order, "acme-two.com").await;
    let old = inboxes_of(&rig, &domain).await;
    let emails = |inboxes: &[Inbox]| inboxes.iter().map(|one| one.email.clone()).collect::<Vec<_>>();
    assert_eq!(emails(&old), ["sam.lee@acme-two.com", "alex.rivera@acme-two.com"]);

    // The people take turns where the order's other domains left off: the second comes first here.
    let people = [person("Jo", "Park", "https://example.com/jo.png"), person("Sám", "Lee", "")];
    let swaps = rename(&rig, &domain, &people).await;
    assert_eq!(swaps.len(), 2);
    for (one, inbox) in swaps.iter().zip(&old) {
        assert_eq!((&one["type"], &one["status"]), (&json!("user_names"), &json!("created")));
        assert_eq!((&one["replacement_domain"], &one["inbox_id"]), (&Value::Null, &json!(inbox.id.as_str())));
    }
    assert_eq!(told(&rig, before).await, ["swap.created", "swap.created"]);

    // While they are open: the same again is the same, anything else has to wait.
    let again = call(&rig, &domain, &people).await;
    assert_eq!((again.status.as_u16(), &again.body["data"]["swaps"]), (201, &json!(swaps)));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = call(&rig, &domain, &people[..1]).await;
    assert_eq!((other.status.as_u16(), &other.body["error"]["details"]["reason"]), (409, &json!("swap_open")));
    assert_eq!(refused(&rig, "standard", &domain, "acme-new.com").await["details"]["reason"], "swap_open");
    let cancel = rig.call("POST", &format!("/swaps/{}/cancel", swaps[0]["id"].as_str().unwrap()), None).await;
    assert_eq!((cancel.status.as_u16(), &cancel.body["error"]["details"]["reason"]), (409, &json!("being_renamed")));

    rig.settle_all().await;
    all_are(&rig, &swaps, "completed").await;
    let mut events = told(&rig, before).await.split_off(2);
    events.sort();
    assert_eq!(events, ["swap.completed", "swap.completed", "swap.in_progress", "swap.in_progress"]);
    assert_eq!(last_event(&rig).await["status"], "completed");
    let new = inboxes_of(&rig, &domain).await;
    assert_eq!(emails(&new), ["sam.lee@acme-two.com", "jo.park@acme-two.com"]);
    assert_eq!((new[0].first_name.as_str(), new[1].first_name.as_str()), ("Sám", "Jo"));
    assert_eq!((new[0].account_id.clone(), new[1].link), (old[0].account_id.clone(), LinkStatus::Linked));
    assert!(new[1].account_id.is_some() && new[1].account_id != old[1].account_id);
    for (effect, subject, count) in [
        ("mailbox_renamed", "jo.park@acme-two.com", 1),
        ("account_unlinked", "alex.rivera@acme-two.com", 1),
        ("account_linked", "jo.park@acme-two.com", 1),
        ("account_unlinked", "sam.lee@acme-two.com", 0),
    ] {
        assert_eq!(rig.effects(effect, subject).await, count, "{effect} {subject}");
    }
    shown_anew(&rig, "sam.lee@acme-two.com").await;
    assert_eq!(charged(&rig, &order).await, 6800, "new names cost nothing");
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-two.com"]));
    let listed = rig.call("GET", &format!("/swaps?domain_id={domain}&per_page=1"), None).await;
    assert_eq!((&listed.body["data"][0]["id"], &listed.body["meta"]["returned"]), (&swaps[1]["id"], &json!(1)));

    // What is so already is so again; then a replacement carries the new people's names.
    let repeated = rename(&rig, &domain, &people).await;
    assert!(repeated.iter().all(|one| !swaps.iter().any(|before| before["id"] == one["id"])));
    rig.settle_all().await;
    all_are(&rig, &repeated, "completed").await;
    assert_eq!(rig.effects("account_linked", "jo.park@acme-two.com").await, 1);
    ask(&rig, "standard", &domain, "acme-new.com").await;
    assert_eq!(call(&rig, &domain, &people).await.body["error"]["details"]["reason"], "swap_open");
    rig.settle_all().await;
    let replacement = domain_id(&rig, &order, "acme-new.com").await;
    assert_eq!(emails(&inboxes_of(&rig, &replacement).await), ["sam.lee@acme-new.com", "jo.park@acme-new.com"]);
    assert_eq!(call(&rig, &domain, &people).await.body["error"]["details"]["reason"], "not_active");
}

#[tokio::test]
async fn the_inboxes_of_a_google_domain_get_other_names_on_sqlite() {
    google(Rig::sqlite().await).await;
}

#[tokio::test]
async fn the_inboxes_of_a_google_domain_get_other_names_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        google(rig).await;
    }
}

async fn microsoft(rig: Rig) {
    let (order, before) = delivered(&rig).await;
    let domain = domain_id(&rig, &order, "acme-one.com").await;
    // A picture that cannot be had is no matter here: only Google shows them.
    let people = [person("Alex", "Rivera", "https://unreachable-acme.com/a.png"), person("Kim", "Ray", "")];
    let swaps = rename(&rig, &domain, &people).await;
    assert_eq!(swaps.len(), 25);
    rig.settle_all().await;
    all_are(&rig, &swaps, "completed").await;
    let inboxes = inboxes_of(&rig, &domain).await;
    assert_eq!(
        (inboxes[0].email.as_str(), inboxes[1].email.as_str()),
        ("alex.rivera@acme-one.com", "kim.ray@acme-one.com")
    );
    assert!(inboxes.iter().all(|one| one.link == LinkStatus::Linked && one.account_id.is_some()));
    let renamed = inboxes.iter().filter(|one| one.first_name == "Kim").count();
    assert_eq!(renamed, 12);
    assert_eq!(told(&rig, before).await.len(), 75);
}

#[tokio::test]
async fn the_inboxes_of_a_microsoft_domain_get_other_names_on_sqlite() {
    microsoft(Rig::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_inboxes_of_a_microsoft_domain_get_other_names_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        microsoft(rig).await;
    }
}

/// An order with a renaming that waits for a picture, and where the events of that begin.
async fn waiting_for_a_picture() -> (Rig, String, String, Vec<Value>, usize) {
    let rig = Rig::sqlite().await;
    let (order, before) = delivered(&rig).await;
    let domain = domain_id(&rig, &order, "acme-two.com").await;
    let swaps = rename(&rig, &domain, &[person("Jo", "Park", "https://unreachable-acme.com/jo.png")]).await;
    rig.work_off().await;
    all_are(&rig, &swaps, "action_required").await;
    (rig, order, domain, swaps, before)
}

#[tokio::test]
async fn a_picture_that_cannot_be_had_is_asked_for_while_the_domain_works_on() {
    let (rig, order, domain, swaps, before) = waiting_for_a_picture().await;
    let mut db = rig.wired.store.read().await.unwrap();
    let id = DomainId::opaque(domain.as_str());
    let action = actions::open_of_domain(&mut db, &id).await.unwrap().unwrap();
    assert_eq!((action.reason.as_str(), action.persona), ("profile_picture_not_accessible", Some(0)));
    assert_eq!(domains(&rig, &order).await, live(&["acme-one.com", "acme-two.com"]));
    rig.advance(10 * MINUTE).await;
    let mut events = told(&rig, before).await;
    events.sort();
    assert_eq!(events, ["swap.action_required", "swap.action_required", "swap.created", "swap.created"]);

    // Somebody sends another picture.
    let read = domains::load(&mut db, &id).await.unwrap().unwrap();
    let mut people = read.personas.clone().unwrap();
    people[0].profile_picture_url = Some("https://example.com/jo.png".into());
    let mut change = Change::default();
    change.domains.update.push(model::domain::Domain { personas: Some(people), ..read });
    write(&rig.wired, change).await;
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    all_are(&rig, &swaps, "completed").await;
    assert!(actions::open_of_domain(&mut db, &id).await.unwrap().is_none());
    assert_eq!(inboxes_of(&rig, &domain).await[0].email, "jo.park@acme-two.com");
}

#[tokio::test]
async fn a_renaming_that_waits_ends_with_its_domain() {
    let (rig, order, domain, swaps, _) = waiting_for_a_picture().await;
    let body = json!({ "domains": ["acme-two.com"] });
    assert_eq!(rig.call("POST", &format!("/orders/{order}/cancel"), Some(&body)).await.status, 200);
    rig.advance(MINUTE).await;
    all_are(&rig, &swaps, "action_required").await;
    rig.advance(32 * DAY).await;
    rig.settle_all().await;
    all_are(&rig, &swaps, "failed").await;
    let mut db = rig.wired.store.read().await.unwrap();
    assert!(actions::open_of_domain(&mut db, &DomainId::opaque(domain.as_str())).await.unwrap().is_none());
    assert_eq!(rig.order(&order).await["domain_count"], 1);
}

#[tokio::test]
async fn providers_that_misbehave_rename_once() {
    for name in ["flaky-acme.com", "lost-acme.com", "slow-acme.com"] {
        let rig = Rig::sqlite().await;
        let order = rig.place(&order_body(&[name])).await;
        rig.settle_all().await;
        let swaps = rename(&rig, &domain_id(&rig, &order, name).await, &[person("Kim", "Ray", "")]).await;
        rig.settle_all().await;
        all_are(&rig, &swaps, "completed").await;
        for address in [format!("kim.ray@{name}"), format!("kim@{name}")] {
            assert_eq!(rig.effects("mailbox_renamed", &address).await, 1, "{address}");
            assert_eq!(rig.effects("account_linked", &address).await, 1, "{address}");
        }
    }
}

#[tokio::test]
async fn a_login_that_is_asked_for_while_renaming_is_no_longer_asked_for_when_it_works() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["action-login-acme.com"])).await;
    rig.settle_all().await;
    let domain = domain_id(&rig, &order, "action-login-acme.com").await;
    let swaps = rename(&rig, &domain, &[person("Jo", "Park", "https://example.com/jo.png")]).await;
    rig.settle_all().await;
    all_are(&rig, &swaps, "completed").await;
    let open = rig.call("GET", "/orders/pending", None).await.body;
    assert_eq!(open["data"], json!([]));
    let asked = rig.call("GET", "/orders/pending?status=resolved", None).await.body;
    let reasons: Vec<_> = asked["data"].as_array().unwrap().iter().map(|one| one["reason"].clone()).collect();
    assert_eq!(
        reasons,
        ["credentials_rejected", "credentials_rejected"],
        "when it was linked, and when it was relinked"
    );
}

/// The sandbox's accounts at the sequencer on a domain.
async fn accounts(rig: &Rig, domain: &str) -> usize {
    let ledger = rig.wired.sim.ledger(None).await.unwrap();
    let count = |effect| {
        let of_this = |one: &&providers::all::sim::Effect| one.effect == effect && one.subject.ends_with(domain);
        ledger.iter().filter(of_this).count()
    };
    count("account_linked") - count("account_unlinked")
}

#[tokio::test]
async fn an_inbox_between_two_addresses_is_unlinked_when_its_domain_leaves() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["flaky-acme.com"])).await;
    rig.settle_all().await;
    let domain = domain_id(&rig, &order, "flaky-acme.com").await;
    rename(&rig, &domain, &[person("Jo", "Park", "")]).await;
    while !inboxes_of(&rig, &domain).await.iter().all(|inbox| inbox.link == LinkStatus::Waiting) {
        rig.clock.set(rig.next_due().await.unwrap());
        rig.wired.engine.work_due(Lane::Step).await.unwrap();
    }
    assert_eq!(accounts(&rig, "flaky-acme.com").await, 2, "under their old addresses");
    let path = format!("/orders/{order}/cancel");
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    // The domain leaves before the workers come back to the renaming.
    rig.clock.advance(31 * DAY);
    rig.wired.engine.work_due(Lane::Timer).await.unwrap();
    rig.settle_all().await;
    assert_eq!(rig.order(&order).await["status"], "cancelled");
    assert_eq!(accounts(&rig, "flaky-acme.com").await, 0);
}

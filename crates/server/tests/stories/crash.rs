//! Workers that die before a call, after it, or call twice: for every step of every workflow.

use std::sync::Arc;
use std::sync::Mutex;

use engine::{Fate, Point, Probe};
use model::clock::DAY;
use model::run::{RunKind, StepName};
use proptest::prelude::*;

use crate::support::lottery::Storm;
use crate::support::{Rig, order_body};

/// Lets the worker meet one fate at one point of one step, once.
pub(crate) struct Once {
    pub(crate) step: StepName,
    pub(crate) point: Point,
    pub(crate) fate: Fate,
    pub(crate) met: Mutex<bool>,
}

impl Probe for Once {
    fn fate(&self, _domain: &str, step: StepName, point: Point) -> Fate {
        let mut met = self.met.lock().unwrap();
        if *met || step != self.step || point != self.point {
            return Fate::Live;
        }
        *met = true;
        self.fate
    }
}

/// Every effect of a finished order of one domain, each exactly once.
pub(crate) async fn everything_happened_once(rig: &Rig, id: &str, name: &str, context: &str) {
    let order = rig.order(id).await;
    assert_eq!(order["status"], "completed", "{context}");
    let ledger = rig.wired.sim.ledger(None).await.unwrap();
    let mut seen = std::collections::HashMap::new();
    for effect in &ledger {
        *seen.entry((effect.effect.clone(), effect.subject.clone())).or_insert(0) += 1;
    }
    for ((effect, subject), count) in &seen {
        assert_eq!(*count, 1, "{context}: {effect} {subject}");
    }
    assert_eq!(seen.get(&("registered".to_owned(), name.to_owned())), Some(&1), "{context}");
    assert_eq!(rig.event_types().await, ["order.in_progress", "domain.connected", "order.completed"], "{context}");
    assert_eq!(order["costs"]["charged_cents"], 2500, "{context}");
}

/// A new process takes over what a dead one left.
pub(crate) async fn restart(rig: &Rig) -> Rig {
    let next = rig.another(None).await;
    next.wired.engine.recover().await.unwrap();
    next
}

#[tokio::test]
async fn a_worker_may_die_anywhere() {
    for step in RunKind::Provision.steps() {
        for (point, fate) in FATES {
            let probe = Arc::new(Once { step: *step, point, fate, met: Mutex::new(false) });
            let rig = Rig::with_probe(probe.clone()).await;
            let id = rig.place(&order_body(&["acme-mail.com"])).await;
            rig.work_off().await;
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            if fate == Fate::Die {
                assert_eq!(rig.order(&id).await["status"], "in_progress", "{context}");
                let next = restart(&rig).await;
                next.settle_all().await;
            } else {
                rig.settle_all().await;
            }
            everything_happened_once(&rig, &id, "acme-mail.com", &context).await;
        }
    }
}

pub(crate) const FATES: [(Point, Fate); 3] =
    [(Point::BeforeCall, Fate::Die), (Point::AfterCall, Fate::Die), (Point::AfterCall, Fate::Repeat)];

/// The year of a domain after it was delivered, in which a run of this kind comes up.
async fn live_through(rig: &Rig, kind: RunKind, id: &str) {
    match kind {
        RunKind::Renew => rig.advance(340 * DAY).await,
        RunKind::Close => {
            let cancelled = rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
            assert_eq!(cancelled.status, 200, "{}", cancelled.body);
            rig.advance(32 * DAY).await;
        }
        RunKind::Replace => {
            let body =
                serde_json::json!({ "domain_id": domain_of(rig, id).await, "replacement_domain": "acme-new.com" });
            assert_eq!(rig.call("POST", "/swaps", Some(&body)).await.status, 201);
            rig.work_off().await;
        }
        RunKind::Rename => {
            let person = serde_json::json!({ "first_name": "Kim", "last_name": "Ray", "profile_picture_url": null });
            let body = serde_json::json!({ "domain_id": domain_of(rig, id).await, "personas": [person] });
            assert_eq!(rig.call("POST", "/swaps/user_names", Some(&body)).await.status, 201);
            rig.work_off().await;
        }
        _ => {}
    }
}

async fn domain_of(rig: &Rig, id: &str) -> String {
    rig.order(id).await["domains"][0]["id"].as_str().unwrap().to_owned()
}

/// What such a run comes to: an effect, whom it is on, and the order's status then.
fn end_of(kind: RunKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        RunKind::Renew => ("renewed", "acme-mail.com", "completed"),
        RunKind::Replace => ("zone_removed", "acme-mail.com", "completed"),
        RunKind::Rename => ("account_linked", "kim.ray@acme-mail.com", "completed"),
        _ => ("zone_removed", "acme-mail.com", "cancelled"),
    }
}

#[tokio::test]
async fn a_worker_may_die_anywhere_in_a_domains_later_life() {
    for kind in [RunKind::Renew, RunKind::Close, RunKind::Replace, RunKind::Rename] {
        for step in kind.steps() {
            for (point, fate) in FATES {
                let probe = Arc::new(Once { step: *step, point, fate, met: Mutex::new(false) });
                let rig = Rig::with_probe(probe.clone()).await;
                let id = rig.place(&order_body(&["acme-mail.com"])).await;
                rig.settle_all().await;
                live_through(&rig, kind, &id).await;
                let context = format!("{} {point:?} {fate:?}", step.as_str());
                assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
                restart(&rig).await.settle_all().await;
                let ledger = rig.wired.sim.ledger(None).await.unwrap();
                let mut seen = std::collections::HashSet::new();
                assert!(ledger.iter().all(|one| seen.insert((one.effect.clone(), one.subject.clone()))), "{context}");
                let (effect, subject, status) = end_of(kind);
                assert_eq!(rig.effects(effect, subject).await, 1, "{context}");
                assert_eq!(rig.order(&id).await["status"], status, "{context}");
                let swaps = rig.call("GET", "/swaps", None).await.body["data"].clone();
                assert!(swaps.as_array().unwrap().iter().all(|swap| swap["status"] == "completed"), "{context}");
            }
        }
    }
}

/// The same, for the steps of one domain only.
struct OnceFor(&'static str, Once);

impl Probe for OnceFor {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        if domain == self.0 { self.1.fate(domain, step, point) } else { Fate::Live }
    }
}

#[tokio::test]
async fn a_worker_may_die_anywhere_while_a_replacement_is_made() {
    for step in RunKind::Provision.steps() {
        for (point, fate) in FATES {
            let once = Once { step: *step, point, fate, met: Mutex::new(false) };
            let probe = Arc::new(OnceFor("acme-new.com", once));
            let rig = Rig::with_probe(probe.clone()).await;
            let id = rig.place(&order_body(&["acme-mail.com"])).await;
            rig.settle_all().await;
            live_through(&rig, RunKind::Replace, &id).await;
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            assert!(*probe.1.met.lock().unwrap(), "{context}: the point was never reached");
            restart(&rig).await.settle_all().await;
            let ledger = rig.wired.sim.ledger(None).await.unwrap();
            let mut seen = std::collections::HashSet::new();
            assert!(ledger.iter().all(|one| seen.insert((one.effect.clone(), one.subject.clone()))), "{context}");
            let told = rig.event_types().await.split_off(3);
            let whole = ["swap.created", "swap.in_progress", "domain.connected", "swap.completed"];
            assert_eq!(told, whole, "{context}");
            let order = rig.order(&id).await;
            assert_eq!(order["domains"][0]["domain"], "acme-new.com", "{context}");
            assert_eq!(order["costs"]["charged_cents"], 2500 + 1300, "{context}");
        }
    }
}

/// How often each effect happened.
async fn effects(rig: &Rig) -> std::collections::HashMap<(String, String), usize> {
    let mut seen = std::collections::HashMap::new();
    for effect in rig.wired.sim.ledger(None).await.unwrap() {
        *seen.entry((effect.effect, effect.subject)).or_default() += 1;
    }
    seen
}

#[tokio::test]
async fn a_worker_may_die_anywhere_while_a_name_is_imported() {
    for step in RunKind::Import.steps() {
        for (point, fate) in FATES {
            let probe = Arc::new(Once { step: *step, point, fate, met: Mutex::new(false) });
            let rig = Rig::with_probe(probe.clone()).await;
            let body = serde_json::json!({ "domains": ["acme-mail.com"] });
            let begun = rig.call("POST", "/domains/import/jobs", Some(&body)).await;
            rig.work_off().await;
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            restart(&rig).await.settle_all().await;
            let path = format!("/domains/import/{}", begun.body["data"]["id"].as_str().unwrap());
            let job = rig.call("GET", &path, None).await.body["data"].clone();
            assert_eq!((&job["status"], &job["completed_count"]), (&"completed".into(), &1.into()), "{context}");
            assert_eq!(effects(&rig).await, [(("zone_created".into(), "acme-mail.com".into()), 1)].into(), "{context}");
            assert_eq!(rig.event_types().await, ["domain_import.completed"], "{context}");
        }
    }
}

#[tokio::test]
async fn a_worker_may_die_anywhere_while_a_redirect_is_changed() {
    for step in RunKind::Forward.steps() {
        for (point, fate) in FATES {
            // The order's own redirect is set before: it is not the one that is meant.
            let probe = Arc::new(Once { step: *step, point, fate, met: Mutex::new(true) });
            let rig = Rig::with_probe(probe.clone()).await;
            let id = rig.place(&order_body(&["acme-mail.com"])).await;
            rig.settle_all().await;
            *probe.met.lock().unwrap() = false;
            let body = serde_json::json!({ "domains": ["acme-mail.com"], "forwarding_url": "https://acme.com/offer" });
            let begun = rig.call("POST", "/domains/forwarding", Some(&body)).await;
            rig.work_off().await;
            let context = format!("{} {point:?} {fate:?}", step.as_str());
            assert!(*probe.met.lock().unwrap(), "{context}: the point was never reached");
            restart(&rig).await.settle_all().await;
            let path = format!("/domains/forwarding/{}", begun.body["data"]["id"].as_str().unwrap());
            assert_eq!(rig.call("GET", &path, None).await.body["data"]["status"], "completed", "{context}");
            assert_eq!(rig.effects("redirect_set", "acme-mail.com").await, 2, "{context}");
            assert_eq!(rig.order(&id).await["domains"][0]["forwarding_url"], "https://acme.com/offer", "{context}");
            let kinds = rig.event_types().await;
            assert_eq!(kinds[2..], ["order.completed", "domain.forwarding_updated"], "{context}");
        }
    }
}

#[tokio::test]
async fn on_postgresql_another_worker_takes_over_when_the_lease_has_run_out() {
    for point in [Point::BeforeCall, Point::AfterCall] {
        let Some(rig) = Rig::postgres().await else { return };
        let probe = Arc::new(Once { step: StepName::RegisterName, point, fate: Fate::Die, met: Mutex::new(false) });
        let doomed = rig.another(Some(probe)).await;
        let id = rig.place(&order_body(&["acme-mail.com"])).await;
        doomed.work_off().await;
        rig.work_off().await;
        assert_eq!(rig.order(&id).await["status"], "in_progress", "the lease still holds");
        rig.settle_all().await;
        everything_happened_once(&rig, &id, "acme-mail.com", "lease").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_on_one_queue_do_everything_once() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    let names: Vec<_> = (0..12).map(|n| format!("acme-{n}.com")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let id = rig.place(&order_body(&names)).await;
    tokio::join!(rig.settle_all(), other.settle_all());
    assert_eq!(rig.order(&id).await["status"], "completed");
    for name in names {
        assert_eq!(rig.effects("registered", name).await, 1, "{name}");
    }
}

async fn weather(seed: u64) {
    let storm = Arc::new(Storm::of(seed, 12));
    let rig = Rig::with_probe(storm.clone()).await;
    let names = ["acme-a.com", "lost-acme.com", "flaky-acme.com", "fail-acme.com", "slow-acme.com", "action-acme.com"];
    let id = rig.place(&order_body(&names)).await;
    for _ in 0..400 {
        rig.work_off().await;
        rig.wired.engine.recover().await.unwrap();
        let Some(due) = rig.next_due().await else { break };
        rig.clock.set(due.max(model::clock::Clock::now(&*rig.clock)));
    }
    let order = rig.order(&id).await;
    assert_eq!(order["status"], "completed", "seed {seed}");
    for name in names {
        assert_eq!(rig.effects("registered", name).await, 1, "seed {seed}: {name}");
    }
    let kinds = rig.event_types().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "domain.connected").count(), 5, "seed {seed}");
    assert_eq!(kinds.last().map(String::as_str), Some("order.completed"), "seed {seed}");
    let lines = &order["costs"]["line_items"];
    let sum: i64 = lines.as_array().unwrap().iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum();
    assert_eq!(order["costs"]["charged_cents"], sum, "seed {seed}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_storm_of_deaths_changes_nothing(seed in 1_u64..u64::MAX) {
        tokio::runtime::Runtime::new().unwrap().block_on(weather(seed));
    }
}

//! What stories about swaps have in common.

use std::sync::{Mutex, OnceLock};

use engine::{Fate, Point, Probe};
use futures_util::future::BoxFuture;
use model::change::Change;
use model::clock::Clock as _;
use model::domain::{Domain, DomainName, DomainStatus, MailProvider, Source};
use model::partner::Preset;
use model::run::StepName;
use model::world::{Environment, Scope, World};
use serde_json::{Value, json};
use server::wire::Wired;

use super::{Rig, make_partner, order_body, write};

/// The id of an order's domain.
pub(crate) async fn domain_id(rig: &Rig, order: &str, name: &str) -> String {
    let order = rig.order(order).await;
    let mut domains = order["domains"].as_array().unwrap().iter();
    domains.find(|one| one["domain"] == name).expect("the domain")["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn ask(rig: &Rig, kind: &str, domain: &str, replacement: &str) -> Value {
    let body = json!({ "type": kind, "domain_id": domain, "replacement_domain": replacement });
    let answer = rig.call("POST", "/swaps", Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["data"].clone()
}

pub(crate) async fn refused(rig: &Rig, kind: &str, domain: &str, replacement: &str) -> Value {
    let body = json!({ "type": kind, "domain_id": domain, "replacement_domain": replacement });
    let answer = rig.call("POST", "/swaps", Some(&body)).await;
    assert_eq!(answer.status, 409, "{}", answer.body);
    answer.body["error"].clone()
}

pub(crate) async fn swap(rig: &Rig, id: &Value) -> Value {
    let answer = rig.call("GET", &format!("/swaps/{}", id.as_str().unwrap()), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

pub(crate) async fn cancel_swap(rig: &Rig, id: &Value) -> Value {
    let answer = rig.call("POST", &format!("/swaps/{}/cancel", id.as_str().unwrap()), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

/// Names and statuses of an order's domains.
pub(crate) async fn domains(rig: &Rig, order: &str) -> Vec<(String, String)> {
    let order = rig.order(order).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let domains = order["domains"].as_array().unwrap().iter();
    domains.map(|one| (text(&one["domain"]), text(&one["status"]))).collect()
}

pub(crate) fn live(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), "active".to_owned())).collect()
}

pub(crate) async fn charged(rig: &Rig, order: &str) -> i64 {
    let order = rig.order(order).await;
    let lines = order["costs"]["line_items"].as_array().unwrap();
    let sum = lines.iter().map(|line| line["amount_cents"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(order["costs"]["charged_cents"], sum);
    sum
}

/// The events from the `skip`th on, oldest first.
pub(crate) async fn told(rig: &Rig, skip: usize) -> Vec<String> {
    rig.event_types().await.split_off(skip)
}

/// The data of the newest event.
pub(crate) async fn last_event(rig: &Rig) -> Value {
    rig.call("GET", "/events?per_page=1", None).await.body["data"][0]["data"].clone()
}

/// The data of an event of a swap, as its GET shows the swap: without what stands beside it.
pub(crate) fn shown(data: &Value) -> Value {
    let mut shown = data.clone();
    for beside in ["action_id", "message"] {
        assert!(shown.as_object_mut().unwrap().remove(beside).is_some(), "{beside}: {data}");
    }
    shown
}

/// An order of one Microsoft domain, `acme-one.com`, and one Google domain, `acme-two.com`.
pub(crate) async fn delivered(rig: &Rig) -> (String, usize) {
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    assert_eq!(domains(rig, &id).await, live(&["acme-one.com", "acme-two.com"]));
    let events = rig.event_types().await.len();
    (id, events)
}

/// Puts a name into the partner's inventory.
pub(crate) async fn own(rig: &Rig, name: &str) {
    let id = rig.wired.app.ids.next();
    let new = Domain::new(id, &rig.scope(), DomainName::stored(name), Source::Imported, rig.clock.now());
    let usable_for = vec![MailProvider::Google, MailProvider::Microsoft];
    let mut change = Change::default();
    change.domains.insert.push(Domain { status: DomainStatus::Available, held: true, usable_for, ..new });
    write(&rig.wired, change).await;
}

/// A name that another partner holds from now on.
pub(crate) async fn steal(wired: &Wired, name: &str) {
    let (partner, _) = make_partner(wired, "Thief", Preset::Full, Environment::Test).await;
    let mut change = Change::default();
    // Only the live world is shared between partners; here it is the first one's that the name is lost in.
    let scope = Scope { partner: partner.id.clone(), world: world_of_acme(wired).await };
    let now = wired.app.clock.now();
    let held = Domain::new(wired.app.ids.next(), &scope, DomainName::stored(name), Source::Imported, now);
    change.domains.insert.push(Domain { status: DomainStatus::Available, held: true, ..held });
    write(wired, change).await;
}

async fn world_of_acme(wired: &Wired) -> World {
    let mut db = wired.store.read().await.expect("the store can be read");
    let acme = store::partners::by_id_or_name(&mut db, "Acme").await.expect("partners can be read").expect("Acme");
    acme.scope(Environment::Test).world
}

type Act = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Has something happen while a step is under way: before the provider is called, or after that and before the
/// settlement. Needs a runtime of several threads.
pub(crate) struct During {
    point: Point,
    step: StepName,
    domain: &'static str,
    act: OnceLock<Act>,
    done: Mutex<bool>,
}

impl During {
    pub(crate) fn a(step: StepName, domain: &'static str) -> Self {
        Self { point: Point::AfterCall, step, domain, act: OnceLock::new(), done: Mutex::new(false) }
    }

    pub(crate) fn before(step: StepName, domain: &'static str) -> Self {
        Self { point: Point::BeforeCall, ..Self::a(step, domain) }
    }

    pub(crate) fn happens(&self, act: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        assert!(self.act.set(Box::new(act)).is_ok());
    }
}

impl Probe for During {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        let here = step == self.step && domain == self.domain && point == self.point;
        let act = self.act.get().filter(|_| here && !std::mem::replace(&mut self.done.lock().unwrap(), true));
        if let Some(act) = act {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(act()));
        }
        Fate::Live
    }
}

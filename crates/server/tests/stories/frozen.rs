//! Processes that stand still in the middle of a step until others have taken its work over, and then go on: for every
//! step of every workflow, with and without a cancellation meanwhile. Afterwards what the sandbox sold and our rows agree.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use engine::{Fate, Point, Probe};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::clock::{Clock as _, DAY, SECOND};
use model::run::{RunKind, StepName};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{NOW, Rig, order_body};

const NAME: &str = "acme-mail.com";

/// Freezes the worker at one point of one step, once.
struct Freezer {
    step: StepName,
    point: Point,
    armed: Mutex<bool>,
    frozen: Notify,
    thawed: Notify,
}

impl Freezer {
    fn at(step: StepName, point: Point) -> Arc<Self> {
        Arc::new(Self { step, point, armed: Mutex::new(true), frozen: Notify::new(), thawed: Notify::new() })
    }
}

impl Probe for Freezer {
    fn fate(&self, _: &str, step: StepName, point: Point) -> Fate {
        let here = (step, point) == (self.step, self.point);
        if !here || !std::mem::replace(&mut self.armed.lock().unwrap(), false) {
            return Fate::Live;
        }
        self.frozen.notify_one();
        Fate::Freeze
    }

    fn thaw(&self) -> BoxFuture<'_, ()> {
        self.thawed.notified().boxed()
    }
}

/// One process freezes at the point; meanwhile others do `meanwhile` and everything that is due; then it goes on.
async fn freeze(rig: &Rig, step: StepName, point: Point, meanwhile: impl AsyncFnOnce(&Rig)) {
    let context = format!("{} {point:?}", step.as_str());
    let probe = Freezer::at(step, point);
    let frozen = rig.another(Some(probe.clone())).await;
    let working = tokio::spawn(async move { frozen.work_off().await });
    probe.frozen.notified().await;
    rig.clock.advance(31 * SECOND);
    meanwhile(rig).await;
    rig.settle_all().await;
    let before = rig.wired.sim.ledger(None).await.unwrap().len();
    probe.thawed.notify_one();
    working.await.unwrap();
    let after = rig.wired.sim.ledger(None).await.unwrap().len();
    assert!(point != Point::BeforeCall || after == before, "{context}: something was sent after waking");
    rig.settle_all().await;
}

async fn cancel(rig: &Rig, id: &str) {
    let answer = rig.call("POST", &format!("/orders/{id}/cancel"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// How often each effect happened to each subject.
async fn effects(rig: &Rig) -> HashMap<(String, String), usize> {
    let mut seen = HashMap::new();
    for effect in rig.wired.sim.ledger(None).await.unwrap() {
        *seen.entry((effect.effect, effect.subject)).or_default() += 1;
    }
    seen
}

async fn list(rig: &Rig, path: &str) -> Vec<Value> {
    rig.call("GET", &format!("{path}?per_page=100"), None).await.body["data"].as_array().expect(path).clone()
}

fn quantity(order: &Value, kind: &str) -> i64 {
    let lines = order["costs"]["line_items"].as_array().unwrap().iter();
    lines.filter(|line| line["type"] == kind).map(|line| line["quantity"].as_i64().unwrap()).sum()
}

/// What was sold is owned once, and set up where it works and nowhere else.
async fn agree(rig: &Rig, context: &str) {
    let effects = effects(rig).await;
    let times =
        |effect: &str, subject: &str| effects.get(&(effect.to_owned(), subject.to_owned())).copied().unwrap_or(0);
    let domains = list(rig, "/domains").await;
    let live = |name: &str| {
        domains
            .iter()
            .filter(|one| one["domain"] == name && one["status"] != "released" && one["status"] != "failed")
            .count()
    };
    for (effect, subject) in effects.keys() {
        match effect.as_str() {
            "registered" => {
                assert_eq!(times("registered", subject), 1, "{context}: {subject} was bought twice");
                let over = rig.clock.now() > NOW.plus(365 * DAY) && times("renewed", subject) == 0;
                assert_eq!(live(subject), usize::from(!over), "{context}: {subject} was bought and is owned once");
            }
            "zone_created" => {
                let works = domains.iter().any(|one| one["domain"] == *subject && one["status"] == "active");
                let left = times("zone_created", subject) - times("zone_removed", subject);
                assert_eq!(
                    left == 1,
                    works || live(subject) == 1 && times("registered", subject) == 0,
                    "{context}: the zone of {subject}"
                );
            }
            _ => {}
        }
    }
    let inboxes: Vec<_> = list(rig, "/inboxes").await;
    let working = inboxes.iter().filter(|one| one["status"] != "deleted").count();
    let all =
        |effect: &str| effects.iter().filter(|((one, _), _)| one == effect).map(|(_, times)| *times).sum::<usize>();
    assert_eq!(all("mailbox_created") - all("mailbox_deleted"), working, "{context}: mailboxes");
    assert_eq!(all("account_linked") - all("account_unlinked"), working, "{context}: accounts");
    for order in list(rig, "/orders").await {
        let order = rig.order(order["id"].as_str().unwrap()).await;
        let renewed = i64::try_from(all("renewed")).unwrap();
        assert_eq!(quantity(&order, "domain_renewal"), renewed, "{context}: each further year is paid for");
    }
}

pub(crate) const POINTS: [Point; 3] = [Point::BeforeCall, Point::InCall, Point::AfterCall];

async fn made(rig: &Rig, step: StepName, point: Point) {
    let context = format!("{} {point:?}", step.as_str());
    let id = rig.place(&order_body(&[NAME])).await;
    freeze(rig, step, point, async |_| {}).await;
    let order = rig.order(&id).await;
    assert_eq!(
        (order["status"].as_str(), order["costs"]["charged_cents"].as_i64()),
        (Some("completed"), Some(2500)),
        "{context}"
    );
    agree(rig, &context).await;
}

async fn cancelled(rig: &Rig, step: StepName, point: Point) {
    let context = format!("{} {point:?}, cancelled meanwhile", step.as_str());
    let id = rig.place(&order_body(&[NAME])).await;
    freeze(rig, step, point, async |rig| cancel(rig, &id).await).await;
    let bought = rig.effects("registered", NAME).await;
    let expected = match (step, bought) {
        // It was credited before it was bought: the name alone is paid for, and was never bought where nothing was sent.
        (StepName::RegisterName, 0) => 0,
        (StepName::RegisterName, _) if point == Point::InCall => 1300,
        _ => 2500,
    };
    assert_eq!(bought == 0, step == StepName::RegisterName && point == Point::BeforeCall, "{context}");
    let order = rig.order(&id).await;
    assert_eq!(order["costs"]["charged_cents"], expected, "{context}");
    rig.advance(32 * DAY).await;
    rig.settle_all().await;
    let order = rig.order(&id).await;
    assert_eq!(
        (order["status"].as_str(), order["costs"]["charged_cents"].as_i64()),
        (Some("cancelled"), Some(expected)),
        "{context}"
    );
    agree(rig, &context).await;
}

async fn made_on(rig: impl AsyncFn() -> Option<Rig>) {
    for step in RunKind::Provision.steps() {
        for point in POINTS {
            let Some(one) = rig().await else { return };
            made(&one, *step, point).await;
            let Some(one) = rig().await else { return };
            cancelled(&one, *step, point).await;
        }
    }
}

#[tokio::test]
async fn a_process_may_be_frozen_anywhere_on_sqlite() {
    made_on(async || Some(Rig::sqlite().await)).await;
}

#[tokio::test]
async fn a_process_may_be_frozen_anywhere_on_postgresql() {
    made_on(Rig::postgres).await;
}

/// Begins what has a run of this kind, on an order that works; answers the order.
async fn begin(rig: &Rig, kind: RunKind) -> String {
    let id = rig.place(&order_body(&[NAME])).await;
    rig.settle_all().await;
    let domain = rig.order(&id).await["domains"][0]["id"].clone();
    let person = json!({ "first_name": "Kim", "last_name": "Ray", "profile_picture_url": null });
    let (path, body) = match kind {
        RunKind::Renew => {
            rig.clock.advance(340 * DAY);
            return id;
        }
        RunKind::Close => {
            cancel(rig, &id).await;
            rig.clock.advance(32 * DAY);
            // The timer, and not a step.
            rig.wired.engine.work_due(model::task::Lane::Timer).await.unwrap();
            return id;
        }
        RunKind::Replace => ("/swaps", json!({ "domain_id": domain, "replacement_domain": "acme-new.com" })),
        RunKind::Rename => ("/swaps/user_names", json!({ "domain_id": domain, "personas": [person] })),
        RunKind::Forward => {
            ("/domains/forwarding", json!({ "domains": [NAME], "forwarding_url": "https://acme.com/offer" }))
        }
        _ => ("/domains/import/jobs", json!({ "domains": ["acme-brought.com"] })),
    };
    let answer = rig.call("POST", path, Some(&body)).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    id
}

async fn later_life_on(rig: impl AsyncFn() -> Option<Rig>) {
    use RunKind::{Close, Forward, Import, Rename, Renew, Replace};
    for kind in [Renew, Close, Replace, Rename, Forward, Import] {
        for (step, point) in kind.steps().iter().flat_map(|step| POINTS.map(|point| (*step, point))) {
            for cancels in [false, true] {
                let Some(rig) = rig().await else { return };
                let context = format!("{} {} {point:?}, cancelled: {cancels}", kind.as_str(), step.as_str());
                let id = begin(&rig, kind).await;
                freeze(&rig, step, point, async |rig| {
                    if cancels && kind != Close {
                        cancel(rig, &id).await;
                    }
                })
                .await;
                if cancels {
                    rig.advance(32 * DAY).await;
                    rig.settle_all().await;
                    assert_eq!(rig.order(&id).await["status"], "cancelled", "{context}");
                }
                agree(&rig, &context).await;
            }
        }
    }
}

#[tokio::test]
async fn a_process_may_be_frozen_anywhere_in_a_domains_later_life_on_sqlite() {
    later_life_on(async || Some(Rig::sqlite().await)).await;
}

#[tokio::test]
async fn a_process_may_be_frozen_anywhere_in_a_domains_later_life_on_postgresql() {
    later_life_on(Rig::postgres).await;
}

//! Processes that stand still in the middle of a step at a vendor until others have taken its work over, and then go on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use engine::{Fate, Point, Probe};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::clock::{DAY, SECOND};
use model::run::{RunKind, StepName};
use tokio::sync::Semaphore;

use super::batch::{ENDINGS, KINDS, Single, all_ended_well, begin, calm, cancel};
use super::stage::Live;
use crate::frozen::POINTS;

/// Freezes the worker of each name at its point of one step, once.
struct Frost {
    step: StepName,
    points: Mutex<BTreeMap<String, Point>>,
    frozen: Semaphore,
    thawed: Semaphore,
}

impl Frost {
    fn on(step: StepName, all: &[Single]) -> Arc<Self> {
        let points = all.iter().enumerate().map(|(n, one)| (one.name.clone(), POINTS[n / ENDINGS.len()])).collect();
        Arc::new(Self { step, points: Mutex::new(points), frozen: Semaphore::new(0), thawed: Semaphore::new(0) })
    }
}

impl Probe for Frost {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        let mut points = self.points.lock().unwrap();
        if step != self.step || points.get(domain) != Some(&point) {
            return Fate::Live;
        }
        points.remove(domain);
        self.frozen.add_permits(1);
        Fate::Freeze
    }

    fn thaw(&self) -> BoxFuture<'_, ()> {
        self.thawed.acquire().map(|permit| permit.unwrap().forget()).boxed()
    }
}

/// What both vendors were asked about a name.
fn asked(live: &Live, name: &str) -> usize {
    let both = [&live.namecom.server, &live.dnsimple.server];
    both.into_iter().flat_map(doubles::Server::asked).filter(|one| one.mentions(name)).count()
}

/// One process freezes at the points; meanwhile others do `meanwhile` and everything that is due; then it goes on.
async fn freeze(live: &Live, step: StepName, all: &[Single], meanwhile: impl AsyncFnOnce(&Live)) {
    let probe = Frost::on(step, all);
    let frozen = live.another(Some(probe.clone())).await;
    let working = tokio::spawn(async move { frozen.work_off().await });
    let count = u32::try_from(all.len()).unwrap();
    probe.frozen.acquire_many(count).await.unwrap().forget();
    live.rig.clock.advance(31 * SECOND);
    meanwhile(live).await;
    live.rig.settle_all().await;
    let early = &all[..ENDINGS.len()];
    let before: Vec<_> = early.iter().map(|one| asked(live, &one.name)).collect();
    probe.thawed.add_permits(all.len());
    working.await.unwrap();
    let after: Vec<_> = early.iter().map(|one| asked(live, &one.name)).collect();
    assert_eq!(before, after, "{}: something was sent after waking", step.as_str());
    live.rig.settle_all().await;
}

const COUNT: usize = POINTS.len() * ENDINGS.len();

#[tokio::test]
async fn a_process_may_be_frozen_anywhere_on_its_way_to_vendors() {
    assert_eq!(POINTS[0], Point::BeforeCall);
    for kind in KINDS {
        let calm = calm(kind).await;
        for step in kind.steps() {
            let live = Live::new().await;
            let all = begin(&live, kind, COUNT).await;
            freeze(&live, *step, &all, async |_| {}).await;
            all_ended_well(&live, &all, &calm, &format!("{} {}", kind.as_str(), step.as_str())).await;
        }
    }
}

#[tokio::test]
async fn what_is_cancelled_while_a_process_is_frozen_is_bought_once_or_not_at_all() {
    for step in RunKind::Provision.steps() {
        let (live, context) = (Live::new().await, step.as_str());
        let all = begin(&live, RunKind::Provision, COUNT).await;
        let orders = || all.iter().map(|one| &one.order);
        freeze(&live, *step, &all, async |live| {
            for order in orders() {
                cancel(live, order).await;
            }
        })
        .await;
        assert_eq!(live.money_faults().await, Vec::<String>::new(), "{context}");
        let bought = live.paid();
        live.rig.advance(32 * DAY).await;
        live.rig.settle_all().await;
        for one in &all {
            assert_eq!(live.rig.order(&one.order).await["status"], "cancelled", "{context} {}", one.name);
            assert_eq!(live.dnsimple.hosted(&one.name, "MX"), Vec::<String>::new(), "{context} {}", one.name);
        }
        assert_eq!(live.money_faults().await, Vec::<String>::new(), "{context}");
        assert_eq!(live.paid(), bought, "{context}");
    }
}

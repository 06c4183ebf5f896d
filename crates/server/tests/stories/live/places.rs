//! A vendor that takes its time has its share of the workers' places, and leaves the others theirs.

use std::sync::Arc;

use engine::{Fate, Point, Probe};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::clock::MINUTE;
use model::run::StepName;
use model::task::Lane;
use tokio::sync::Semaphore;

use super::stage::Live;

/// Workers that buy at the first vendor stand still there.
struct Slow {
    waiting: Semaphore,
    thawed: Semaphore,
}

impl Probe for Slow {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        let is_there = domain.ends_with(".com") && step == StepName::RegisterName && point == Point::InCall;
        if !is_there {
            return Fate::Live;
        }
        self.waiting.add_permits(1);
        Fate::Freeze
    }

    fn thaw(&self) -> BoxFuture<'_, ()> {
        self.thawed.acquire().map(|permit| permit.unwrap().forget()).boxed()
    }
}

#[tokio::test]
async fn a_slow_vendor_does_not_take_all_places() {
    let live = Live::with(|text| format!("{text}\n[engine]\nsteps = 8\n")).await;
    let probe = Arc::new(Slow { waiting: Semaphore::new(0), thawed: Semaphore::new(0) });
    let rig = live.another(Some(probe.clone())).await;
    let mut standing = vec![];
    for n in 0..4 {
        live.place(&[&format!("acme-{n}.com")]).await;
        let engine = rig.wired.engine.clone();
        standing.push(tokio::spawn(async move { engine.work_due(Lane::Step).await }));
        probe.waiting.acquire().await.unwrap().forget();
    }
    live.place(&["acme-4.com"]).await;
    tokio::select! {
        done = rig.wired.engine.work_due(Lane::Step) => assert_eq!(done.unwrap(), 1),
        _ = probe.waiting.acquire() => panic!("half of the places are enough for one account"),
    }
    live.place(&["acme-5.org"]).await;
    while live.bought("acme-5.org") != (0, 1) {
        assert_ne!(rig.wired.engine.work_due(Lane::Step).await.unwrap(), 0, "the other vendor is not kept waiting");
    }
    assert_eq!(live.namecom.ledger().len(), 0);
    probe.thawed.add_permits(100);
    for one in standing {
        one.await.unwrap().unwrap();
    }
    rig.clock.advance(MINUTE);
    rig.settle_all().await;
    for n in 0..5 {
        assert_eq!(live.bought(&format!("acme-{n}.com")), (1, 0));
    }
}

//! Workers that die before a call to a vendor, after it, or call twice: for every step of every workflow that buys, serves or
//! redirects, on names of both registrars. All of it comes to the same end, and nothing is paid for twice or forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use engine::{Fate, Point, Probe};
use model::run::{RunKind, StepName};

use super::batch::{ENDINGS, KINDS, all_ended_well, begin, calm};
use super::stage::Live;
use crate::crash::FATES;

/// Lets the workers meet, in one step of each name, that name's fate, once.
#[derive(Default)]
struct Fates {
    step: Mutex<Option<StepName>>,
    fates: Mutex<BTreeMap<String, (Point, Fate)>>,
    met: Mutex<BTreeSet<String>>,
}

impl Probe for Fates {
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate {
        let fate = self.fates.lock().unwrap().get(domain).copied();
        match fate.filter(|(at, _)| *self.step.lock().unwrap() == Some(step) && *at == point) {
            Some((_, fate)) if self.met.lock().unwrap().insert(domain.to_owned()) => fate,
            _ => Fate::Live,
        }
    }
}

/// On names of both endings, each of the fates in this step.
async fn die(live: &Live, kind: RunKind, step: StepName, calm: &[serde_json::Value]) {
    let context = format!("{} {}", kind.as_str(), step.as_str());
    let all = begin(live, kind, FATES.len() * ENDINGS.len()).await;
    let of = |n: usize| FATES[n / ENDINGS.len()];
    let fates = Fates::default();
    *fates.step.lock().unwrap() = Some(step);
    *fates.fates.lock().unwrap() = all.iter().enumerate().map(|(n, one)| (one.name.clone(), of(n))).collect();
    let probe = Arc::new(fates);
    live.another(Some(probe.clone())).await.work_off().await;
    assert_eq!(probe.met.lock().unwrap().len(), all.len(), "{context}: the point was not reached by all");
    live.restart().await.settle_all().await;
    all_ended_well(live, &all, calm, &context).await;
}

#[tokio::test]
async fn a_worker_may_die_anywhere_on_its_way_to_vendors() {
    for kind in KINDS {
        let calm = calm(kind).await;
        for step in kind.steps() {
            die(&Live::new().await, kind, *step, &calm).await;
        }
    }
}

//! Partners who do whatever comes to mind, at any moment, while workers die: whatever it was, it all comes to an end
//! that is true.

mod crowd;
mod ends;
mod moves;
mod truths;

use std::ops::Range;
use std::sync::Arc;

use model::clock::{Clock as _, DAY};
use model::id::DomainId;
use model::task::Lane;
use serde_json::Value;

use crate::support::Rig;
use crate::support::lottery::{Lottery, Storm};

/// The walks of every run of the tests. Whoever changes how orders, swaps or cancellations go takes a thousand others
/// once.
const WALKS: Range<u64> = 0..5;

/// Makes seeds that have little in common: 2^64 divided by the golden ratio.
pub(crate) const FAR_APART: u64 = 0x9E37_79B9_7F4A_7C15;

/// The longest that anything planned takes: a cancelled month.
pub(crate) const A_MONTH: i64 = 32 * DAY;

/// A partner on its way.
pub(crate) struct Walk {
    pub(crate) rig: Rig,
    pub(crate) lottery: Lottery,
    /// A name that may be wanted.
    names: fn(&mut Lottery) -> String,
    /// Which sequencer an order is for; `None`: the usual one.
    pub(crate) sequencers: Option<fn(&mut Lottery) -> Value>,
    /// What it has done, for whoever has to find out why.
    pub(crate) log: Vec<String>,
    /// Domains that it gave up or replaced by an answer, and whether they may have been bought by then.
    abandoned: Vec<(DomainId, bool)>,
}

impl Walk {
    pub(crate) const fn new(rig: Rig, lottery: Lottery, names: fn(&mut Lottery) -> String) -> Self {
        Self { rig, lottery, names, sequencers: None, log: vec![], abandoned: vec![] }
    }

    /// Answers while the workers are at it.
    pub(crate) async fn answers_beside_work(&mut self, turns: u64) {
        let engine = self.rig.wired.engine.clone();
        let working = async {
            for _ in 0..turns {
                engine.work_due(Lane::Step).await.unwrap();
            }
        };
        let answering = async {
            for _ in 0..turns {
                self.resolve().await;
                self.resolve_two().await;
            }
        };
        tokio::join!(working, answering);
    }

    /// Lets the workers take so many steps of each domain, at the same moment.
    pub(crate) async fn steps(&mut self, count: u64) {
        for _ in 0..count {
            self.rig.wired.engine.work_due(Lane::Step).await.unwrap();
        }
    }

    /// Lets the workers do so many things at most, moving the clock to what waits for less than a day.
    pub(crate) async fn work(&mut self, rounds: u64) {
        for _ in 0..rounds {
            self.rig.work_off().await;
            self.rig.wired.engine.recover().await.unwrap();
            let Some(due) = self.rig.next_due().await else { break };
            self.rig.clock.set(due.max(self.rig.clock.now()));
        }
    }
}

async fn walk(seed: u64) -> Vec<String> {
    let rig = Rig::with_probe(Arc::new(Storm::of(seed, 40))).await;
    let mut walk = Walk::new(rig, Lottery::seeded(seed), moves::name);
    for _ in 0..60 {
        walk.moves().await;
        if walk.lottery.draw(4) == 0 {
            walk.answers_beside_work(2).await;
        }
        let (whole, count) = (walk.lottery.draw(2) == 0, walk.lottery.draw(12));
        if whole {
            walk.work(count / 2).await
        } else {
            walk.steps(count).await
        }
        let untruths = walk.untruths().await;
        if !untruths.is_empty() {
            return untruths.into_iter().chain(walk.log).collect();
        }
    }
    walk.end_everything().await;
    walk.faults().await
}

#[tokio::test]
async fn whatever_a_partner_does_ends_well() {
    for number in WALKS {
        let faults = walk(number.wrapping_mul(FAR_APART)).await;
        assert!(faults.is_empty(), "walk {number}\n{}", faults.join("\n"));
    }
}

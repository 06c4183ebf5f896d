//! Several at once: three people with the same key, and the workers of two processes.

use model::task::Lane;

use super::{FAR_APART, Walk};
use crate::support::Rig;
use crate::support::lottery::Lottery;

/// Lets the workers take so many turns.
async fn work(rig: &Rig, turns: u64) {
    for _ in 0..turns {
        let engine = &rig.wired.engine;
        let (steps, timers, deliveries) =
            tokio::join!(engine.work_due(Lane::Step), engine.work_due(Lane::Timer), engine.work_due(Lane::Delivery));
        steps.and(timers).and(deliveries).unwrap();
    }
}

async fn crowd(one: Rig, seed: u64) -> Vec<String> {
    let other = one.another(None).await;
    let person = |rig: &Rig, n| {
        let rig = rig.as_partner(rig.partner.clone(), rig.key.clone());
        Walk::new(rig, Lottery::seeded(seed.wrapping_mul(n)), super::moves::name)
    };
    let (mut ann, mut ben, mut cleo) = (person(&one, 3), person(&other, 5), person(&one, 7));
    for _ in 0..30 {
        let turns = ann.lottery.draw(10);
        tokio::join!(ann.moves(), ben.moves(), cleo.moves(), work(&one, turns), work(&other, turns));
        ann.work(turns / 2).await;
        ann.abandoned.append(&mut ben.abandoned);
        ann.abandoned.append(&mut cleo.abandoned);
        let untruths = ann.untruths().await;
        if !untruths.is_empty() {
            return [untruths, ann.log, ben.log, cleo.log].concat();
        }
    }
    ann.end_everything().await;
    match ann.faults().await {
        faults if faults.is_empty() => faults,
        faults => [faults, ben.log, cleo.log].concat(),
    }
}

#[tokio::test]
async fn whatever_several_do_at_once_ends_well() {
    for number in [1, 2_u64] {
        let Some(rig) = Rig::postgres().await else { return };
        let faults = crowd(rig, number.wrapping_mul(FAR_APART)).await;
        assert!(faults.is_empty(), "crowd {number}\n{}", faults.join("\n"));
    }
}

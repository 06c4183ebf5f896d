//! Decisions about a partner's sandbox: its clock, and beginning anew.

use crate::change::Change;
use crate::clock::{DAY, SECOND, Time};
use crate::delivery::Endpoint;
use crate::id::{Ids, PartnerId};
use crate::partner::Partner;
use crate::refusal::{Code, Fault, Refusal};
use crate::task::Task;
use crate::world::{Environment, World};

/// The most that the clock is moved at once: five years, in seconds.
pub const MOST_SECONDS: i64 = 5 * 365 * 24 * 3_600;

/// How far the clock may be ahead in all: a hundred years, in microseconds.
const FURTHEST: i64 = 100 * 365 * DAY;

/// A clock that is moved on.
#[derive(Debug)]
pub struct Advanced {
    /// How far it is ahead from now on, in microseconds.
    pub offset: i64,
    /// The world whose open tasks come nearer.
    pub world: World,
    /// Everything to write.
    pub change: Change,
}

/// Moves a partner's sandbox clock on.
///
/// # Errors
/// `conflict` when it would be more than a hundred years ahead.
pub fn advance(mut partner: Partner, seconds: i64) -> Result<Advanced, Refusal> {
    let by = seconds.saturating_mul(SECOND);
    let offset = partner.test_offset.saturating_add(by);
    if offset > FURTHEST {
        let message = "The sandbox's clock may be at most 100 years ahead. Begin anew with POST /test/reset.";
        return Err(Fault::new(Code::Conflict, message).at("seconds").with("reason", "clock_limit").into());
    }
    partner.test_offset = offset;
    let world = partner.scope(Environment::Test).world;
    let mut change = Change::default();
    change.partners.update.push(partner);
    Ok(Advanced { offset, world, change })
}

/// The task that brings the rest of a world's open tasks forward, when there are more than can be at once.
#[must_use]
pub fn follow(partner: &PartnerId, world: &World, server_now: Time, ids: &Ids) -> Change {
    let mut change = Change::default();
    change.tasks.push(Task::for_clock(ids.next(), partner, world, server_now));
    change
}

/// A sandbox that begins anew.
#[derive(Debug)]
pub struct Reset {
    /// The world that is left behind: its tasks are to go.
    pub left: World,
    /// Everything to write.
    pub change: Change,
}

/// Begins a partner's sandbox anew: an empty world, and the clock back at server time. Keys stay, and so do
/// `endpoints`, those of the sandbox, which are forgiven their failures.
#[must_use]
pub fn reset(mut partner: Partner, endpoints: Vec<Endpoint>) -> Reset {
    let left = partner.scope(Environment::Test).world;
    partner.test_epoch += 1;
    partner.test_offset = 0;
    let mut change = Change::default();
    change.partners.update.push(partner);
    let failing = endpoints.into_iter().filter(|endpoint| endpoint.failing_since.is_some());
    change.endpoints.update.extend(failing.map(|endpoint| Endpoint { failing_since: None, ..endpoint }));
    Reset { left, change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    fn partner() -> Partner {
        Partner { test_epoch: 3, test_offset: 5 * SECOND, ..Partner::new(PartnerId::opaque("org_1"), "Acme", Time(0)) }
    }

    #[test]
    fn the_clock_only_goes_on_and_not_for_ever() {
        let advanced = advance(partner(), 60).unwrap();
        assert_eq!((advanced.offset, advanced.world.as_str()), (65 * SECOND, "test:org_1:3"));
        let mut old = partner();
        let refusal = loop {
            match advance(old, MOST_SECONDS) {
                Ok(mut advanced) => old = advanced.change.partners.update.remove(0),
                Err(refusal) => break refusal,
            }
        };
        assert_eq!(refusal.first().details["reason"], "clock_limit");
    }

    #[test]
    fn a_reset_leaves_a_world_behind() {
        let reset = reset(partner(), vec![]);
        let after = &reset.change.partners.update[0];
        assert_eq!((reset.left.as_str(), after.test_epoch, after.test_offset), ("test:org_1:3", 4, 0));
    }
}

//! How long nameservers are waited for, and who is to act then.

use super::{Run, StepName, Then};
use crate::action::ActionReason;
use crate::clock::{HOUR, MINUTE, Time};
use crate::domain::{Domain, Source};
use crate::import::PATIENCE;

/// How often the delegation is looked at, in microseconds.
const LOOK: i64 = MINUTE;

/// How long a registrar may take to delegate a name that we bought there, in microseconds.
const REGISTRAR: i64 = HOUR;

/// What happens while a name does not use its zone's nameservers. Those of an imported name are set by
/// whoever holds it: after a day they are asked. Those of a bought one we set ourselves, and nobody but the
/// operator can see why that has no effect.
#[must_use]
pub fn await_delegation(run: &Run, domain: &Domain, now: Time) -> Then {
    // From when the zone was there, not from the first look: the clock may have been moved in between.
    let here = run.steps.iter().find(|record| record.step == run.step).map(|record| record.started_at);
    let zone = run.steps.iter().find(|record| record.step == StepName::CreateZone && domain.source == Source::Imported);
    let last = || run.steps.iter().filter_map(|record| record.finished_at).max();
    let began = zone.and_then(|record| record.finished_at).or_else(last).or(here).unwrap_or(now);
    let overdue = |patience: i64| now >= began.plus(patience);
    match domain.source {
        Source::Imported if overdue(PATIENCE) => {
            Then::Ask { reason: ActionReason::NameserversNotPointed, persona: None }
        }
        Source::Registrar if overdue(REGISTRAR) => {
            Then::Operator { words: "The registrar has not put the nameservers into effect.".into() }
        }
        Source::Imported | Source::Registrar => {
            Then::Wait { until: now.plus(LOOK), why: "The new nameservers cannot be seen yet.".into() }
        }
    }
}

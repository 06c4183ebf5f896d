//! What a domain's place in its workflows means to whoever asks where an order is.

use crate::clock::Time;
use crate::domain::DomainStatus;
use crate::run::RunKind;
use crate::view::{TimelineDomain, TimelineRun, TimelineStep, TimelineStepState, TimelineWho};

/// Where a domain stands, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The operator has to act.
    Operator,
    /// The partner or their customer has to act.
    Partner,
    /// Something of it has failed, and will not be tried again.
    Failed,
    /// Waiting for a provider or the DNS; looked at again by itself.
    Provider,
    /// Being worked on, or next in line.
    AtWork,
    /// It works, and nothing is left to do.
    Active,
    /// It has left the order.
    Gone,
}

/// Where a domain stands, and the run that says so: the most urgent of the open ones, otherwise the one that brought it
/// where it is.
#[must_use]
pub fn standing(domain: &TimelineDomain) -> (Standing, Option<&TimelineRun>) {
    let open = domain.runs.iter().rev().filter(|run| run.state.is_live());
    let urgent = open.map(|run| (standing_of_open(run), run)).min_by_key(|(standing, _)| *standing);
    match urgent {
        Some((standing, run)) => (standing, Some(run)),
        None => at_rest(domain),
    }
}

/// Of a domain for which nothing is going on. One that works does so since it was made; what was done for it in later
/// years, such as a renewal, is not how it came to work.
fn at_rest(domain: &TimelineDomain) -> (Standing, Option<&TimelineRun>) {
    let standing = standing_at_rest(domain.status);
    let made = || domain.runs.iter().rfind(|run| run.kind == RunKind::Provision.as_str());
    let run = if standing == Standing::Active { made() } else { None };
    (standing, run.or_else(|| domain.runs.last()))
}

fn standing_of_open(run: &TimelineRun) -> Standing {
    match run.current().and_then(|step| step.who) {
        Some(TimelineWho::Operator) => Standing::Operator,
        Some(TimelineWho::Partner) => Standing::Partner,
        Some(TimelineWho::Provider) => Standing::Provider,
        None => Standing::AtWork,
    }
}

const fn standing_at_rest(status: DomainStatus) -> Standing {
    match status {
        DomainStatus::Failed => Standing::Failed,
        // A question about it is open, such as an unpaid renewal, but no work for it is.
        DomainStatus::ActionRequired => Standing::Partner,
        DomainStatus::Active => Standing::Active,
        DomainStatus::Available | DomainStatus::Retiring | DomainStatus::Releasing | DomainStatus::Released => {
            Standing::Gone
        }
        DomainStatus::Pending
        | DomainStatus::Registering
        | DomainStatus::Configuring
        | DomainStatus::Provisioning
        | DomainStatus::Connecting => Standing::AtWork,
    }
}

impl TimelineRun {
    /// The step whose turn it is; once the run has ended, the one that it ended with.
    #[must_use]
    pub fn current(&self) -> Option<&TimelineStep> {
        use TimelineStepState::{Asking, Done, Failed, Running, Waiting};
        let is_at = |step: &&TimelineStep| matches!(step.state, Running | Waiting | Asking | Failed);
        let last_done = || self.steps.iter().rfind(|step| step.state == Done);
        self.steps.iter().find(is_at).or_else(last_done)
    }

    /// When its first step's turn came: one that was planned for a day far ahead has been queued since long before.
    #[must_use]
    pub fn began_at(&self) -> Time {
        self.steps.iter().find_map(|step| step.started_at).unwrap_or(self.started_at)
    }

    /// How many of its steps are done.
    #[must_use]
    pub fn steps_done(&self) -> usize {
        self.steps.iter().filter(|step| step.state == TimelineStepState::Done).count()
    }
}

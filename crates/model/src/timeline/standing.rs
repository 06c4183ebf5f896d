//! What a domain's place in its workflows means to whoever asks where an order is.

use crate::domain::DomainStatus;
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

/// Where a domain stands, and the run that says so: the most urgent of the open ones, otherwise the newest.
#[must_use]
pub fn standing(domain: &TimelineDomain) -> (Standing, Option<&TimelineRun>) {
    let open = domain.runs.iter().rev().filter(|run| run.state.is_live());
    let urgent = open.map(|run| (standing_of_open(run), run)).min_by_key(|(standing, _)| *standing);
    match urgent {
        Some((standing, run)) => (standing, Some(run)),
        None => (standing_at_rest(domain.status), domain.runs.last()),
    }
}

fn standing_of_open(run: &TimelineRun) -> Standing {
    match run.current().and_then(|step| step.who) {
        Some(TimelineWho::Operator) => Standing::Operator,
        Some(TimelineWho::Partner) => Standing::Partner,
        Some(TimelineWho::Provider) => Standing::Provider,
        None => Standing::AtWork,
    }
}

/// Of a domain for which nothing is going on.
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

    /// How many of its steps are done.
    #[must_use]
    pub fn steps_done(&self) -> usize {
        self.steps.iter().filter(|step| step.state == TimelineStepState::Done).count()
    }
}

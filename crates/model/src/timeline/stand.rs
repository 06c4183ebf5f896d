//! What a domain's place in its workflows means to whoever asks where an order is.

use crate::domain::DomainStatus;
use crate::view::{TimelineDomain, TimelineRun, TimelineStep, TimelineStepState, TimelineWho};

/// Where a domain stands, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
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
pub fn stand(domain: &TimelineDomain) -> (Stand, Option<&TimelineRun>) {
    let open = domain.runs.iter().rev().filter(|run| run.state.is_live());
    let urgent = open.map(|run| (stand_of_open(run), run)).min_by_key(|(stand, _)| *stand);
    match urgent {
        Some((stand, run)) => (stand, Some(run)),
        None => (stand_at_rest(domain.status), domain.runs.last()),
    }
}

fn stand_of_open(run: &TimelineRun) -> Stand {
    match run.current().and_then(|step| step.who) {
        Some(TimelineWho::Operator) => Stand::Operator,
        Some(TimelineWho::Partner) => Stand::Partner,
        Some(TimelineWho::Provider) => Stand::Provider,
        None => Stand::AtWork,
    }
}

/// Of a domain for which nothing is going on.
const fn stand_at_rest(status: DomainStatus) -> Stand {
    match status {
        DomainStatus::Failed => Stand::Failed,
        // A question about it is open, such as an unpaid renewal, but no work for it is.
        DomainStatus::ActionRequired => Stand::Partner,
        DomainStatus::Active => Stand::Active,
        DomainStatus::Available | DomainStatus::Retiring | DomainStatus::Releasing | DomainStatus::Released => {
            Stand::Gone
        }
        DomainStatus::Pending
        | DomainStatus::Registering
        | DomainStatus::Configuring
        | DomainStatus::Provisioning
        | DomainStatus::Connecting => Stand::AtWork,
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

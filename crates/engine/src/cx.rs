//! What a step may know, and what a provider's trouble means for it.

use model::action::ActionReason;
use model::clock::Now;
use model::domain::Domain;
use model::inbox::Inbox;
use model::order::Order;
use model::run::{Run, StepName, Then};
use providers::call::Call;
use providers::descriptor::Cast;
use providers::trouble::{Refused, Trouble};
use store::Vault;

/// Everything a step may know. It can talk to providers and to nothing else.
pub(crate) struct Cx<'a> {
    pub(crate) run: &'a Run,
    pub(crate) domain: &'a Domain,
    pub(crate) order: &'a Order,
    pub(crate) inboxes: &'a [Inbox],
    pub(crate) cast: &'a Cast,
    pub(crate) call: Call,
    pub(crate) vault: &'a Vault,
    pub(crate) now: Now,
}

/// What trouble means: the one place that decides between waiting, asking, trying again and giving up.
pub(crate) fn then(step: StepName, trouble: Trouble) -> Then {
    match trouble {
        Trouble::Later(Some(until)) => Then::Wait { until, why: format!("{} is still working on it.", party(step)) },
        Trouble::Later(None) => Then::Retry { after: None, words: format!("{} is busy; we try again.", party(step)) },
        Trouble::Unknown => {
            let words = format!("{} did not answer clearly; we look before we do anything again.", party(step));
            Then::Retry { after: None, words }
        }
        Trouble::Refused(Refused::Ask(reason)) => ask(reason),
        Trouble::Refused(Refused::Target(_)) => ask(ActionReason::TargetUnreachable),
        Trouble::Refused(Refused::ForGood(words)) => Then::Fail { words },
        Trouble::Misconfigured(words) => Then::Operator { words },
    }
}

pub(crate) const fn ask(reason: ActionReason) -> Then {
    Then::Ask { reason, persona: None }
}

const fn party(step: StepName) -> &'static str {
    match step {
        StepName::RegisterName | StepName::DelegateName => "The registrar",
        StepName::CreateZone | StepName::PublishRecords => "The DNS host",
        StepName::OpenMailDomain | StepName::VerifyMailDomain | StepName::CreateInboxes => "The mail provider",
        StepName::SetForwarding => "The redirect",
        StepName::LinkSequencer => "The sequencer",
        StepName::ConfirmReady => "The internet",
    }
}

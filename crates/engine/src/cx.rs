//! What a step may know, and what a provider's trouble means for it.

use model::action::ActionReason;
use model::clock::Now;
use model::domain::Domain;
use model::inbox::Inbox;
use model::order::Order;
use model::persona::Persona;
use model::run::{Run, StepName, Then};
use model::swap::Swap;
use providers::call::Call;
use providers::descriptor::Cast;
use providers::roles::MailHost;
use providers::trouble::{Refused, Trouble};
use store::Vault;

/// Everything a step may know. It can talk to providers and to nothing else.
pub(crate) struct Cx<'a> {
    pub(crate) run: &'a Run,
    pub(crate) domain: &'a Domain,
    pub(crate) order: Option<&'a Order>,
    pub(crate) inboxes: &'a [Inbox],
    /// The swap that the run is a part of.
    pub(crate) swap: Option<&'a Swap>,
    /// Who in this world holds the name that the swap wants, or that is looked back at.
    pub(crate) holder: Option<&'a Domain>,
    /// Whether another run on the domain has to end first.
    pub(crate) behind: bool,
    pub(crate) cast: &'a Cast,
    pub(crate) call: Call,
    pub(crate) vault: &'a Vault,
    pub(crate) now: Now,
}

impl<'a> Cx<'a> {
    /// The order, for steps that make no sense without one.
    pub(crate) fn order(&self) -> Result<&'a Order, Trouble> {
        self.order.ok_or_else(|| Trouble::Refused(Refused::ForGood("The domain belongs to no order.".into())))
    }

    /// The swap, for steps that make no sense without one.
    pub(crate) fn swap(&self) -> Result<&'a Swap, Trouble> {
        self.swap.ok_or_else(|| Trouble::Refused(Refused::ForGood("The work belongs to no swap.".into())))
    }

    /// Who hosts the domain's mailboxes.
    pub(crate) fn mail_host(&self) -> Result<&'a dyn MailHost, Trouble> {
        let provider = self
            .domain
            .provider
            .ok_or_else(|| Trouble::Refused(Refused::ForGood("The domain has no mail provider.".into())))?;
        Ok(self.cast.mail(provider))
    }

    /// Whose names the domain's inboxes carry.
    pub(crate) fn personas(&self) -> Result<&'a [Persona], Trouble> {
        match &self.domain.personas {
            Some(personas) => Ok(personas),
            None => Ok(&self.order()?.personas),
        }
    }
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
        StepName::RegisterName | StepName::DelegateName | StepName::RenewName | StepName::FindReplacement => {
            "The registrar"
        }
        StepName::CreateZone | StepName::PublishRecords | StepName::ReleaseDomain => "The DNS host",
        StepName::LookBack => "A provider",
        StepName::OpenMailDomain
        | StepName::VerifyMailDomain
        | StepName::CreateInboxes
        | StepName::CloseInboxes
        | StepName::RenameInbox => "The mail provider",
        StepName::SetForwarding => "The redirect",
        StepName::LinkSequencer | StepName::RelinkInbox => "The sequencer",
        StepName::ConfirmReady | StepName::InspectName | StepName::LookAtDns => "The internet",
    }
}

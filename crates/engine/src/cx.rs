//! What a step may know, and whom it may talk to.

use std::borrow::Cow;

use model::account::Lineup;
use model::action::ActionReason;
use model::clock::Now;
use model::consent::Consent;
use model::dns::{HostedZone, RrSet};
use model::domain::Domain;
use model::inbox::Inbox;
use model::intent::Permit;
use model::order::{Dkim, Order};
use model::partner::Partner;
use model::persona::Persona;
use model::role::Role;
use model::run::{Run, StepName, Then};
use model::swap::Swap;
use model::user::User;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{DnsHost, MailHost, Observer, Redirector, Registrar, Sequencer};
use providers::roster::Providers;
use store::Vault;

use crate::accounts::Accounts;
use crate::party::{Fault, Party, ask};

/// Everything a step may know. It can talk to providers and to nothing else.
#[derive(Clone)]
pub(crate) struct Cx<'a> {
    pub(crate) run: &'a Run,
    pub(crate) domain: &'a Domain,
    pub(crate) order: Option<&'a Order>,
    /// The customer that the order is for; only where the sequencer is asked.
    pub(crate) user: Option<&'a User>,
    /// Whose it all is; only where the sequencer is asked.
    pub(crate) partner: Option<&'a Partner>,
    pub(crate) inboxes: &'a [Inbox],
    /// What their owners have consented to; only where they are linked.
    pub(crate) consents: &'a [Consent],
    /// The domain's zone as it should be. Domains from before zones were kept have none.
    pub(crate) zone: Option<&'a HostedZone>,
    /// The swap that the run is a part of.
    pub(crate) swap: Option<&'a Swap>,
    /// Who in this world holds the name that the swap wants, or that is looked back at.
    pub(crate) holder: Option<&'a Domain>,
    /// Whether another run has to end first.
    pub(crate) behind: bool,
    /// Whether inboxes of the domain are being renamed, and may be at either of two addresses, or closed.
    pub(crate) is_renaming: bool,
    /// Whether the name may have been renewed, and nobody knows it yet.
    pub(crate) is_renewing: bool,
    /// Whether it may buy what it buys.
    pub(crate) permit: &'a Permit,
    /// Whether the run's mail was put down by this very worker a moment ago, for this try: nothing was done with it yet.
    pub(crate) has_just_put_down: bool,
    pub(crate) cast: &'a Cast,
    /// Where names can be looked for that no account has yet.
    pub(crate) providers: &'a Providers,
    /// Where it is put down how they answer.
    pub(crate) accounts: &'a Accounts,
    /// Whom the step may talk to.
    pub(crate) talks_to: &'a [Role],
    pub(crate) call: Call,
    pub(crate) vault: &'a Vault,
    pub(crate) now: Now,
}

impl<'a> Cx<'a> {
    /// The order, for steps that make no sense without one.
    pub(crate) fn order(&self) -> Result<&'a Order, Fault> {
        self.order.ok_or_else(|| for_good("The domain belongs to no order."))
    }

    /// The swap, for steps that make no sense without one.
    pub(crate) fn swap(&self) -> Result<&'a Swap, Fault> {
        self.swap.ok_or_else(|| for_good("The work belongs to no swap."))
    }

    /// Whose names the domain's inboxes carry.
    pub(crate) fn personas(&self) -> Result<&'a [Persona], Fault> {
        match &self.domain.personas {
            Some(personas) => Ok(personas),
            None => Ok(&self.order()?.personas),
        }
    }

    /// The records that mail needs to be seen.
    pub(crate) fn mail_records(&self) -> Cow<'a, [RrSet]> {
        match self.zone {
            Some(zone) => Cow::Owned(zone.mail_records()),
            None => Cow::Borrowed(&self.run.memory.mail_records),
        }
    }

    /// Whether the order has not waited for the domain's mail to be signed.
    pub(crate) fn is_signed_later(&self) -> bool {
        self.order.is_some_and(|order| order.dkim == Dkim::Later)
    }

    /// Whether a step was begun, or may have been: the current one's answer may be lost. A workflow that does not have
    /// the step comes after it.
    pub(crate) fn has_come_to(&self, step: StepName) -> bool {
        let place = |wanted| self.run.kind.steps().iter().position(|one| *one == wanted);
        // A run that was begun anew does not know how far the one before it came.
        place(step) <= place(self.run.step) || !self.inboxes.is_empty()
    }

    /// Who sells names.
    pub(crate) fn registrar(&self) -> Party<'a, dyn Registrar> {
        self.party(Role::Registrar, &self.cast.registrar)
    }

    /// Who serves zones.
    pub(crate) fn dns(&self) -> Party<'a, dyn DnsHost> {
        self.party(Role::Dns, &self.cast.dns)
    }

    /// Who redirects its web address.
    pub(crate) fn redirector(&self) -> Party<'a, dyn Redirector> {
        self.party(Role::Redirect, &self.cast.redirector)
    }

    /// Who hosts the domain's mailboxes.
    pub(crate) fn mail_host(&self) -> Result<Party<'a, dyn MailHost>, Fault> {
        let provider = self.domain.provider.ok_or_else(|| for_good("The domain has no mail provider."))?;
        Ok(self.party(Role::Mail, self.cast.mail(provider)))
    }

    /// The same for a domain that may not have been given a tenant, because none has room.
    pub(crate) fn tenant(&self) -> Result<Party<'a, dyn MailHost>, Fault> {
        let hosts = |lineup: &Lineup| self.domain.provider.is_some_and(|provider| lineup.hosts(provider));
        let is_meant = self.providers.roster(&self.run.world).is_some_and(|roster| hosts(&roster.lineup));
        if is_meant && self.domain.accounts.get(Role::Mail).is_none() {
            tracing::warn!(
                domain = %self.domain.id,
                users = self.domain.inboxes_planned,
                "no mail tenant has room for a domain: buy licences for one, raise its most_domains or most_users, or name another in live.mail"
            );
            return Err(Fault::Ours(ask(ActionReason::LicenceCapacity)));
        }
        self.mail_host()
    }

    /// Who sends campaigns.
    pub(crate) fn sequencer(&self) -> Party<'a, dyn Sequencer> {
        self.party(Role::Sequencer, &self.cast.sequencer)
    }

    /// Who looks at the public internet.
    pub(crate) fn observer(&self) -> Party<'a, dyn Observer> {
        self.party(Role::Observer, &self.cast.observer)
    }

    /// The same for taking down what earlier steps have set up, with whomever that was.
    pub(crate) fn clearing(&self) -> Self {
        Self { talks_to: Role::ALL, ..self.clone() }
    }

    fn party<P: ?Sized>(&self, role: Role, player: &'a Player<P>) -> Party<'a, P> {
        debug_assert!(self.talks_to.contains(&role), "{:?} is not described as talking to {role:?}", self.run.step);
        Party { role, player, accounts: self.accounts }
    }
}

fn for_good(words: &str) -> Fault {
    Fault::Ours(Then::Fail { words: words.into() })
}

//! Who plays the roles in each world.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::account::{Assigned, Lineup};
use model::domain::MailProvider;
use model::id::PartnerId;
use model::role::Role;
use model::world::{Environment, World};

use crate::cast::{Cast, Player};
use crate::kind::Opened;
use crate::nobody::Nobody;
use crate::roles::Observer;

/// The accounts of one reality.
#[derive(Clone)]
pub struct Roster {
    /// Who may play what, as decisions see it.
    pub lineup: Arc<Lineup>,
    /// Every account by its name.
    pub accounts: BTreeMap<&'static str, Opened>,
    /// Who looks at the public internet.
    pub observer: Player<dyn Observer>,
}

/// Who plays the roles in each world.
#[derive(Clone)]
pub struct Providers {
    sandbox: Cast,
    live: Option<Arc<Roster>>,
    guests: HashMap<PartnerId, Arc<Roster>>,
}

impl Providers {
    /// The sandbox, and the real providers when the operator has configured them.
    #[must_use]
    pub fn new(sandbox: Cast, live: Option<Roster>) -> Self {
        Self { sandbox, live: live.map(Arc::new), guests: HashMap::new() }
    }

    /// The same, where these partners' test keys play with vendors' own sandboxes.
    #[must_use]
    pub fn with_guests(self, roster: Roster, partners: Vec<PartnerId>) -> Self {
        let roster = Arc::new(roster);
        let guests = partners.into_iter().map(|partner| (partner, roster.clone())).collect();
        Self { guests, ..self }
    }

    /// The accounts that a world's domains are given; `None` where there is nothing to give: the sandbox of ours has one of
    /// each, and without live accounts there is none.
    #[must_use]
    pub fn roster(&self, world: &World) -> Option<&Roster> {
        match world.environment() {
            Environment::Live => self.live.as_deref(),
            Environment::Test => world.partner().and_then(|partner| self.guests.get(&partner)).map(|roster| &**roster),
        }
    }

    /// Whether a world is a sandbox of ours, whose clock and memory obey us.
    #[must_use]
    pub fn is_sim(&self, world: &World) -> bool {
        world.environment() == Environment::Test && self.roster(world).is_none()
    }

    /// Who plays for a domain with these accounts; `None` when nobody is configured for its world.
    #[must_use]
    pub fn cast(&self, world: &World, assigned: &Assigned) -> Option<Cast> {
        if self.is_sim(world) {
            return Some(self.sandbox.clone());
        }
        self.roster(world).map(|roster| roster.cast(assigned))
    }

    /// Whether live keys have anybody to buy from.
    #[must_use]
    pub const fn has_live(&self) -> bool {
        self.live.is_some()
    }

    /// The sandbox of ours.
    #[must_use]
    pub const fn sandbox(&self) -> &Cast {
        &self.sandbox
    }

    /// The live accounts, and those of vendors' own sandboxes.
    pub fn rosters(&self) -> impl Iterator<Item = &Roster> {
        self.live.as_deref().into_iter().chain(self.guests.values().next().map(|roster| &**roster))
    }
}

impl Roster {
    /// Who plays for a domain with these accounts. A role that no account plays is nobody's, who says so.
    #[must_use]
    pub fn cast(&self, assigned: &Assigned) -> Cast {
        let nobody = Arc::new(Nobody);
        let mail = assigned.get(Role::Mail);
        Cast {
            registrar: self.player(assigned.get(Role::Registrar), |opened| opened.registrar.clone(), nobody.clone()),
            dns: self.player(assigned.get(Role::Dns), |opened| opened.dns.clone(), nobody.clone()),
            redirector: self.player(assigned.get(Role::Redirect), |opened| opened.redirector.clone(), nobody.clone()),
            google: self.player(mail, |opened| opened.mail(MailProvider::Google), nobody.clone()),
            microsoft: self.player(mail, |opened| opened.mail(MailProvider::Microsoft), nobody.clone()),
            sequencer: self.player(assigned.get(Role::Sequencer), |opened| opened.sequencer.clone(), nobody),
            observer: self.observer.clone(),
        }
    }

    fn player<P: ?Sized>(
        &self,
        account: Option<&str>,
        role: impl Fn(&Opened) -> Option<Arc<P>>,
        nobody: Arc<P>,
    ) -> Player<P> {
        let found = account.and_then(|account| self.accounts.get_key_value(account));
        match found.and_then(|(name, opened)| Some((*name, role(opened)?))) {
            Some((name, provider)) => Player::new(name, provider),
            None => Player::new(NOBODY, nobody),
        }
    }
}

/// The account's name where nobody plays a role.
pub const NOBODY: &str = "none";

impl Opened {
    fn mail(&self, provider: MailProvider) -> Option<Arc<dyn crate::roles::MailHost>> {
        match provider {
            MailProvider::Google => self.google.clone(),
            MailProvider::Microsoft => self.microsoft.clone(),
        }
    }
}

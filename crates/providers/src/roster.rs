//! Who plays the roles in each world.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::account::{Lineup, Load};
use model::domain::Assigned;
use model::domain::{DomainName, MailProvider, NameAnswer};
use model::id::PartnerId;
use model::order::SequencerProvider;
use model::registrant::Registrant;
use model::role::Role;
use model::world::{Environment, World};

use crate::cast::{Cast, Player};
use crate::kind::Opened;
use crate::mixed;
use crate::nobody::Nobody;
use crate::probing::Prober;
use crate::roles::{Observer, Purpose, Registrar};
use crate::trouble::Trouble;

/// The accounts of one reality.
#[derive(Clone)]
pub struct Roster {
    /// Who may play what, as decisions see it.
    pub lineup: Arc<Lineup>,
    /// Every account by its name.
    pub accounts: BTreeMap<&'static str, Opened>,
    /// Who looks at the public internet.
    pub observer: Player<dyn Observer>,
    /// Whom names are registered for.
    pub registrants: Registrants,
    /// The operator's mailbox that first mails are sent to, where they have named one.
    pub prober: Option<Arc<dyn Prober>>,
}

/// Whom names are registered for.
#[derive(Clone, Default)]
pub struct Registrants {
    /// Whoever has no other; `None` where the vendors' accounts know it.
    pub usual: Option<Arc<Registrant>>,
    /// Those of single partners.
    pub of_partners: HashMap<PartnerId, Arc<Registrant>>,
}

impl Registrants {
    fn of(&self, partner: &PartnerId) -> Option<Arc<Registrant>> {
        self.of_partners.get(partner).or(self.usual.as_ref()).cloned()
    }
}

/// Partners whose sandbox is at vendors' own ones, as far as these accounts reach; the rest of it is ours.
#[derive(Clone)]
pub struct VendorSandboxes {
    /// Who.
    pub partners: BTreeSet<PartnerId>,
    /// The accounts, and whom names are registered for.
    pub roster: Roster,
}

/// Who plays the roles in each world.
#[derive(Clone)]
pub struct Providers {
    sandbox: Cast,
    live: Option<Arc<Roster>>,
    vendors: Option<Arc<VendorSandboxes>>,
}

impl Providers {
    /// The sandbox, and the real providers and the vendors' sandboxes when the operator has configured them.
    #[must_use]
    pub fn new(sandbox: Cast, live: Option<Roster>, vendors: Option<VendorSandboxes>) -> Self {
        Self { sandbox, live: live.map(Arc::new), vendors: vendors.map(Arc::new) }
    }

    /// The accounts that a world's domains are given; `None` where there is nothing to give: the sandbox of ours has one of
    /// each, and without live accounts there is none.
    #[must_use]
    pub fn roster(&self, world: &World) -> Option<&Roster> {
        match world.owner() {
            None => self.live.as_deref(),
            Some(partner) => {
                let vendors = self.vendors.as_deref().filter(|vendors| vendors.partners.contains(&partner));
                vendors.map(|vendors| &vendors.roster)
            }
        }
    }

    /// Who plays for a domain with these accounts; `None` when nobody is configured for its world.
    #[must_use]
    pub fn cast(&self, world: &World, assigned: &Assigned) -> Option<Cast> {
        let roster = self.roster(world);
        match world.environment() {
            Environment::Live => roster.map(|roster| roster.cast(assigned)),
            Environment::Test => Some(mixed::cast(&self.sandbox, roster, assigned)),
        }
    }

    /// Whether an account plays a role for live keys.
    #[must_use]
    pub fn plays_live(&self, role: Role) -> bool {
        self.live.as_ref().is_some_and(|roster| roster.lineup.plays(role))
    }

    /// Whether an account stands for a sequencer for live keys.
    #[must_use]
    pub fn sends_live(&self, sequencer: SequencerProvider) -> bool {
        self.live.as_ref().is_some_and(|roster| roster.lineup.sends(sequencer))
    }

    /// Whether live keys have anybody to buy from.
    #[must_use]
    pub const fn has_live(&self) -> bool {
        self.live.is_some()
    }

    /// Whom a partner's names are registered for in a world; `None` where the vendors' accounts know it.
    #[must_use]
    pub fn registrant(&self, world: &World, partner: &PartnerId) -> Option<Arc<Registrant>> {
        self.roster(world).and_then(|roster| roster.registrants.of(partner))
    }

    /// The operator's mailbox that first mails of a world are sent to, where there is one. A sandbox sends nothing.
    #[must_use]
    pub fn prober(&self, world: &World) -> Option<&dyn Prober> {
        self.roster(world).filter(|_| world.environment() == Environment::Live)?.prober.as_deref()
    }

    /// Whether anybody sells names in a world.
    #[must_use]
    pub fn sells(&self, world: &World) -> bool {
        world.environment() == Environment::Test || self.plays_live(Role::Registrar)
    }
}

impl Roster {
    /// Who plays for a domain with these accounts. A role that no account plays is nobody's, who says so.
    #[must_use]
    pub fn cast(&self, assigned: &Assigned) -> Cast {
        self.cast_beside(&Nobody::NeverGiven.cast(&self.observer), assigned)
    }

    /// The same, where others play the roles that the domain was given no account for.
    pub(crate) fn cast_beside(&self, others: &Cast, assigned: &Assigned) -> Cast {
        let gone = Nobody::Gone.cast(&self.observer);
        let mail = assigned.get(Role::Mail);
        let of = |role| assigned.get(role);
        Cast {
            registrar: self.player(
                of(Role::Registrar),
                |one| one.registrar.clone(),
                [&others.registrar, &gone.registrar],
            ),
            dns: self.player(of(Role::Dns), |one| one.dns.clone(), [&others.dns, &gone.dns]),
            redirector: self.player(
                of(Role::Redirect),
                |one| one.redirector.clone(),
                [&others.redirector, &gone.redirector],
            ),
            google: self.player(mail, |one| one.mail(MailProvider::Google), [&others.google, &gone.google]),
            microsoft: self.player(mail, |one| one.mail(MailProvider::Microsoft), [&others.microsoft, &gone.microsoft]),
            sequencer: self.player(
                of(Role::Sequencer),
                |one| one.sequencer.clone(),
                [&others.sequencer, &gone.sequencer],
            ),
            observer: others.observer.clone(),
        }
    }

    fn player<P: ?Sized>(
        &self,
        account: Option<&str>,
        role: impl Fn(&Opened) -> Option<Arc<P>>,
        [other, gone]: [&Player<P>; 2],
    ) -> Player<P> {
        let Some(account) = account else { return other.clone() };
        let found = self.accounts.get_key_value(account);
        let playing = found.and_then(|(name, opened)| Some(Player::new(name, role(opened)?)));
        // Only where none was ever given nothing was ever done.
        playing.unwrap_or_else(|| gone.clone())
    }
}

/// The account's name where nobody plays a role.
pub const NOBODY: &str = "none";

/// Which registrars of a world are asked about names.
#[derive(Clone, Debug)]
pub enum Sellers {
    /// Those that have room for more, as many names as they have.
    WithRoom(Load),
    /// This one.
    Only(String),
}

/// How long a registrar may take over names that somebody chooses from.
const BROWSING: Duration = Duration::from_secs(7);
/// What is wrong where no registrar has room.
const FULL: &str =
    "Every registrar's account has as many names as `most_domains` lets it: raise it, or add an account.";
/// How long it may take over names that are about to be bought.
const CONFIRMING: Duration = Duration::from_secs(20);

impl Providers {
    /// What the registrars of a world say of names: one answer a name, of whoever would sell it, from what has come before
    /// the deadline. A name that nobody has said anything about is `errored`.
    ///
    /// # Errors
    /// What the only registrar there is has said; or [`Trouble::Misconfigured`] where there is none.
    pub async fn check(
        &self,
        world: &World,
        names: &[DomainName],
        purpose: Purpose,
        of: &Sellers,
    ) -> Result<Vec<NameAnswer>, Trouble> {
        match self.roster(world) {
            Some(roster) if world.owner().is_none() || roster.lineup.plays(Role::Registrar) => {
                roster.check(world, names, purpose, of).await
            }
            _ if world.owner().is_some() => self.sandbox.registrar.check(world, names, purpose).await,
            _ => Nobody::NeverGiven.check(world, names, purpose).await,
        }
    }
}

impl Roster {
    async fn check(
        &self,
        world: &World,
        names: &[DomainName],
        purpose: Purpose,
        of: &Sellers,
    ) -> Result<Vec<NameAnswer>, Trouble> {
        let all: Vec<_> = self.sellers().collect();
        if all.is_empty() {
            return Nobody::NeverGiven.check(world, names, purpose).await;
        }
        let sellers: Vec<_> = all.into_iter().filter(|seller| self.is_asked(seller.account, of)).collect();
        if sellers.is_empty() {
            return Err(Trouble::Misconfigured(FULL.into()));
        }
        let asked = sellers.iter().map(|seller| ask(seller, world, names, purpose));
        let said: Vec<_> = futures_util::future::join_all(asked).await;
        if let [Err(trouble)] = said.as_slice() {
            return Err(trouble.clone());
        }
        let mut by_name: HashMap<DomainName, Vec<NameAnswer>> = HashMap::new();
        // Who is silent as a whole may still say from when on he is not.
        let silent = said
            .iter()
            .filter_map(|one| one.as_ref().err())
            .flat_map(|trouble| names.iter().map(|name| NameAnswer::errored(name.clone(), trouble.until())));
        let silent: Vec<_> = silent.collect();
        for answer in said.into_iter().flatten().flatten().chain(silent) {
            by_name.entry(answer.name.clone()).or_default().push(answer);
        }
        let of = |name: &DomainName| self.lineup.merge(name, by_name.get(name).cloned().unwrap_or_default());
        Ok(names.iter().map(of).collect())
    }

    fn is_asked(&self, account: &str, of: &Sellers) -> bool {
        match of {
            Sellers::Only(one) => one == account,
            Sellers::WithRoom(load) => self.lineup.has_room(Role::Registrar, account, load),
        }
    }

    /// The accounts that sell names, in the operator's order.
    pub fn sellers(&self) -> impl Iterator<Item = Player<dyn Registrar>> {
        self.lineup.of(Role::Registrar).iter().filter_map(|entrant| {
            let (name, opened) = self.accounts.get_key_value(entrant.account.as_str())?;
            Some(Player::new(name, opened.registrar.clone()?))
        })
    }
}

/// Asks one of them, for so long.
async fn ask(
    seller: &Player<dyn Registrar>,
    world: &World,
    names: &[DomainName],
    purpose: Purpose,
) -> Result<Vec<NameAnswer>, Trouble> {
    let patience = if purpose == Purpose::Buy { CONFIRMING } else { BROWSING };
    let answers = tokio::time::timeout(patience, seller.check(world, names, purpose)).await;
    let answers = answers.unwrap_or(Err(Trouble::Later(None)));
    if let Err(trouble) = &answers {
        tracing::warn!(account = seller.account, ?trouble, "a registrar does not say which names it sells");
    }
    Ok(answers?.into_iter().map(|answer| answer.by(seller.account)).collect())
}

//! Domain names, and the domains an order or the inventory holds.

use std::fmt;

use crate::clock::{SECOND, Time};
use crate::dns::DnsHealth;
use crate::id::{DomainId, OrderId, PartnerId, SwapId, UserId};
use crate::money::Cents;
use crate::named::named;
use crate::persona::Persona;
use crate::secret::Secret;
use crate::world::{Scope, World};

mod assigned;
mod lapse;
mod mail_provider;
mod name;
mod registry_status;

pub use assigned::Assigned;
pub use lapse::Lapse;
pub use mail_provider::MailProvider;
pub(crate) use name::is_host_label;
pub use name::{DomainName, NameFault};
pub use registry_status::{RegistryStatus, is_on_hold};

/// How somebody says which domain is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainRef {
    /// By its id.
    Id(DomainId),
    /// By its name: the live one that has it.
    Name(DomainName),
}

impl fmt::Display for DomainRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

named! {
    /// Where we have a domain from.
    pub enum Source {
        /// We bought it.
        Registrar "registrar",
        /// The customer brought it.
        Imported "imported",
    }
}

named! {
    /// Where a domain stands.
    pub enum DomainStatus {
        /// In the partner's inventory, free for an order.
        Available "available",
        /// Ordered; nothing has begun.
        Pending "pending",
        /// Being bought.
        Registering "registering",
        /// DNS and the mail domain are being set up.
        Configuring "configuring",
        /// Inboxes are being made.
        Provisioning "provisioning",
        /// Inboxes are being linked to the sequencer.
        Connecting "connecting",
        /// Everything works.
        Active "active",
        /// Somebody has to do something: see the pending action.
        ActionRequired "action_required",
        /// Given up; its undelivered part is credited.
        Failed "failed",
        /// Kept warm after a premium swap.
        Retiring "retiring",
        /// Leaving its order.
        Releasing "releasing",
        /// No longer ours to manage.
        Released "released",
    }
}

impl DomainStatus {
    /// What it counts as when an order's status is computed.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Active => Class::Active,
            Self::ActionRequired => Class::Asking,
            Self::Failed => Class::GivenUp,
            Self::Retiring | Self::Releasing | Self::Released | Self::Available => Class::Gone,
            Self::Pending | Self::Registering | Self::Configuring | Self::Provisioning | Self::Connecting => {
                Class::Open
            }
        }
    }
}

/// The few classes that an order's status depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Still being worked on.
    Open,
    /// Delivered.
    Active,
    /// Waiting for a person.
    Asking,
    /// Failed for good and credited.
    GivenUp,
    /// Delivered once and gone since; counts for nothing.
    Gone,
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// Its name, unique among the world's live domains.
    pub name: DomainName,
    /// Where it stands.
    pub status: DomainStatus,
    /// Where we have it from.
    pub source: Source,
    /// Whether it is ours at the registrar now (bought, or imported).
    pub held: bool,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// Its place in the order's list, from 0.
    pub position: i64,
    /// The customer it belongs to.
    pub user: Option<UserId>,
    /// Which providers can use it.
    pub usable_for: Vec<MailProvider>,
    /// Which provider hosts its mailboxes.
    pub provider: Option<MailProvider>,
    /// Licences booked for it: inboxes at Google, 1 at Microsoft.
    pub licenses: i64,
    /// Inboxes it is to carry.
    pub inboxes_planned: i64,
    /// Inboxes made so far.
    pub inboxes_made: i64,
    /// Inboxes that the order's earlier domains carry: where the personas' turns go on.
    pub persona_offset: i64,
    /// Where its web address redirects to.
    pub forwarding_url: Option<String>,
    /// What was agreed for the first year, margin included; 0 when it was not bought.
    pub price_cents: Cents,
    /// The registrar's own price behind `price_cents`: the most that may be paid.
    pub cost_cents: Cents,
    /// What a further year costs, margin included.
    pub renewal_price_cents: Cents,
    /// The registrar's own price behind `renewal_price_cents`: the most that may be paid for a year.
    pub renewal_cost_cents: Cents,
    /// What the last look at its DNS showed.
    pub dns: Option<DnsHealth>,
    /// When the registration runs out.
    pub expires_at: Option<Time>,
    /// When it first worked, partner time: from then on its licences renew.
    pub connected_at: Option<Time>,
    /// When it leaves its order, partner time; set by a cancellation.
    pub cancels_at: Option<Time>,
    /// The end of the paid period with which it left, when it was cancelled, partner time.
    pub left_at: Option<Time>,
    /// Why its provisioning is to end before it is done; the next step obeys.
    pub stop: Option<Stop>,
    /// The swap that brought it into its order.
    pub swap: Option<SwapId>,
    /// Whose names its inboxes carry, where that is not what the order says.
    pub personas: Option<Vec<Persona>>,
    /// Which accounts play the roles for it.
    pub accounts: Assigned,
    /// The passwords of its mailboxes by address, where somebody who made them by hand has told them.
    pub mail_logins: Option<Secret>,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Why a domain's provisioning ends before it is done.
    pub enum Stop {
        /// It was cancelled: a name that was bought goes to the inventory when the paid period ends.
        Cancelled "cancelled",
        /// The partner gave it up: credited, and kept in the order as failed.
        GivenUp "given_up",
        /// Another name took its place: credited, and gone from the order.
        Replaced "replaced",
    }
}

named! {
    /// A name as the partner's lists sort it.
    pub enum Category {
        /// Free for an order.
        Inventory "inventory",
        /// In an order.
        Connected "connected",
    }
}

impl Domain {
    /// Whether it was connected and is still in its order, be it that somebody is asked about it.
    #[must_use]
    pub fn works(&self) -> bool {
        self.connected_at.is_some() && matches!(self.status, DomainStatus::Active | DomainStatus::ActionRequired)
    }

    /// A domain that nothing has happened to yet.
    #[must_use]
    pub fn new(id: DomainId, scope: &Scope, name: DomainName, source: Source, created_at: Time) -> Self {
        Self {
            id,
            partner: scope.partner.clone(),
            world: scope.world.clone(),
            name,
            status: DomainStatus::Pending,
            source,
            held: false,
            order: None,
            position: 0,
            user: None,
            usable_for: vec![],
            provider: None,
            licenses: 0,
            inboxes_planned: 0,
            inboxes_made: 0,
            persona_offset: 0,
            forwarding_url: None,
            price_cents: 0,
            cost_cents: 0,
            renewal_price_cents: 0,
            renewal_cost_cents: 0,
            dns: None,
            expires_at: None,
            connected_at: None,
            cancels_at: None,
            stop: None,
            left_at: None,
            swap: None,
            personas: None,
            accounts: Assigned::default(),
            mail_logins: None,
            created_at,
            version: 1,
        }
    }

    /// How the partner's lists sort it.
    #[must_use]
    pub const fn category(&self) -> Category {
        if self.order.is_some() { Category::Connected } else { Category::Inventory }
    }
}

/// The `renewal_cost_cents` of a name that was bought before they were kept: the partner's price without the margin that
/// the first year had. Where a held quote hides a part of that margin it comes out too high, but never above what the
/// partner pays; where the margin was lowered before the price was raised it comes out too low, and the renewal asks
/// before anything is paid.
#[must_use]
pub fn derived_renewal_cost(price_cents: Cents, cost_cents: Cents, renewal_price_cents: Cents) -> Cents {
    let margin = (price_cents - cost_cents).clamp(0, renewal_price_cents.max(0));
    renewal_price_cents - margin
}

/// What a registrar, or our own inventory, says about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAnswer {
    /// The name that was asked about.
    pub name: DomainName,
    /// The answer.
    pub verdict: Verdict,
    /// The account that gave it, where several were asked; whoever buys by the answer buys there.
    pub account: Option<String>,
    /// The least number of years that it is sold for; the first year's price is for all of them.
    pub least_years: i64,
    /// Where nobody could say anything: when asking again is worth it, if whoever was asked has told.
    pub retry_at: Option<Time>,
}

/// How long after an answer that did not come it is asked again where nobody has said when, in microseconds.
const RETRY_AFTER: i64 = 30 * SECOND;

impl NameAnswer {
    /// An answer of the only account there is, for a year.
    #[must_use]
    pub const fn new(name: DomainName, verdict: Verdict) -> Self {
        Self { name, verdict, account: None, least_years: 1, retry_at: None }
    }

    /// A no.
    #[must_use]
    pub const fn not(name: DomainName, why: Unavailable) -> Self {
        Self::new(name, Verdict::Not(why))
    }

    /// Nothing can be said of it before a time, where that is known.
    #[must_use]
    pub fn errored(name: DomainName, retry_at: Option<Time>) -> Self {
        Self { retry_at, ..Self::not(name, Unavailable::Errored) }
    }

    /// The same as a partner is told it: of what is not known, with when to ask again; of what is known, without.
    #[must_use]
    pub fn told_at(self, now: Time) -> Self {
        let is_open = matches!(self.verdict, Verdict::Not(Unavailable::Errored | Unavailable::Stale));
        let retry_at = is_open.then(|| self.retry_at.filter(|at| *at > now).unwrap_or_else(|| now.plus(RETRY_AFTER)));
        Self { retry_at, ..self }
    }

    /// The same, given by an account.
    #[must_use]
    pub fn by(self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self }
    }
}

/// Whether a name can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can, at these registrar prices.
    Buyable {
        /// The first year, in cents.
        price_cents: Cents,
        /// Each further year, in cents.
        renewal_price_cents: Cents,
        /// Which providers can use it.
        usable_for: Vec<MailProvider>,
    },
    /// It cannot.
    Not(Unavailable),
}

named! {
    /// Why a name cannot be bought.
    pub enum Unavailable {
        /// Somebody has it.
        Taken "taken",
        /// The registry wants a premium price.
        Premium "premium",
        /// Not a name that can be registered.
        Invalid "invalid",
        /// The registrar failed for this name.
        Errored "errored",
        /// The answer is old and a fresh one has not come in time.
        Stale "stale",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_has_a_time_to_ask_again_and_what_is_known_has_none() {
        let (name, now) = (DomainName::stored("acme.com"), Time(1_000 * SECOND));
        let told = |answer: NameAnswer| answer.told_at(now).retry_at;
        let usual = Some(now.plus(RETRY_AFTER));
        for (retry_at, expected) in [
            (None, usual),
            (Some(now.plus(10 * SECOND)), Some(now.plus(10 * SECOND))),
            // It has passed while others were asked.
            (Some(now), usual),
        ] {
            assert_eq!(told(NameAnswer::errored(name.clone(), retry_at)), expected, "{retry_at:?}");
        }
        assert_eq!(told(NameAnswer::not(name.clone(), Unavailable::Stale)), usual);
        let taken = NameAnswer { retry_at: usual, ..NameAnswer::not(name, Unavailable::Taken) };
        assert_eq!(told(taken), None);
    }

    #[test]
    fn the_renewal_cost_of_a_name_bought_long_ago_is_its_price_without_the_margin_of_then() {
        for (price_cents, cost_cents, renewal_price_cents, expected) in [
            (1_500, 1_300, 1_700, 1_500),
            (1_300, 1_300, 1_500, 1_500),
            // A held price below the registrar's hides the margin.
            (1_300, 1_400, 1_700, 1_700),
            // What came back into the inventory has no price of its own.
            (0, 0, 1_700, 1_700),
            (0, 0, 0, 0),
            (9_000, 1_000, 500, 0),
        ] {
            let derived = derived_renewal_cost(price_cents, cost_cents, renewal_price_cents);
            assert_eq!(derived, expected, "{price_cents} {cost_cents}");
        }
    }
}

//! Domain names, and the domains an order or the inventory holds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::dns::DnsHealth;
use crate::id::{DomainId, OrderId, PartnerId, SwapId, UserId};
use crate::money::Cents;
use crate::persona::Persona;
use crate::world::{Scope, World};

mod name;

pub use name::{DomainName, NameFault};

/// Who hosts the mailboxes of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailProvider {
    /// Google Workspace.
    Google,
    /// Microsoft 365.
    Microsoft,
}

impl MailProvider {
    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Google, Self::Microsoft].into_iter().find(|one| one.as_str() == text)
    }
}

/// Where we have a domain from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// We bought it.
    Registrar,
    /// The customer brought it.
    Imported,
}

impl Source {
    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Imported => "imported",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Registrar, Self::Imported].into_iter().find(|one| one.as_str() == text)
    }
}

/// Where a domain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// In the partner's inventory, free for an order.
    Available,
    /// Ordered; nothing has begun.
    Pending,
    /// Being bought.
    Registering,
    /// DNS and the mail domain are being set up.
    Configuring,
    /// Inboxes are being made.
    Provisioning,
    /// Inboxes are being linked to the sequencer.
    Connecting,
    /// Everything works.
    Active,
    /// Somebody has to do something: see the pending action.
    ActionRequired,
    /// Given up; its undelivered part is credited.
    Failed,
    /// Kept warm after a premium swap.
    Retiring,
    /// Leaving its order.
    Releasing,
    /// No longer ours to manage.
    Released,
}

impl DomainStatus {
    /// Every status.
    pub const ALL: &[Self] = &[
        Self::Available,
        Self::Pending,
        Self::Registering,
        Self::Configuring,
        Self::Provisioning,
        Self::Connecting,
        Self::Active,
        Self::ActionRequired,
        Self::Failed,
        Self::Retiring,
        Self::Releasing,
        Self::Released,
    ];

    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Pending => "pending",
            Self::Registering => "registering",
            Self::Configuring => "configuring",
            Self::Provisioning => "provisioning",
            Self::Connecting => "connecting",
            Self::Active => "active",
            Self::ActionRequired => "action_required",
            Self::Failed => "failed",
            Self::Retiring => "retiring",
            Self::Releasing => "releasing",
            Self::Released => "released",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

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
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

/// Why a domain's provisioning ends before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was cancelled: a name that was bought goes to the inventory when the paid period ends.
    Cancelled,
    /// The partner gave it up: credited, and kept in the order as failed.
    GivenUp,
    /// Another name took its place: credited, and gone from the order.
    Replaced,
}

impl Stop {
    /// The name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::GivenUp => "given_up",
            Self::Replaced => "replaced",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cancelled, Self::GivenUp, Self::Replaced].into_iter().find(|one| one.as_str() == text)
    }
}

/// A name as the partner's lists sort it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Free for an order.
    Inventory,
    /// In an order.
    Connected,
}

impl Category {
    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Connected => "connected",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Inventory, Self::Connected].into_iter().find(|one| one.as_str() == text)
    }
}

impl Domain {
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
            created_at,
            version: 1,
        }
    }

    /// The same for a name that was bought before `renewal_cost_cents` was kept: the partner's price without the margin
    /// that the first year had. Where a held quote hides a part of that margin it comes out too high, but never above
    /// what the partner pays; where the margin was lowered before the price was raised it comes out too low, and the
    /// renewal asks before anything is paid.
    #[must_use]
    pub fn with_derived_renewal_cost(self) -> Self {
        let margin = (self.price_cents - self.cost_cents).clamp(0, self.renewal_price_cents.max(0));
        Self { renewal_cost_cents: self.renewal_price_cents - margin, ..self }
    }

    /// How the partner's lists sort it.
    #[must_use]
    pub const fn category(&self) -> Category {
        if self.order.is_some() { Category::Connected } else { Category::Inventory }
    }
}

/// What a registrar, or our own inventory, says about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAnswer {
    /// The name that was asked about.
    pub name: DomainName,
    /// The answer.
    pub verdict: Verdict,
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

/// Why a name cannot be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// Somebody has it.
    Taken,
    /// The registry wants a premium price.
    Premium,
    /// Not a name that can be registered.
    Invalid,
    /// The registrar failed for this name.
    Errored,
    /// The answer is old and a fresh one has not come in time.
    Stale,
}

impl Unavailable {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Premium => "premium",
            Self::Invalid => "invalid",
            Self::Errored => "errored",
            Self::Stale => "stale",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn the_renewal_cost_of_a_name_bought_long_ago_is_its_price_without_the_margin_of_then() {
        let scope = Scope { partner: PartnerId::opaque("org_1"), world: World::live() };
        let name = DomainName::stored("acme.com");
        let new = Domain::new(DomainId::opaque("dom_1"), &scope, name, Source::Registrar, Time(0));
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
            let old = Domain { price_cents, cost_cents, renewal_price_cents, ..new.clone() };
            assert_eq!(old.with_derived_renewal_cost().renewal_cost_cents, expected, "{price_cents} {cost_cents}");
        }
    }
}

//! Swaps: another name for a domain of an order, or other names for its inboxes.

use crate::clock::{DAY, Time};
use crate::domain::DomainName;
use crate::id::{DomainId, InboxId, OrderId, PartnerId, SwapId, UserId};
use crate::named::named;
use crate::persona::Persona;
use crate::world::World;

mod begin;
mod end;
mod premium;
mod reason;
mod rename;
mod source;
mod tell;
#[cfg(test)]
mod tests;

pub use begin::{Begun, Facts, Wish, begin, not_in_use};
pub use end::cancel;
pub(crate) use end::{call_off, leave};
pub use premium::Premium;
pub use reason::{SwapEnd, SwapReason};
pub use rename::{Renamed, Renaming, rename};
pub(crate) use source::{source, suits};
pub(crate) use tell::{tell, tell_why};

/// How long a premium swap keeps the old domain warm, in microseconds.
pub const WARM: i64 = 14 * DAY;

/// How long a domain that came by a premium swap cannot be swapped that way again, in microseconds; the
/// quota is counted over the same time.
pub const COOLDOWN: i64 = 30 * DAY;

/// A swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Its id.
    pub id: SwapId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// Which kind.
    pub kind: SwapKind,
    /// The order that the domain belongs to.
    pub order: OrderId,
    /// The order's customer.
    pub user: UserId,
    /// The domain that is replaced, or whose inbox is renamed.
    pub domain: DomainId,
    /// The name that takes its place; none when inboxes are renamed.
    pub replacement_name: Option<DomainName>,
    /// The domain that takes its place, once it can be had.
    pub replacement: Option<DomainId>,
    /// The inbox that is renamed.
    pub inbox: Option<InboxId>,
    /// Whose name it is to carry.
    pub persona: Option<Persona>,
    /// Where it stands.
    pub status: SwapStatus,
    /// Why it waits or has ended without being done; unknown of what older versions ended.
    pub reason: Option<SwapReason>,
    /// When it was asked for, partner time.
    pub created_at: Time,
    /// When it was completed, failed or was cancelled, partner time.
    pub finished_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// What is swapped, and how fast.
    pub enum SwapKind {
        /// The old domain leaves as soon as its replacement works.
        Standard "standard",
        /// The old domain stays warm for 14 days after that. Microsoft only.
        Premium "premium",
        /// The domain stays; an inbox gets another name.
        UserNames "user_names",
    }
}

named! {
    /// Where a swap stands.
    pub enum SwapStatus {
        /// Asked for; nothing has begun.
        Created "created",
        /// Being worked on.
        InProgress "in_progress",
        /// Done.
        Completed "completed",
        /// Given up; what it would have cost is credited. Older versions called those so, too, that were cancelled.
        Failed "failed",
        /// The replacement cannot be had yet, or waits for a person.
        ActionRequired "action_required",
        /// Cancelled, or its domain leaves; what it would have cost is credited.
        Cancelled "cancelled",
    }
}

impl SwapStatus {
    /// Whether it can still change.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::InProgress | Self::ActionRequired)
    }
}

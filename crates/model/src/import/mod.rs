//! Imports: names that the customer has registered elsewhere.

use crate::clock::{HOUR, Time};
use crate::id::{DomainId, EventId, ImportId, PartnerId};
use crate::named::named;
use crate::world::World;

mod inspect;
mod start;
mod tally;
#[cfg(test)]
mod tests;

pub use inspect::{Seen, inspect, moves_along};
pub use start::{Entry, Facts, Started, Wish, distinct, start};
pub use tally::{Tally, status_of};

/// How long a finished job answers for the same set of names, in microseconds of partner time.
pub const WINDOW: i64 = 24 * HOUR;

/// How long nameservers are waited for before a person is asked, in microseconds of partner time.
pub const PATIENCE: i64 = 24 * HOUR;

/// A job that imports names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The sorted set of names, as text of bounded length: the same set is the same job.
    pub fingerprint: String,
    /// Whether no later job has the same set of names: this one answers for it.
    pub newest: bool,
    /// Whether names with mail in use may be taken over.
    pub replace_live_mail: bool,
    /// Computed from its rows.
    pub status: ImportStatus,
    /// Names in all.
    pub domain_count: i64,
    /// Names that are connected.
    pub completed_count: i64,
    /// Names that failed.
    pub failed_count: i64,
    /// The last event told of it: the next one's id is above.
    pub last_event: Option<EventId>,
    /// When it was made, partner time.
    pub created_at: Time,
    /// When its last row ended, partner time.
    pub completed_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

/// One name of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The job.
    pub import: ImportId,
    /// Its place in the list sent, from 0.
    pub position: i64,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The normalised name; what was sent when it is none.
    pub name: String,
    /// The domain it became.
    pub domain: Option<DomainId>,
    /// Where it stands.
    pub status: ImportRowStatus,
    /// Why it failed.
    pub reason: Option<ImportReason>,
    /// The nameservers it has to point to; empty until its zone exists.
    pub nameservers: Vec<String>,
    /// Whether a person has been asked to set them.
    pub asking: bool,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Where an import job stands.
    pub enum ImportStatus {
        /// Being worked on.
        InProgress "in_progress",
        /// Every name has ended, and at least one is connected.
        Completed "completed",
        /// Some names have waited a day for their nameservers; we go on looking.
        ActionRequired "action_required",
        /// Every name has failed.
        Failed "failed",
    }
}

named! {
    /// Where a name of an import job stands.
    pub enum ImportRowStatus {
        /// Its nameservers do not point to us yet.
        WaitingForNameservers "waiting_for_nameservers",
        /// It is in the inventory.
        Connected "connected",
        /// See its reason.
        Failed "failed",
    }
}

named! {
    /// Why a name could not be imported.
    pub enum ImportReason {
        /// Not a host name.
        Invalid "invalid",
        /// A subdomain or a public suffix.
        NotRoot "not_root",
        /// Nobody has registered it.
        NotRegistered "not_registered",
        /// It is in the inventory or in an order already.
        AlreadyImported "already_imported",
        /// Mail is received at it now: send `"replace_live_mail": true` to go on.
        LiveMail "live_mail",
        /// Its registry has a DNSSEC record (DS) for it: have it removed at the registrar, and import the name again.
        Signed "signed",
        /// Its registrar or registry lets nobody change it (`clientUpdateProhibited`, `serverUpdateProhibited`), its nameservers
        /// included: have the lock taken off at the registrar, and import the name again.
        Locked "locked",
        /// Its registry has it on hold, about to be deleted, to be restored, or on its way to another registrar: have that mended
        /// at the registrar, and import the name again.
        Suspended "suspended",
        /// The DNS host does not take it.
        ZoneRefused "zone_refused",
    }
}

impl ImportReason {
    /// Whether it is mended elsewhere, so that the same name may be sent again at any time.
    #[must_use]
    pub const fn is_mended_elsewhere(self) -> bool {
        matches!(self, Self::Signed | Self::Locked | Self::Suspended)
    }

    /// What is in the way, in words a customer can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Invalid => "It is not a domain name.",
            Self::NotRoot => "It is not a name that is registered: a name below one, or a public suffix.",
            Self::NotRegistered => "Nobody has registered it, or it has no nameservers.",
            Self::AlreadyImported => "It is here already.",
            Self::LiveMail => "Mail is received at it now.",
            Self::Signed => {
                "Its registry has a DNSSEC record (DS) for it, with which no zone of ours would be believed. Have it removed at the registrar, and import the name again."
            }
            Self::Locked => {
                "Its registrar or registry lets nobody change its nameservers. Have the lock against changes taken off at the registrar, and import the name again."
            }
            Self::Suspended => {
                "Its registry has it on hold, about to be deleted, to be restored, or on its way to another registrar. Have that mended at the registrar, and import the name again."
            }
            Self::ZoneRefused => "The DNS host does not take it.",
        }
    }
}

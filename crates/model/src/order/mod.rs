//! Orders: what is asked, what is checked, what is written, and what an order's status is.

use std::collections::BTreeMap;

use crate::clock::Time;
use crate::id::{BundleId, EventId, KeyId, OrderId, PartnerId, UserId};
use crate::money::Cents;
use crate::named::named;
use crate::persona::Persona;
use crate::secret::Secret;
use crate::trace::TraceParent;
use crate::world::World;

mod assign;
mod booking;
mod cancel;
mod check;
mod facts;
mod period;
mod place;
mod placing;
mod price;
mod quote;
mod quoted;
mod replace;
mod status;
mod survey;
mod tariff;
#[cfg(test)]
mod tests;

pub use assign::assign;
pub use cancel::{Cancellation, cancel, undo};
pub use check::check_records;
pub(crate) use check::look_up_one;
pub use facts::{Facts, NameRow, Rules, Submitted};
pub use period::{Booked, Period, end_period};
pub(crate) use period::{await_period, begin_to_leave};
pub use place::{Placed, place};
pub use placing::{Need, Placing, SequencerLogin, Size, UserRef, Wanted};
pub use price::Priced;
pub use quote::{Quoted, make_room, quote};
pub(crate) use replace::{book_replacement, in_place_of};
pub use status::{Standing, Tally, change_status, status_change, status_of};
pub use survey::{Survey, survey};
pub use tariff::Tariff;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The customer it is for.
    pub user: UserId,
    /// The customer's address when it was placed.
    pub email: String,
    /// The bundle it was placed with.
    pub bundle: Option<BundleId>,
    /// Computed by [`status_of`], kept so that lists can filter by it.
    pub status: OrderStatus,
    /// Live domains.
    pub domain_count: i64,
    /// What was booked at placing, less credits.
    pub total_cents: Cents,
    /// The day of the month that renewals keep to, 1–31.
    pub anchor_day: i8,
    /// When the paid period ends, partner time.
    pub renews_at: Time,
    /// The partner's own order number.
    pub reference: Option<String>,
    /// The default redirect.
    pub forwarding_url: Option<String>,
    /// Whose names the inboxes carry.
    pub personas: Vec<Persona>,
    /// The partner's own notes, given back.
    pub metadata: BTreeMap<String, String>,
    /// Where the inboxes are linked.
    pub sequencer: Sequencer,
    /// Whether it waits for its domains' mail to be signed.
    pub dkim: Dkim,
    /// The key it was placed with: whose spend limit it counts against.
    pub api_key: Option<KeyId>,
    /// When its cancellation was asked for, partner time.
    pub cancel_scheduled_at: Option<Time>,
    /// When its cancellation takes effect, partner time.
    pub cancels_at: Option<Time>,
    /// Whether a task waits for the end of its paid period.
    pub timed: bool,
    /// When `order.completed` was told, partner time.
    pub completed_at: Option<Time>,
    /// The last event told of it: the next one's id is above.
    pub last_event: Option<EventId>,
    /// Where in a trace it was placed: what is done for it goes on from there.
    pub trace: Option<TraceParent>,
    /// When it was placed, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

/// Where an order's inboxes are linked, and with which login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequencer {
    /// Which one.
    pub provider: SequencerProvider,
    /// Routing at the sequencer; `None` is the partner's default.
    pub client_id: Option<i64>,
    /// Login e-mail; `None` where the partner gave a key alone.
    pub login_email: Option<String>,
    /// Login password; `None` where there was none, or it was exchanged for a key and shredded.
    pub login_password: Option<Secret>,
    /// The API key: the partner's, or the one that the login was exchanged for.
    pub api_key: Option<Secret>,
}

named! {
    /// Who sends: the sequencers that inboxes can be linked to.
    pub enum SequencerProvider {
        /// Smartlead; where no account there is configured, whoever plays the role.
        Smartlead "smartlead",
        /// Instantly.
        Instantly "instantly",
        /// A file that the inboxes are handed out as.
        Csv "csv",
    }
}

named! {
    /// Whether an order waits for its domains' mail to be signed, where only a person can have the key made.
    pub enum Dkim {
        /// A domain is connected once its mail is signed.
        Required "required",
        /// A domain is connected without; its question stays open, and it is told when it is done.
        Later "later",
    }
}

named! {
    /// Where an order stands.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum OrderStatus {
        InProgress "in_progress",
        ActionRequired "action_required",
        Completed "completed",
        Failed "failed",
        CancelScheduled "cancel_scheduled",
        Cancelled "cancelled",
    }
}

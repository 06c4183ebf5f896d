//! A swap that moves on is told, in the line of its order's events.

use super::{Swap, SwapReason, SwapStatus};
use crate::action::Action;
use crate::change::Change;
use crate::clock::Now;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::named::Named as _;
use crate::order::Order;
use crate::view::{self, Why};

impl SwapStatus {
    /// The event that tells of it.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::Created => EventKind::SwapCreated,
            Self::InProgress => EventKind::SwapInProgress,
            Self::Completed => EventKind::SwapCompleted,
            Self::Failed => EventKind::SwapFailed,
            Self::ActionRequired => EventKind::SwapActionRequired,
            Self::Cancelled => EventKind::SwapCancelled,
        }
    }
}

impl Swap {
    /// The same swap at another status, where it goes on or is done.
    pub(crate) fn at(&self, status: SwapStatus, now: Now) -> Self {
        let finished_at = (!status.is_open()).then(|| now.partner());
        Self { status, reason: None, finished_at, ..self.clone() }
    }

    /// The same swap at a status at which it does not go on.
    pub(crate) fn for_reason(&self, status: SwapStatus, reason: SwapReason, now: Now) -> Self {
        Self { reason: Some(reason), ..self.at(status, now) }
    }

    /// What tells where it stands; the order remembers it.
    pub(super) fn event(&self, order: &mut Order, why: Option<&Why>, now: Now, ids: &Ids) -> Event {
        let shown = view::Swap::of(self);
        let data = why.map_or_else(|| view::text(&shown), |why| why.beside_its_reason(&shown));
        Event::of_order(order, self.status.event(), Some(self.domain.clone()), data, now, ids)
    }
}

/// A swap that stands elsewhere than it did: its row and its event. The order, which remembers the event, is
/// the caller's to write.
pub(crate) fn tell(order: &mut Order, swap: Swap, now: Now, ids: &Ids) -> Change {
    told(order, swap, None, now, ids)
}

/// The same of one that does not go on, and why. `action` waits for an answer about it.
pub(crate) fn tell_why(order: &mut Order, swap: Swap, action: Option<&Action>, now: Now, ids: &Ids) -> Change {
    let unasked = || swap.reason.map(|reason| Why::told(reason.name(), reason.sentence()));
    let why = action.map(Why::asked).or_else(unasked);
    told(order, swap, why.as_ref(), now, ids)
}

fn told(order: &mut Order, swap: Swap, why: Option<&Why>, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    change.events.push(swap.event(order, why, now, ids));
    change.swaps.update.push(swap);
    change
}

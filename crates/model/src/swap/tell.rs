//! A swap that moves on is told, in the line of its order's events.

use super::{Swap, SwapStatus};
use crate::change::Change;
use crate::clock::Now;
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::order::Order;
use crate::view;

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
        }
    }
}

impl Swap {
    /// The same swap at another status.
    pub(crate) fn at(&self, status: SwapStatus, now: Now) -> Self {
        let finished_at = (!status.is_open()).then(|| now.partner());
        Self { status, finished_at, ..self.clone() }
    }

    /// What tells where it stands; the order remembers it.
    pub(super) fn event(&self, order: &mut Order, now: Now, ids: &Ids) -> Event {
        let data = view::text(&view::Swap::of(self));
        Event::of_order(order, self.status.event(), Some(self.domain.clone()), data, now, ids)
    }
}

/// A swap that stands elsewhere than it did: its row and its event. The order, which remembers the event, is
/// the caller's to write.
pub(crate) fn tell(order: &mut Order, swap: Swap, now: Now, ids: &Ids) -> Change {
    let mut change = Change::default();
    change.events.push(swap.event(order, now, ids));
    change.swaps.update.push(swap);
    change
}

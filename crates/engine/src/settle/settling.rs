//! A try that is to be settled, and what a settlement leaves behind.

use std::sync::Arc;

use model::clock::Time;
use model::domain::Domain;
use model::id::TaskId;
use model::run::{Learnt, Outcome, Run, Seen};
use store::Failure;
use tokio::sync::oneshot;
use tracing::Span;

/// A try of a step that has come to an end.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    /// When it was begun, partner time.
    pub(crate) began_at: Time,
}

/// A try that is to be settled.
pub(crate) struct Settling {
    /// The task that it is made for, and the lease that this is held on.
    pub(super) task: TaskId,
    pub(super) lease: String,
    pub(super) seen: Seen,
    /// The domain as it was last seen.
    pub(super) domain: Domain,
    pub(super) ended: Ended,
    /// Whose it is: what is said in the log is said there.
    pub(super) asked_in: Span,
}

/// What a settlement left behind.
pub(crate) struct Settlement {
    /// The rows to go on with; `None` when the run waits or has ended.
    pub(crate) next: Option<(Run, Domain)>,
    /// Whether inbox rows changed.
    pub(crate) inboxes: bool,
    /// Whether consents changed.
    pub(crate) consents: bool,
    /// Whether the zone's row changed.
    pub(crate) zones: bool,
    /// Whether something was told or queued that others should look at.
    pub(crate) events: bool,
    /// When the run is due again, server time.
    pub(crate) due_at: Option<Time>,
    /// How far the world's time is ahead of ours.
    pub(crate) offset: i64,
}

/// What became of one that was to be settled with others: `None` when it has to be settled alone.
pub(super) type Written = Result<Option<Settlement>, Failure>;

/// One that waits to be settled with others.
pub(crate) struct Waiting {
    pub(super) one: Arc<Settling>,
    pub(super) done: oneshot::Sender<Written>,
}

impl Settling {
    /// Whether nobody is told anything by it, nor does anything about its order change: nothing else is asked about it, so that
    /// many may be written together.
    pub(super) fn is_quiet(&self) -> bool {
        let outcome = &self.ended.outcome;
        !outcome.may_tell(&self.seen.run)
            && !self.seen.asks_for_what_may_be_sent(outcome)
            && !matches!(outcome.learnt, Learnt::Looked(_))
    }

    /// Whether the run still stands where the try was made.
    pub(super) fn is_about(&self, run: &Run) -> bool {
        run.step == self.seen.run.step && run.is_live()
    }
}

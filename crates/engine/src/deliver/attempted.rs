//! What came of a delivery, before it is written.

use model::delivery::Tried;
use model::task::Task;

/// What an attempt found out.
pub(super) enum Sent {
    /// There was nothing to send, or nobody to send it to.
    Nothing,
    /// This machine could not send. That is no attempt: it says nothing about the endpoint.
    Unable,
    /// It was sent, or at least tried.
    Tried(Tried),
}

/// What is to be written of one delivery.
pub(crate) struct Attempted {
    pub(super) task: Task,
    pub(super) sent: Sent,
    /// Between 0 and 1: when it is tried again.
    pub(super) fraction: f64,
}

//! Where tests reach into a worker to let it die: the seam of the crash tests.

use futures_util::future::BoxFuture;
use model::run::StepName;

/// A moment in the life of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// The task is claimed, the provider not called yet.
    BeforeCall,
    /// The lease was found to hold, and the request is on its way to the provider.
    InCall,
    /// The provider has answered, nothing is written yet.
    AfterCall,
}

/// What becomes of the worker at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It lives.
    Live,
    /// It is gone: its lease stays behind, nothing more is written.
    Die,
    /// It forgets that it called, and calls again.
    Repeat,
    /// It stands still, as a frozen process does, and goes on when [`Probe::thaw`] says so.
    Freeze,
}

/// Decides about a worker's life. A server has none.
pub trait Probe: Send + Sync {
    /// Called at every point of every step.
    fn fate(&self, domain: &str, step: StepName, point: Point) -> Fate;

    /// Ends when a frozen worker goes on.
    fn thaw(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

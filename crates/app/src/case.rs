//! One thing that the product does, and how it is done.

use std::sync::Arc;

use async_trait::async_trait;
use store::{Failure, Halt};

use crate::acting::{Acting, Done};
use crate::actor::Actor;
use crate::core::Core;

/// One thing that the product does for somebody. It may be run several times, each time on fresh facts, and has no
/// effect but through its transaction.
#[async_trait]
pub trait UseCase: Send + Sync + 'static {
    /// What it comes to.
    type Output: Send + 'static;

    /// Whether there is something for the workers to do then.
    const WAKES: bool = false;

    /// Takes its locks, gathers, decides and writes.
    async fn run(&self, acting: Acting<'_>) -> Result<Done<Self::Output>, Halt>;
}

/// Does it, in one transaction, and tells the workers when there is something to do for them.
///
/// # Errors
/// What the decision refuses, and what goes wrong in the store.
pub async fn perform<U: UseCase>(core: &Core, actor: &Arc<Actor>, case: &Arc<U>) -> Result<Done<U::Output>, Failure> {
    let shared = (actor.clone(), case.clone());
    let writing = core.store.write(move |tx| {
        let (actor, case) = shared.clone();
        Box::pin(async move { case.run(Acting::new(tx, actor)).await })
    });
    let done = writing.await?;
    if U::WAKES {
        core.wake.nudge();
    }
    Ok(done)
}

//! One thing that the product does, and how it is done.

use std::sync::Arc;

use async_trait::async_trait;
use store::{Failure, Halt, Store};

use crate::acting::{Acting, Done};
use crate::actor::Actor;

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

/// Does it, in one transaction.
///
/// # Errors
/// What the decision refuses, and what goes wrong in the store.
pub async fn perform<U: UseCase>(store: &Store, actor: &Arc<Actor>, case: &Arc<U>) -> Result<Done<U::Output>, Failure> {
    let shared = (actor.clone(), case.clone());
    let writing = store.write(move |tx| {
        let (actor, case) = shared.clone();
        Box::pin(async move { case.run(Acting::new(tx, actor)).await })
    });
    writing.await
}

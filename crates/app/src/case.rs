//! One thing that the product does, and how it is done.

use std::sync::Arc;

use async_trait::async_trait;
use model::audit::Act;
use store::{Failure, Halt, Store, Tx, audit};

use crate::acting::{Acting, Done};
use crate::actor::Actor;
use crate::core::Core;

/// One thing that the product does for somebody. It may be run several times, each time on fresh facts, and has no
/// effect but through its transaction.
#[async_trait]
pub trait UseCase: Send + Sync + 'static {
    /// What it comes to.
    type Output: Send + Sync + 'static;

    /// What it is called in the audit trail.
    const ACT: Act;

    /// Whether there is something for the workers to do then.
    const WAKES: bool = false;

    /// The id of what it was about, when that is not the partner itself.
    fn subject(&self, output: &Self::Output) -> Option<String>;

    /// Takes its locks, gathers, decides and writes.
    async fn run(&self, acting: Acting<'_>) -> Result<Done<Self::Output>, Halt>;
}

/// Does it, and puts down who did it: both are there, or neither.
pub(crate) async fn perform_in<U: UseCase>(tx: &mut Tx, actor: &Arc<Actor>, case: &U) -> Result<Done<U::Output>, Halt> {
    let done = case.run(Acting::new(tx, actor.clone())).await?;
    audit::append(tx, &actor.entry(U::ACT, case.subject(&done.value), done.now)).await?;
    Ok(done)
}

/// Does it, in one transaction, beside a server whose workers find by themselves what there is to do.
///
/// # Errors
/// As for [`perform`].
pub async fn perform_beside<U: UseCase>(
    store: &Store,
    actor: &Arc<Actor>,
    case: &Arc<U>,
) -> Result<Done<U::Output>, Failure> {
    let shared = (actor.clone(), case.clone());
    let writing = store.write(move |tx| {
        let (actor, case) = shared.clone();
        Box::pin(async move { perform_in(tx, &actor, &*case).await })
    });
    writing.await
}

/// Does it, in one transaction, and tells the workers when there is something to do for them.
///
/// # Errors
/// What the decision refuses, and what goes wrong in the store.
pub async fn perform<U: UseCase>(core: &Core, actor: &Arc<Actor>, case: &Arc<U>) -> Result<Done<U::Output>, Failure> {
    let done = perform_beside(&core.store, actor, case).await?;
    if U::WAKES {
        core.wake.nudge();
    }
    Ok(done)
}

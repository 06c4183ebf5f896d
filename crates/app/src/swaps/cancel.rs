//! Leaving a domain as it is after all.

use async_trait::async_trait;
use model::audit::Act;
use model::id::SwapId;
use model::swap::{self, Swap};
use model::world::Scope;
use store::{Halt, Tx, swaps};

use crate::acting::{Acting, Done};
use crate::case::UseCase;
use crate::missing::missing;
use crate::orders::in_full;

/// Cancels a swap.
pub struct CancelSwap {
    /// Which.
    pub id: SwapId,
}

impl CancelSwap {
    async fn found(&self, tx: &mut Tx, scope: &Scope) -> Result<Swap, Halt> {
        swaps::get(tx, scope, &self.id).await?.ok_or_else(|| missing("swap", &self.id))
    }
}

#[async_trait]
impl UseCase for CancelSwap {
    type Output = Swap;
    const ACT: Act = Act::SwapCancel;
    const WAKES: bool = true;

    fn subject(&self, swap: &Swap) -> Option<String> {
        Some(swap.id.to_string())
    }

    async fn run(&self, mut acting: Acting<'_>) -> Result<Done<Swap>, Halt> {
        let scope = acting.actor.scope.clone();
        let order = self.found(&mut acting.tx, &scope).await?.order;
        let present = acting.turn(Some(&order)).await?.present().await?;
        let (mut present, order) = in_full(present, &order).await?;
        // As it is now that nobody else can change it.
        let swap = self.found(&mut present.tx, &present.scope).await?;
        let (change, after) = swap::cancel(order, &swap, present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(after))
    }
}

//! Taking a cancellation back.

use async_trait::async_trait;
use model::audit::Act;
use model::id::OrderId;
use model::{order, view};
use store::Halt;

use super::in_full;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Takes an order's cancellation back, until it takes effect.
pub struct UndoCancel {
    /// Which.
    pub id: OrderId,
}

#[async_trait]
impl UseCase for UndoCancel {
    type Output = view::Order;
    const ACT: Act = Act::OrderUndoCancel;
    const WAKES: bool = true;

    fn subject(&self, _: &view::Order) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<view::Order>, Halt> {
        let present = acting.turn(Some(&self.id)).await?.present().await?;
        let (mut present, facts) = in_full(present, &self.id).await?;
        let (change, order) = order::undo(facts, present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(order))
    }
}

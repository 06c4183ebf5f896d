//! Cancelling an order, or some of its domains.

use async_trait::async_trait;
use model::audit::Act;
use model::id::OrderId;
use model::{order, view};
use store::Halt;

use super::in_full;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Cancels an order to the end of its paid period.
pub struct CancelOrder {
    /// Which.
    pub id: OrderId,
    /// Ids or names of the domains that leave; `None` is all of them.
    pub domains: Option<Vec<String>>,
}

#[async_trait]
impl UseCase for CancelOrder {
    type Output = view::Cancelled;
    const ACT: Act = Act::OrderCancel;
    const WAKES: bool = true;

    fn subject(&self, _: &view::Cancelled) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<view::Cancelled>, Halt> {
        let present = acting.turn(Some(&self.id)).await?.present().await?;
        let (mut present, facts) = in_full(present, &self.id).await?;
        let (change, cancelled) = order::cancel(facts, self.domains.as_deref(), present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(cancelled))
    }
}

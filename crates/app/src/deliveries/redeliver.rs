//! Sending an event again.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery::{self, Delivery};
use model::id::DeliveryId;
use store::{Halt, deliveries, endpoints};

use crate::acting::{Acting, Done};
use crate::case::UseCase;
use crate::missing::missing;

/// Sends a delivery again.
pub struct Redeliver {
    /// Which.
    pub id: DeliveryId,
}

#[async_trait]
impl UseCase for Redeliver {
    type Output = Delivery;
    const ACT: Act = Act::DeliveryRedeliver;
    const WAKES: bool = true;

    fn subject(&self, _: &Delivery) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Delivery>, Halt> {
        let mut present = acting.present().await?;
        let found = deliveries::lock(&mut present.tx, &present.scope, &self.id).await?;
        let delivery = found.ok_or_else(|| missing("webhook delivery", &self.id))?;
        let endpoint = endpoints::get(&mut present.tx, &present.scope, &delivery.endpoint).await?;
        let (again, change) = delivery::redeliver(&delivery, endpoint.as_ref(), present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(again))
    }
}

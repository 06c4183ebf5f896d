//! Removing an endpoint.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery;
use model::id::EndpointId;
use store::Halt;

use super::locked;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Removes an endpoint.
pub struct RemoveEndpoint {
    /// Which.
    pub id: EndpointId,
}

#[async_trait]
impl UseCase for RemoveEndpoint {
    type Output = ();
    const ACT: Act = Act::EndpointRemove;

    fn subject(&self, (): &()) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<()>, Halt> {
        let mut present = acting.present().await?;
        let endpoint = locked(&mut present, &self.id).await?;
        present.apply(delivery::remove(&endpoint)).await?;
        Ok(present.done(()))
    }
}

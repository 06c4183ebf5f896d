//! Changing an endpoint.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery::{self, Endpoint, Wish};
use model::id::EndpointId;
use store::Halt;

use super::locked;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Changes an endpoint.
pub struct ChangeEndpoint {
    /// Which.
    pub id: EndpointId,
    /// What it should be.
    pub wish: Wish,
}

#[async_trait]
impl UseCase for ChangeEndpoint {
    type Output = Endpoint;
    const ACT: Act = Act::EndpointChange;

    fn subject(&self, endpoint: &Endpoint) -> Option<String> {
        Some(endpoint.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Endpoint>, Halt> {
        let mut present = acting.present().await?;
        let endpoint = locked(&mut present, &self.id).await?;
        let decided = delivery::change(&endpoint, self.wish.clone());
        present.apply(decided.change).await?;
        Ok(present.done(decided.endpoint))
    }
}

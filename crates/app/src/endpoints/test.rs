//! Telling an endpoint something made up.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery::{self, Delivery};
use model::id::EndpointId;
use store::Halt;

use super::locked;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Sends an endpoint a test.
pub struct TestEndpoint {
    /// Which.
    pub id: EndpointId,
}

#[async_trait]
impl UseCase for TestEndpoint {
    type Output = Delivery;
    const ACT: Act = Act::EndpointTest;
    const WAKES: bool = true;

    fn subject(&self, _: &Delivery) -> Option<String> {
        Some(self.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Delivery>, Halt> {
        let mut present = acting.present().await?;
        let endpoint = locked(&mut present, &self.id).await?;
        let (_, delivery, change) = delivery::test(&endpoint, &present.scope, present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(delivery))
    }
}

//! A new endpoint.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery::{self, Endpoint, NewEndpoint};
use store::{Halt, endpoints};

use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Makes an endpoint.
pub struct CreateEndpoint {
    /// What it should be.
    pub wanted: NewEndpoint,
}

#[async_trait]
impl UseCase for CreateEndpoint {
    type Output = Endpoint;
    const ACT: Act = Act::EndpointCreate;

    fn subject(&self, endpoint: &Endpoint) -> Option<String> {
        Some(endpoint.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Endpoint>, Halt> {
        // They are counted, so nobody else makes one meanwhile.
        let mut present = acting.present_alone().await?;
        let existing = endpoints::lock_count(&mut present.tx, &present.scope).await?;
        let wanted = self.wanted.clone();
        let decided = delivery::create(&present.scope, existing, wanted, present.now, &present.ids)?;
        present.apply(decided.change).await?;
        Ok(present.done(decided.endpoint))
    }
}

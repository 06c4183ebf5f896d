//! A new secret for an endpoint.

use async_trait::async_trait;
use model::audit::Act;
use model::delivery::{self, Endpoint};
use model::id::EndpointId;
use model::secret::Secret;
use store::Halt;

use super::locked;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Gives an endpoint a new secret.
pub struct RotateSecret {
    /// Which.
    pub id: EndpointId,
    /// The new one.
    pub secret: Secret,
    /// For how long the old one also signs, in microseconds of partner time.
    pub overlap: i64,
}

#[async_trait]
impl UseCase for RotateSecret {
    type Output = Endpoint;
    const ACT: Act = Act::EndpointRotateSecret;

    fn subject(&self, endpoint: &Endpoint) -> Option<String> {
        Some(endpoint.id.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Endpoint>, Halt> {
        let mut present = acting.present().await?;
        let endpoint = locked(&mut present, &self.id).await?;
        let decided = delivery::rotate(&endpoint, self.secret.clone(), self.overlap, present.now);
        present.apply(decided.change).await?;
        Ok(present.done(decided.endpoint))
    }
}

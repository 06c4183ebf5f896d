//! What everybody who lets people in shares: sites and certificates, the bounds, and who counts.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::Semaphore;

use super::bounds::Bounds;
use super::challenge::{Answers, Challenge, ChallengeKind};
use super::tally::Tally;
use super::{Certificates, Sites, tls};
use crate::door::Places;

/// Who answers: sites and their certificates, and what strangers may take.
pub struct Service {
    pub(super) sites: Arc<Sites>,
    pub(super) certificates: Arc<Certificates>,
    pub(super) bounds: Bounds,
    pub(super) places: Arc<Places>,
    pub(super) tally: Arc<dyn Tally>,
    pub(super) tls: Arc<ServerConfig>,
    answers: Arc<dyn Answers>,
    /// How many of them may be looked for at once.
    looking: Semaphore,
}

impl Service {
    /// Answers for `sites`, with what `certificates` has for them, within `bounds`. Authorities are answered what `answers` has.
    ///
    /// # Errors
    /// The cryptography's, where the machine gives it no randomness.
    pub fn new(
        sites: Arc<Sites>,
        certificates: Arc<Certificates>,
        answers: Arc<dyn Answers>,
        bounds: Bounds,
        tally: Arc<dyn Tally>,
    ) -> Result<Self, rustls::Error> {
        let places = Arc::new(Places::new(bounds.connections, bounds.connections_per_network));
        let looking = Semaphore::new(bounds.challenges.max(1));
        let tls = Arc::new(tls::ordinary(certificates.clone())?);
        Ok(Self { sites, certificates, bounds, places, tally, tls, answers, looking })
    }

    /// The answer to a challenge, from where it is kept: only about names that are sites, and by few at once, for anybody can ask.
    pub(super) async fn challenge(&self, name: &str, kind: ChallengeKind, token: Option<&str>) -> Option<Challenge> {
        let _turn = self.looking.acquire().await.ok()?;
        match self.answers.answer(name, kind, token).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(name, %error, "an authority gets no answer: where they are kept does not answer");
                None
            }
        }
    }
}

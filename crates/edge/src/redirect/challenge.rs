//! Answers to the challenges by which an authority looks whether a name leads here. The process that has an order need not be the one
//! that is asked.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use model::clock::Time;

/// How an authority looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeKind {
    /// Over HTTP, at port 80 (RFC 8555 §8.3).
    Http01,
    /// By a handshake of TLS, at port 443 (RFC 8737).
    TlsAlpn01,
}

/// The answer to a challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The name that is looked at.
    pub name: String,
    /// How.
    pub kind: ChallengeKind,
    /// What the authority has called it.
    pub token: String,
    /// The key authorization (RFC 8555 §8.1): what is answered over HTTP, and of what a digest is in the certificate that is shown in
    /// a handshake.
    pub authorization: String,
    /// Until when it is kept.
    pub until: Time,
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Whoever keeps answers to challenges.
#[async_trait]
pub trait Answers: Send + Sync + 'static {
    /// The answer to the newest challenge about a name, of a kind, and where `token` says it with that token.
    async fn answer(
        &self,
        name: &str,
        kind: ChallengeKind,
        token: Option<&str>,
    ) -> Result<Option<Challenge>, Box<dyn Error + Send + Sync>>;
}

/// There are none: certificates come from elsewhere.
#[async_trait]
impl Answers for () {
    async fn answer(
        &self,
        _: &str,
        _: ChallengeKind,
        _: Option<&str>,
    ) -> Result<Option<Challenge>, Box<dyn Error + Send + Sync>> {
        Ok(None)
    }
}

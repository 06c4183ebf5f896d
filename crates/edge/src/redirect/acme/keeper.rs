//! Whoever keeps what is needed for certificates, for all processes that serve or order: rows, sealed where they are secret.

use std::error::Error;

use async_trait::async_trait;
use model::certificate::{Certificate, Limits};
use model::clock::Time;
use secrecy::SecretString;

use super::super::certified::Kept;
use super::super::challenge::{Answers, Challenge};

/// Somebody's right to order a certificate, for a time.
#[derive(Clone, Debug)]
pub struct Held {
    /// How the certificate stands.
    pub certificate: Certificate,
    /// The one that there is, as far as it is no secret: its chain in PEM.
    pub chain: Option<String>,
    /// Until when nobody else orders it.
    pub until: Time,
    /// Which right it is: a later one of somebody else is another.
    pub token: String,
}

/// What may be ordered next.
#[derive(Clone, Debug)]
pub enum Claim {
    /// This one.
    Now(Box<Held>),
    /// Nothing before this time, or before something changes.
    Later(Option<Time>),
}

/// What an order has come to.
#[derive(Clone, Debug)]
pub struct Settled {
    /// How the certificate stands now.
    pub certificate: Certificate,
    /// The new one, if there is one.
    pub kept: Option<Kept>,
    /// Until when the authority wants to hear nothing of the account, if it said so.
    pub paused_until: Option<Time>,
}

/// Whoever keeps what is needed for certificates.
#[async_trait]
pub trait Keeper: Answers {
    /// The credentials of the account at an authority, by its directory; they are one secret text.
    async fn account(&self, directory: &str) -> Result<Option<SecretString>, Box<dyn Error + Send + Sync>>;

    /// Keeps new credentials where there are none, or where they are still `instead_of`, and answers those that are kept then: of two
    /// that open an account at once both go on with the same.
    async fn keep_account(
        &self,
        directory: &str,
        credentials: SecretString,
        instead_of: Option<&SecretString>,
    ) -> Result<SecretString, Box<dyn Error + Send + Sync>>;

    /// Has certificates of these sites ordered from now on, unless that is so already, or nobody would find them there yet. Answers
    /// whether any is new.
    async fn want(&self, hosts: &[String]) -> Result<bool, Box<dyn Error + Send + Sync>>;

    /// In one transaction: the certificate that is due for longest and held by nobody, if [`model::certificate::room`] says that the
    /// account may be asked for one; it is then held until `until`, the account's state is written, and its order counts as under
    /// way. Where a site is gone, as all processes know it, its certificate is wanted by nobody any more.
    async fn claim(
        &self,
        directory: &str,
        limits: &Limits,
        now: Time,
        until: Time,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>>;

    /// Writes down what an order has come to and gives it back. `false` where it was not held any more, and nothing was written.
    async fn settle(
        &self,
        directory: &str,
        held: &Held,
        settled: Settled,
    ) -> Result<bool, Box<dyn Error + Send + Sync>>;

    /// Keeps the answer to a challenge until its time is over; one about the same name and of the same kind takes its place.
    async fn keep_answer(&self, challenge: Challenge) -> Result<(), Box<dyn Error + Send + Sync>>;
}

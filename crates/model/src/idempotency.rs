//! What is remembered of an accepted request, so that its repeat changes nothing.

use crate::clock::{HOUR, Time};
use crate::id::PartnerId;
use crate::world::World;

/// How long a request is remembered, in microseconds of partner time.
pub const WINDOW: i64 = 24 * HOUR;

/// An accepted request and what it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What is matched: a keyed hash of the body, or of the `Idempotency-Key`.
    pub key: String,
    /// A keyed hash of the body; it must not become a password oracle.
    pub fingerprint: String,
    /// The body of the answer, as it was first said.
    pub answer: String,
    /// When it was accepted, partner time.
    pub created_at: Time,
    /// Whether it may take the place of one that still counts: the body of a request that is
    /// recognised by its `Idempotency-Key`.
    pub yields: bool,
}

/// What a body without an `Idempotency-Key` is matched by.
#[must_use]
pub fn body_key(fingerprint: &str) -> String {
    format!("body:{fingerprint}")
}

impl Remembered {
    /// Whether it still counts at a partner time.
    #[must_use]
    pub const fn is_fresh(&self, partner_now: Time) -> bool {
        partner_now.0 < self.created_at.plus(WINDOW).0
    }
}

/// How a request is going to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// See [`Remembered::key`].
    pub key: String,
    /// See [`Remembered::fingerprint`].
    pub fingerprint: String,
}

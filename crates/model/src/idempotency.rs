//! What is remembered of an accepted call, so that its repeat changes nothing.

use crate::change::Change;
use crate::clock::{HOUR, Time};
use crate::id::PartnerId;
use crate::secret::Secret;
use crate::world::{Scope, World};

/// How long a call is remembered, in microseconds of partner time.
pub const WINDOW: i64 = 24 * HOUR;

/// The body of an answer, as it was first said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// JSON text that its partner may read at any time.
    Open(String),
    /// JSON text that holds a secret, which is shown this once.
    Sealed(Secret),
}

/// An accepted call and what it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What is matched: a keyed hash of the body, or of the `Idempotency-Key`.
    pub key: String,
    /// A keyed hash of the call and its body; it must not become a password oracle.
    pub fingerprint: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub said: Said,
    /// When it was accepted, partner time.
    pub created_at: Time,
    /// Whether it may take the place of one that still counts: the body of a request that is
    /// recognised by its `Idempotency-Key`, or the end of an answer that was begun.
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

    /// The end of an answer that was only begun. It counts for as long as its beginning does.
    #[must_use]
    pub fn completed(self, status: u16, said: Said) -> Change {
        let mut change = Change::default();
        change.remembered.push(Self { status, said, yields: true, ..self });
        change
    }
}

/// How a call is going to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// See [`Remembered::key`].
    pub key: String,
    /// A second key that it is found by, which yields.
    pub also: Option<String>,
    /// See [`Remembered::fingerprint`].
    pub fingerprint: String,
    /// The fingerprint under which older versions remembered the very same text, where it is another one. They
    /// compared spellings; what they accepted counts for [`WINDOW`] after the last of them has stopped.
    pub earlier: Option<String>,
}

impl Handle {
    /// Every key that an equal call may have been remembered under, the likeliest first.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let by_body = self.key == body_key(&self.fingerprint);
        let earlier = self.earlier.as_deref().filter(|_| by_body).map(body_key);
        [self.key.clone()].into_iter().chain(earlier)
    }

    /// Whether what is remembered is the same call.
    #[must_use]
    pub fn is_of(&self, kept: &Remembered) -> bool {
        kept.fingerprint == self.fingerprint || self.earlier.as_ref() == Some(&kept.fingerprint)
    }

    /// Remembers what a call was answered, under every key that it can be recognised by.
    #[must_use]
    pub fn remember(&self, scope: &Scope, status: u16, said: &Said, partner_now: Time) -> Change {
        let one = |key: &String, yields| Remembered {
            partner: scope.partner.clone(),
            world: scope.world.clone(),
            key: key.clone(),
            fingerprint: self.fingerprint.clone(),
            status,
            said: said.clone(),
            created_at: partner_now,
            yields,
        };
        let mut change = Change::default();
        change.remembered.push(one(&self.key, false));
        change.remembered.extend(self.also.iter().map(|key| one(key, true)));
        change
    }
}

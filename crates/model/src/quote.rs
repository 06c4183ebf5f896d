//! Quotes: what an order would cost and why it would be refused.

use crate::clock::{MINUTE, Time};
use crate::id::{PartnerId, QuoteId};
use crate::world::World;

/// How long a quote's prices are held, in microseconds of partner time.
pub const WINDOW: i64 = 15 * MINUTE;

/// A quote as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id.
    pub id: QuoteId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The whole total in cents.
    pub total_cents: i64,
    /// The answer's `data`, as JSON text.
    pub data: String,
    /// When its prices stop to hold, partner time.
    pub expires_at: Time,
    /// When it was made, partner time.
    pub created_at: Time,
}

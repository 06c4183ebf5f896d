//! Quotes: what an order would cost, as it was told; `order::quote` makes them.

use serde::{Deserialize, Serialize};

use crate::clock::{MINUTE, Time};
use crate::domain::{DomainName, MailProvider};
use crate::id::{KeyId, PartnerId, QuoteId};
use crate::money::{Cents, PriceBook};
use crate::order::Need;
use crate::world::World;

/// How long a quote's prices are held, in microseconds of partner time.
pub const WINDOW: i64 = 15 * MINUTE;

/// How many quotes of one key are kept in one world. What a quote promises, it promises until it expires: while as
/// many hold, the next one is refused; those that hold no longer give way.
pub const MOST_KEPT: i64 = 1_000;

/// A quote that stands where another one wants to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// The quote.
    pub id: QuoteId,
    /// See [`Quote::expires_at`].
    pub expires_at: Time,
}

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
    /// The key that asked for it; `None` where an older version made it.
    pub key: Option<KeyId>,
    /// Every name that it was asked about, in the order sent.
    pub names: Vec<QuotedName>,
    /// What it holds beside the names.
    pub held: Held,
    /// When its prices stop to hold, partner time.
    pub expires_at: Time,
    /// When it was made, partner time.
    pub created_at: Time,
}

impl Quote {
    /// Whether its prices are still held at a partner time.
    #[must_use]
    pub const fn holds(&self, partner_now: Time) -> bool {
        partner_now.0 < self.expires_at.0
    }
}

/// A name as it was quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedName {
    /// The name.
    pub name: DomainName,
    /// The registrar's prices; `None` for a name that was in the inventory, or could not be had.
    pub cost: Option<QuotedCost>,
    /// Which provider it was assigned to; `None` while a problem stood in the way.
    pub provider: Option<MailProvider>,
    /// The account that sells it at these prices; `None` where there is one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// What the registrar asked for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedCost {
    /// For the first year, in cents.
    pub first_cents: Cents,
    /// For each further year, in cents.
    pub renewal_cents: Cents,
}

/// What a quote holds beside its names: the size, and the prices that the operator may change meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Held {
    /// What the size came to; `None` while there was no such bundle.
    pub need: Option<Need>,
    /// See [`PriceBook::google_license_cents`].
    pub google_license_cents: Cents,
    /// See [`PriceBook::microsoft_license_cents`].
    pub microsoft_license_cents: Cents,
    /// See [`PriceBook::domain_margin_cents`].
    pub domain_margin_cents: Cents,
    /// See [`PriceBook::domain_margin_percent`].
    pub domain_margin_percent: i64,
}

impl Held {
    /// What is held of a price book for a size.
    #[must_use]
    pub const fn of(need: Option<Need>, book: &PriceBook) -> Self {
        Self {
            need,
            google_license_cents: book.google_license_cents,
            microsoft_license_cents: book.microsoft_license_cents,
            domain_margin_cents: book.domain_margin_cents,
            domain_margin_percent: book.domain_margin_percent,
        }
    }

    /// Today's price book with the held prices in it.
    #[must_use]
    pub const fn book(&self, today: PriceBook) -> PriceBook {
        PriceBook {
            google_license_cents: self.google_license_cents,
            microsoft_license_cents: self.microsoft_license_cents,
            domain_margin_cents: self.domain_margin_cents,
            domain_margin_percent: self.domain_margin_percent,
            ..today
        }
    }
}

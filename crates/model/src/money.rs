//! Prices. Money is whole cents of one currency; there are no floats.

use serde::{Deserialize, Serialize};

use crate::domain::MailProvider;

/// An amount in US cents.
pub type Cents = i64;

/// The one currency of the product, as answers spell it.
pub const CURRENCY: &str = "usd";

/// An amount as people read it: `13.00 USD`.
#[must_use]
pub fn dollars(cents: Cents) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02} USD", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// What the operator charges, from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// One Google licence (one inbox) for a month.
    pub google_license_cents: Cents,
    /// One Microsoft licence (one domain) for a month.
    pub microsoft_license_cents: Cents,
    /// One swap.
    pub swap_cents: Cents,
    /// Added to the registrar's price of every bought name.
    pub domain_margin_cents: Cents,
}

impl PriceBook {
    /// The monthly price of one licence.
    #[must_use]
    pub const fn license(&self, provider: MailProvider) -> Cents {
        match provider {
            MailProvider::Google => self.google_license_cents,
            MailProvider::Microsoft => self.microsoft_license_cents,
        }
    }

    /// What a year of a name costs the partner for which the registrar asks so much.
    #[must_use]
    pub const fn name(&self, cost_cents: Cents) -> Cents {
        cost_cents + self.domain_margin_cents
    }
}

impl Default for PriceBook {
    fn default() -> Self {
        Self { google_license_cents: 600, microsoft_license_cents: 3000, swap_cents: 0, domain_margin_cents: 0 }
    }
}

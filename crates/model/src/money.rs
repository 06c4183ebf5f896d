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
    /// Added to it besides, in percent of it, rounded up to a cent.
    #[serde(default)]
    pub domain_margin_percent: i64,
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
        let share = cost_cents.saturating_mul(self.domain_margin_percent);
        cost_cents + self.domain_margin_cents + share / 100 + (share % 100 != 0) as Cents
    }
}

impl Default for PriceBook {
    fn default() -> Self {
        Self {
            google_license_cents: 600,
            microsoft_license_cents: 3000,
            swap_cents: 0,
            domain_margin_cents: 0,
            domain_margin_percent: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_an_amount_and_a_share_rounded_up() {
        let book = |domain_margin_cents, domain_margin_percent| PriceBook {
            domain_margin_cents,
            domain_margin_percent,
            ..PriceBook::default()
        };
        for (cents, percent, cost, price) in
            [(0, 0, 1_108, 1_108), (200, 0, 1_108, 1_308), (0, 10, 1_108, 1_219), (50, 15, 1_000, 1_200), (0, 20, 0, 0)]
        {
            assert_eq!(book(cents, percent).name(cost), price, "{cents} and {percent} % on {cost}");
        }
    }
}

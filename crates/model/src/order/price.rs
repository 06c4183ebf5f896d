//! What an order costs, and what its price runs into.

use super::facts::NameRow;
use super::tariff::Tariff;
use super::{Need, Placing, quoted};
use crate::clock::Now;
use crate::domain::MailProvider::{Google, Microsoft};
use crate::money::Cents;
use crate::quote::Quote;
use crate::refusal::Fault;
use crate::spend::{self, Allowance};

/// An order's price in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// Names to be bought.
    pub registrations: Cents,
    /// Licences, each month.
    pub licenses: Cents,
}

impl Priced {
    /// The price of these names and licences.
    #[must_use]
    pub fn of(rows: &[NameRow], need: Need, tariff: &Tariff<'_>) -> Self {
        Self {
            registrations: rows.iter().map(|row| tariff.name(row)).sum(),
            licenses: need.google_licenses * tariff.license(Google)
                + need.microsoft_domains * tariff.license(Microsoft),
        }
    }

    /// What is charged at placing.
    #[must_use]
    pub const fn total(&self) -> Cents {
        self.registrations + self.licenses
    }
}

/// Holds a total against everything that limits it: the partner's own most, the quote, the spend
/// limits. While names are missing (not `complete`) the total is the least that it will be.
pub(super) fn price_faults(
    placing: &Placing,
    quote: Option<&Quote>,
    allowances: &[Allowance],
    total: Cents,
    complete: bool,
    now: Now,
) -> Vec<Fault> {
    let most = placing.max_total_cents.filter(|most| total > *most).map(|most| over_the_most(most, total));
    let quote = quote.and_then(|quote| quoted::price_fault(quote, total, complete, now));
    most.into_iter().chain(quote).chain(spend::faults(allowances, total, now.partner())).collect()
}

fn over_the_most(most: Cents, total: Cents) -> Fault {
    let message = format!(
        "The order costs {total} cents, over your max_total_cents of {most}. Nothing was bought. Raise it, or choose cheaper names."
    );
    quoted::price_changed("max_total_cents", message, most, total)
}

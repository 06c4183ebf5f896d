//! What an order costs.

use super::check::NameRow;
use super::{Need, Placing};
use crate::domain::MailProvider::{Google, Microsoft};
use crate::money::{Cents, PriceBook};
use crate::refusal::{Code, Fault, Refusal};

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
    pub fn of(rows: &[NameRow], need: Need, book: &PriceBook) -> Self {
        Self {
            registrations: rows.iter().map(|row| name_price(row, book)).sum(),
            licenses: need.google_licenses * book.license(Google) + need.microsoft_domains * book.license(Microsoft),
        }
    }

    /// What is charged at placing.
    #[must_use]
    pub const fn total(&self) -> Cents {
        self.registrations + self.licenses
    }
}

/// What a name costs the partner in its first year; 0 when it is not bought.
pub(crate) const fn name_price(row: &NameRow, book: &PriceBook) -> Cents {
    if row.inventory.is_some() { 0 } else { row.cost_cents + book.domain_margin_cents }
}

/// Adds an order up and holds it against the limit the partner set.
///
/// # Errors
/// `price_changed` when the total is over `max_total_cents`.
pub fn price(placing: &Placing, rows: &[NameRow], need: Need, book: &PriceBook) -> Result<Priced, Refusal> {
    let priced = Priced::of(rows, need, book);
    match placing.max_total_cents.filter(|most| priced.total() > *most) {
        None => Ok(priced),
        Some(most) => {
            let message = format!(
                "The order costs {} cents, over your max_total_cents of {most}. Nothing was bought. Raise it, or choose cheaper names.",
                priced.total()
            );
            Err(Fault::new(Code::PriceChanged, message)
                .at("max_total_cents")
                .with("expected_cents", most)
                .with("actual_cents", priced.total())
                .into())
        }
    }
}

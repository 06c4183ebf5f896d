//! A ledger line as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::DomainName;
use crate::ledger::{Line, LineKind};
use crate::money::{CURRENCY, Cents};

/// One charge, or one credit. Lines are only ever added.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerLine {
    /// Its id.
    #[schema(example = "inv_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// The order it belongs to.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: String,
    /// The domain it is for.
    #[schema(required, example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: Option<String>,
    /// The domain's name.
    #[schema(required, example = "acme-mail.com")]
    pub domain: Option<String>,
    /// What it is for.
    pub kind: LineKind,
    /// How many.
    #[schema(minimum = 1, example = 2)]
    pub quantity: i64,
    /// The price of one in cents; negative for a credit.
    #[schema(value_type = i64, example = 600)]
    pub unit_cents: Cents,
    /// Quantity times price.
    #[schema(value_type = i64, example = 1200)]
    pub amount_cents: Cents,
    /// Always `usd`.
    #[schema(example = "usd")]
    pub currency: &'static str,
    /// The month or year that it pays for; null when it is charged once. A credit has that of the line it takes back.
    #[schema(required)]
    pub period: Option<LedgerPeriod>,
    /// The line that a credit takes back; null for a charge. A credit that an older version booked for several lines
    /// at once names none.
    #[schema(required, example = "inv_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub reverses: Option<String>,
    /// When it was booked.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub booked_at: Time,
}

/// The time that a line pays for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerPeriod {
    /// When it begins.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub start: Time,
    /// When it is over, and the next one begins.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    pub end: Time,
}

impl LedgerLine {
    /// The view of a line, with the name of its domain.
    #[must_use]
    pub fn of(line: &Line, name: Option<&DomainName>) -> Self {
        Self {
            id: line.id.to_string(),
            order_id: line.order.to_string(),
            domain_id: Some(line.domain.to_string()),
            domain: name.map(ToString::to_string),
            kind: line.kind,
            quantity: line.quantity,
            unit_cents: line.unit_cents,
            amount_cents: line.amount_cents,
            currency: CURRENCY,
            period: line.paid_for.map(|time| LedgerPeriod { start: time.start, end: time.end }),
            reverses: line.reverses.as_ref().map(ToString::to_string),
            booked_at: line.created_at,
        }
    }
}

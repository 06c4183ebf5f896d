//! A quote as partners see it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::LineItem;
use crate::clock::Time;
use crate::domain::MailProvider;
use crate::money::Cents;
use crate::refusal::Fault;

/// What an order would cost, how it would be split, and what stands in its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Quote {
    /// Its id.
    #[schema(example = "quo_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// What would be charged at placing.
    pub costs: QuoteCosts,
    /// What each further month would cost, in cents.
    #[schema(value_type = i64, minimum = 0, example = 4200)]
    pub monthly_cents: Cents,
    /// Which name would go to which provider; empty while a problem stands in the way.
    pub assignment: Vec<Assignment>,
    /// Every error that the order would get now.
    pub problems: Vec<Problem>,
    /// Until when the prices are held.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:15:00Z")]
    pub expires_at: Time,
}

/// What would be charged at placing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuoteCosts {
    /// The total in cents.
    #[schema(value_type = i64, minimum = 0, example = 6800)]
    pub total_cents: Cents,
    /// Always `usd`.
    #[schema(example = "usd")]
    pub currency: &'static str,
    /// The lines, equal ones added up.
    pub line_items: Vec<LineItem>,
}

/// A name and its provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Assignment {
    /// The name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// Who would host its mailboxes.
    pub provider: MailProvider,
}

/// An error that the order would get.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// What partners branch on.
    #[schema(example = "domain_unavailable")]
    pub code: &'static str,
    /// Where in the body.
    #[schema(nullable = false, example = "domains[0]")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong and what to do.
    #[schema(example = "This size needs 19 domains and 2 were sent. Add 17 more.")]
    pub message: String,
    /// Machine-readable facts.
    #[schema(value_type = Object)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

impl Problem {
    /// The view of a fault.
    #[must_use]
    pub fn of(fault: &Fault) -> Self {
        Self {
            code: fault.code.as_str(),
            field: fault.field.clone(),
            message: fault.message.clone(),
            details: fault.details.clone(),
        }
    }
}

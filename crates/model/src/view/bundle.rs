//! A bundle as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::bundle::{self, BundleStatus, Required, Sizing};
use crate::clock::Time;

/// A saved order size.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Bundle {
    /// Its id.
    #[schema(example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Shown to people.
    #[schema(example = "Starter - 25k emails/month")]
    pub name: String,
    /// E-mails a month.
    #[schema(minimum = 1, maximum = 10_000_000, example = 25000)]
    pub monthly_sending_volume: i64,
    /// Google's share, when the bundle names one.
    #[schema(required, minimum = 0, maximum = 100, example = 50)]
    pub google_percent: Option<i64>,
    /// Microsoft's share, when the bundle names one.
    #[schema(required, minimum = 0, maximum = 100, example = 50)]
    pub microsoft_percent: Option<i64>,
    /// Whether mail goes out at weekends too.
    #[schema(example = false)]
    pub send_on_weekends: bool,
    /// Inboxes on one Google domain.
    #[schema(minimum = 2, maximum = 3, example = 2)]
    pub google_inboxes_per_domain: i64,
    /// Whether it takes new orders.
    pub status: BundleStatus,
    /// The split in force.
    pub effective: Effective,
    /// How many domains an order needs.
    pub required_domains: Required,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
}

/// The split in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Effective {
    /// Google's share.
    #[schema(minimum = 0, maximum = 100, example = 50)]
    pub google_percent: i64,
    /// Microsoft's share.
    #[schema(minimum = 0, maximum = 100, example = 50)]
    pub microsoft_percent: i64,
}

impl Bundle {
    /// The view of a bundle.
    #[must_use]
    pub fn of(bundle: &bundle::Bundle, sizing: &Sizing) -> Self {
        let terms = &bundle.terms;
        let (google_percent, microsoft_percent) = terms.effective(sizing);
        Self {
            id: bundle.id.to_string(),
            name: terms.name.clone(),
            monthly_sending_volume: terms.monthly_sending_volume,
            google_percent: terms.google_percent,
            microsoft_percent: terms.google_percent.map(|google| 100 - google),
            send_on_weekends: terms.send_on_weekends,
            google_inboxes_per_domain: terms.google_inboxes_per_domain,
            status: bundle.status,
            effective: Effective { google_percent, microsoft_percent },
            required_domains: terms.required(sizing),
            created_at: bundle.created_at,
        }
    }
}

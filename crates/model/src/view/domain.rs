//! A domain as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use super::Zone;
use crate::clock::Time;
use crate::dns::{DnsHealth, HostedZone};
use crate::domain::{self, Category, DomainStatus, MailProvider, Source};

/// A domain.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Domain {
    /// Its id.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// Free for an order, or in one.
    pub category: Category,
    /// Where it stands.
    pub status: DomainStatus,
    /// Where we have it from.
    pub source: Source,
    /// Who hosts its mailboxes.
    #[schema(required)]
    pub provider: Option<MailProvider>,
    /// The customer it belongs to.
    #[schema(required, example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub user_id: Option<String>,
    /// The order it belongs to.
    #[schema(required, example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: Option<String>,
    /// Which providers can use it.
    pub usable_for: Vec<MailProvider>,
    /// Where its web address redirects to.
    #[schema(required, format = "uri", example = "https://acme.com")]
    pub forwarding_url: Option<String>,
    /// What the last look at its DNS showed; null before the first look.
    #[schema(required)]
    pub dns: Option<DnsHealth>,
    /// When the registration runs out; null while it is not registered through us.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-08T12:00:00Z")]
    pub expires_at: Option<Time>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
    /// Its zone. Only where a single domain is read, and while it has one.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
}

impl Domain {
    /// The view of a domain.
    #[must_use]
    pub fn of(domain: &domain::Domain) -> Self {
        Self {
            id: domain.id.to_string(),
            domain: domain.name.to_string(),
            category: domain.category(),
            status: domain.status,
            source: domain.source,
            provider: domain.provider,
            user_id: domain.user.as_ref().map(ToString::to_string),
            order_id: domain.order.as_ref().map(ToString::to_string),
            usable_for: domain.usable_for.clone(),
            forwarding_url: domain.forwarding_url.clone(),
            dns: domain.dns.clone(),
            expires_at: domain.expires_at,
            created_at: domain.created_at,
            zone: None,
        }
    }

    /// The same with its zone.
    #[must_use]
    pub fn with_zone(self, zone: Option<&HostedZone>) -> Self {
        Self { zone: zone.map(Zone::of), ..self }
    }
}

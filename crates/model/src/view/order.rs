//! An order as partners see it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::OrderCancellation;
use super::cancellation::left_with;
use crate::clock::Time;
use crate::domain::{Domain, DomainStatus, MailProvider, Source};
use crate::ledger::{Line, LineKind, Sum};
use crate::money::{CURRENCY, Cents};
use crate::order::{self, Dkim, OrderStatus};
use crate::persona::Persona;

/// An order in short: the answer of its creation, and a row of the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Its id.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// The customer it is for.
    #[schema(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub user_id: String,
    /// The customer's address.
    #[schema(example = "alex@acme.com")]
    pub email: String,
    /// The bundle it was placed with; null when it was placed with licences.
    #[schema(required, example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub bundle_id: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// How many domains it has now: those that failed or left do not count.
    #[schema(minimum = 0, maximum = 500, example = 2)]
    pub domain_count: i64,
    /// What it costs.
    pub costs: ReceiptCosts,
    /// When the paid period ends.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    pub renews_at: Time,
    /// Your own order number.
    #[schema(required, max_length = 200, example = "A-1042")]
    pub reference: Option<String>,
    /// Your own notes.
    #[schema(example = json!({ "campaign": "spring" }))]
    pub metadata: BTreeMap<String, String>,
    /// When it was placed.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
}

/// What an order costs, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptCosts {
    /// The total in cents.
    #[schema(value_type = i64, minimum = 0, example = 6800)]
    pub total_cents: Cents,
    /// Always `usd`.
    #[schema(example = "usd")]
    pub currency: &'static str,
}

impl Receipt {
    /// The receipt of an order.
    #[must_use]
    pub fn of(order: &order::Order) -> Self {
        Self {
            id: order.id.to_string(),
            user_id: order.user.to_string(),
            email: order.email.clone(),
            bundle_id: order.bundle.as_ref().map(ToString::to_string),
            status: order.status,
            domain_count: order.domain_count,
            costs: ReceiptCosts { total_cents: order.total_cents, currency: CURRENCY },
            renews_at: order.renews_at,
            reference: order.reference.clone(),
            metadata: order.metadata.clone(),
            created_at: order.created_at,
        }
    }
}

/// An order in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Order {
    /// Its id.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// The customer it is for.
    #[schema(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub user_id: String,
    /// The customer's address.
    #[schema(example = "alex@acme.com")]
    pub email: String,
    /// The bundle it was placed with; null when it was placed with licences.
    #[schema(required, example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub bundle_id: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// How many domains it has now: those that failed or left do not count.
    #[schema(minimum = 0, maximum = 500, example = 2)]
    pub domain_count: i64,
    /// What it costs, line by line.
    pub costs: Costs,
    /// When the paid period ends.
    #[schema(value_type = String, format = DateTime, example = "2026-06-08T12:00:00Z")]
    pub renews_at: Time,
    /// Your own order number.
    #[schema(required, max_length = 200, example = "A-1042")]
    pub reference: Option<String>,
    /// Your own notes.
    #[schema(example = json!({ "campaign": "spring" }))]
    pub metadata: BTreeMap<String, String>,
    /// Its domains, in the order sent.
    pub domains: Vec<OrderDomain>,
    /// Whose names the inboxes carry.
    pub personas: Vec<Persona>,
    /// Where the inboxes are linked.
    pub sequencer: SequencerView,
    /// Whether it waits for its domains' mail to be signed.
    pub dkim: Dkim,
    /// Its cancellation, when there is one.
    #[schema(required)]
    pub cancellation: Option<OrderCancellation>,
    /// When it was placed.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
}

/// What an order costs, line by line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Costs {
    /// What was booked at placing, less credits, in cents.
    #[schema(value_type = i64, minimum = 0, example = 6800)]
    pub total_cents: Cents,
    /// Everything booked so far, in cents.
    #[schema(value_type = i64, minimum = 0, example = 6800)]
    pub charged_cents: Cents,
    /// Always `usd`.
    #[schema(example = "usd")]
    pub currency: &'static str,
    /// The lines, equal ones added up.
    pub line_items: Vec<LineItem>,
}

/// Equal ledger lines, added up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineItem {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: LineKind,
    /// How many.
    #[schema(minimum = 1, example = 2)]
    pub quantity: i64,
    /// The price of one in cents; negative for a credit.
    #[schema(value_type = i64, example = 1300)]
    pub unit_cents: Cents,
    /// Quantity times price.
    #[schema(value_type = i64, example = 2600)]
    pub amount_cents: Cents,
    /// The first day of the month that it pays for; null when it is charged once.
    #[schema(required, example = "2026-05-08")]
    pub period: Option<String>,
}

/// A domain of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDomain {
    /// Its id.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// Where we have it from.
    pub source: Source,
    /// Who hosts its mailboxes.
    #[schema(required)]
    pub provider: Option<MailProvider>,
    /// Where it stands.
    pub status: DomainStatus,
    /// Where its web address redirects to.
    #[schema(required, format = "uri", example = "https://acme.com")]
    pub forwarding_url: Option<String>,
    /// How many inboxes it carries; read them at `GET /inboxes?order_id=`.
    #[schema(minimum = 0, example = 2)]
    pub inboxes: i64,
}

/// Where the inboxes are linked; credentials never come back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SequencerView {
    /// Always `smartlead`.
    #[schema(example = "smartlead")]
    pub provider: &'static str,
    /// Routing at the sequencer; null is your default route.
    #[schema(required, example = 366_903)]
    pub client_id: Option<i64>,
    /// The login's e-mail address.
    #[schema(example = "peeker@yourcompany.com")]
    pub login_email: Option<String>,
}

impl Order {
    /// The view of an order with its domains and lines.
    #[must_use]
    pub fn of(order: &order::Order, domains: &[Domain], lines: &[Line]) -> Self {
        Self::of_sums(order, domains, &lines.iter().map(Sum::from).collect::<Vec<_>>())
    }

    /// The same, its lines added up as far as may be.
    #[must_use]
    pub fn of_sums(order: &order::Order, domains: &[Domain], sums: &[Sum]) -> Self {
        let all = domains;
        // Names that have left are history, and so are those that never came to take another's place; an order
        // that has ended shows what it had then.
        let ended = order.status == OrderStatus::Cancelled;
        let shown = |domain: &&Domain| match domain.status {
            DomainStatus::Released => ended && left_with(order, domain),
            DomainStatus::Failed => domain.swap.is_none(),
            _ => true,
        };
        let mut domains: Vec<_> = domains.iter().filter(shown).collect();
        domains.sort_by_key(|domain| domain.position);
        Self {
            id: order.id.to_string(),
            user_id: order.user.to_string(),
            email: order.email.clone(),
            bundle_id: order.bundle.as_ref().map(ToString::to_string),
            status: order.status,
            domain_count: order.domain_count,
            costs: Costs {
                total_cents: order.total_cents,
                charged_cents: sums.iter().map(|sum| sum.amount_cents).sum(),
                currency: CURRENCY,
                line_items: line_items(sums),
            },
            renews_at: order.renews_at,
            reference: order.reference.clone(),
            metadata: order.metadata.clone(),
            domains: domains.into_iter().map(order_domain).collect(),
            personas: order.personas.clone(),
            sequencer: SequencerView {
                provider: order.sequencer.provider.as_str(),
                client_id: order.sequencer.client_id,
                login_email: order.sequencer.login_email.clone(),
            },
            dkim: order.dkim,
            cancellation: OrderCancellation::of(order, all),
            created_at: order.created_at,
        }
    }
}

fn order_domain(domain: &Domain) -> OrderDomain {
    OrderDomain {
        id: domain.id.to_string(),
        domain: domain.name.to_string(),
        source: domain.source,
        provider: domain.provider,
        status: domain.status,
        forwarding_url: domain.forwarding_url.clone(),
        inboxes: if matches!(domain.status, DomainStatus::Failed | DomainStatus::Released) {
            0
        } else {
            domain.inboxes_made
        },
    }
}

/// Adds up equal lines, in a stable order. What a domain's charges are given back with is one credit here.
#[must_use]
pub fn line_items(lines: &[Sum]) -> Vec<LineItem> {
    let (mut sums, mut given_back) = (BTreeMap::new(), BTreeMap::new());
    for line in lines {
        if let Some(domain) = &line.given_back {
            *given_back.entry(domain).or_insert(0) += line.amount_cents;
        } else {
            let period = line.month().map(ToOwned::to_owned);
            *sums.entry((period, line.kind, line.unit_cents)).or_insert(0) += line.quantity;
        }
    }
    for amount in given_back.into_values() {
        *sums.entry((None, LineKind::Credit, amount)).or_insert(0) += 1;
    }
    let item = |((period, kind, unit_cents), quantity): ((Option<String>, LineKind, i64), i64)| LineItem {
        kind,
        quantity,
        unit_cents,
        amount_cents: quantity * unit_cents,
        period,
    };
    sums.into_iter().map(item).collect()
}

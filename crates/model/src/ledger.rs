//! The ledger: append-only lines that say what every charge is for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::MailProvider;
use crate::id::{DomainId, Id, LineId, OrderId, PartnerId};
use crate::money::Cents;
use crate::world::World;

/// One charge or credit. The schema allows one line per order, domain, kind and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The order it belongs to.
    pub order: OrderId,
    /// The domain it is for.
    pub domain: DomainId,
    /// What it is for.
    pub kind: LineKind,
    /// The month that it pays for, as its first day; or `once`, and what for where that is not clear.
    pub period: String,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents; negative for a credit.
    pub unit_cents: Cents,
    /// Quantity times price.
    pub amount_cents: Cents,
    /// When it was booked, partner time.
    pub created_at: Time,
}

/// What a line is for. New ones may be added.
// Append-only: it has left the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LineKind {
    DomainRegistration,
    GoogleLicense,
    MicrosoftLicense,
    DomainRenewal,
    Swap,
    Credit,
}

impl LineKind {
    const ALL: [Self; 6] = [
        Self::DomainRegistration,
        Self::GoogleLicense,
        Self::MicrosoftLicense,
        Self::DomainRenewal,
        Self::Swap,
        Self::Credit,
    ];

    /// The name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DomainRegistration => "domain_registration",
            Self::GoogleLicense => "google_license",
            Self::MicrosoftLicense => "microsoft_license",
            Self::DomainRenewal => "domain_renewal",
            Self::Swap => "swap",
            Self::Credit => "credit",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// The licence line of a provider.
    #[must_use]
    pub const fn license(provider: MailProvider) -> Self {
        match provider {
            MailProvider::Google => Self::GoogleLicense,
            MailProvider::Microsoft => Self::MicrosoftLicense,
        }
    }
}

/// The period of a line that is charged once.
pub const ONCE: &str = "once";

/// The period of a line that is charged once for each of several things of a domain, such as its swaps.
#[must_use]
pub fn once_for(id: &impl Id) -> String {
    format!("{ONCE} {}", id.as_str())
}

/// Equal lines of an order, added up: an order of many domains and years has few of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named like the fields of a line")]
pub struct Sum {
    pub kind: LineKind,
    pub period: String,
    pub unit_cents: Cents,
    pub quantity: i64,
    pub amount_cents: Cents,
}

impl From<&Line> for Sum {
    fn from(line: &Line) -> Self {
        Self {
            kind: line.kind,
            period: line.period.clone(),
            unit_cents: line.unit_cents,
            quantity: line.quantity,
            amount_cents: line.amount_cents,
        }
    }
}

impl Sum {
    /// The month that it pays for, as its first day; `None` when it is charged once.
    #[must_use]
    pub fn month(&self) -> Option<&str> {
        month(&self.period)
    }
}

/// A date has ten characters.
fn month(period: &str) -> Option<&str> {
    (period.len() == 10).then_some(period)
}

impl Line {
    /// The month that it pays for, as its first day; `None` when it is charged once.
    #[must_use]
    pub fn month(&self) -> Option<&str> {
        month(&self.period)
    }
}

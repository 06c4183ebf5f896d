//! The ledger: append-only lines that say what every charge is for.

use crate::clock::{Now, Time};
use crate::domain::MailProvider;
use crate::id::{DomainId, Id, Ids, LineId, OrderId, PartnerId, UserId};
use crate::money::Cents;
use crate::named::named;
use crate::order::Order;
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
    /// The customer it is for; `None` where an older version booked it beside this one.
    pub user: Option<UserId>,
    /// What it is for.
    pub kind: LineKind,
    /// The month that it pays for, as its first day; or `once`, and what for where that is not clear.
    pub period: String,
    /// The time that it pays for; `None` when it is charged once.
    pub paid_for: Option<PaidFor>,
    /// The line that a credit takes back; `None` for a charge, and for an old credit of several lines.
    pub reverses: Option<LineId>,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents; negative for a credit.
    pub unit_cents: Cents,
    /// Quantity times price.
    pub amount_cents: Cents,
    /// When it was booked, partner time.
    pub created_at: Time,
}

/// The time that a charge pays for, partner time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidFor {
    /// When it begins.
    pub start: Time,
    /// When it is over: when the next one begins.
    pub end: Time,
}

/// What is booked: the parts of a line that its decision chooses.
#[derive(Clone, Debug)]
pub struct Charge {
    /// See [`Line::kind`].
    pub kind: LineKind,
    /// See [`Line::period`].
    pub period: String,
    /// See [`Line::quantity`].
    pub quantity: i64,
    /// See [`Line::unit_cents`].
    pub unit_cents: Cents,
    /// See [`Line::paid_for`].
    pub paid_for: Option<PaidFor>,
}

impl Charge {
    /// One thing that is charged once.
    #[must_use]
    pub fn once(kind: LineKind, unit_cents: Cents) -> Self {
        Self { kind, period: ONCE.into(), quantity: 1, unit_cents, paid_for: None }
    }

    /// Licences for a month, or for what is left of it.
    #[must_use]
    pub fn licenses(provider: MailProvider, quantity: i64, unit_cents: Cents, paid_for: PaidFor) -> Self {
        let (kind, period) = (LineKind::license(provider), paid_for.start.date());
        Self { kind, period, quantity, unit_cents, paid_for: Some(paid_for) }
    }
}

named! {
    /// What a line is for. New ones may be added.
    // Append-only: it has left the process.
    #[derive(PartialOrd, Ord)]
    #[expect(missing_docs, reason = "the names say it")]
    pub enum LineKind {
        DomainRegistration "domain_registration",
        GoogleLicense "google_license",
        MicrosoftLicense "microsoft_license",
        DomainRenewal "domain_renewal",
        Swap "swap",
        Credit "credit",
    }
}

impl LineKind {
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
    /// The domain that a charge is given back for; `None` for charges, and for the price of a swap.
    pub given_back: Option<DomainId>,
}

impl From<&Line> for Sum {
    fn from(line: &Line) -> Self {
        Self {
            kind: line.kind,
            period: line.period.clone(),
            unit_cents: line.unit_cents,
            quantity: line.quantity,
            amount_cents: line.amount_cents,
            given_back: gives_back(&line.period).then(|| line.domain.clone()),
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

/// A date has ten characters, and so may what is charged once.
fn month(period: &str) -> Option<&str> {
    (period.len() == 10 && !period.starts_with(ONCE)).then_some(period)
}

/// Whether a line with this period gives a charge of a domain back: the period names the charge.
#[must_use]
pub fn gives_back(period: &str) -> bool {
    period.strip_prefix(ONCE).is_some_and(|what| what.trim_start().starts_with(LineId::PREFIX))
}

impl Line {
    /// A charge to an order for one of its domains.
    #[must_use]
    pub fn of(order: &Order, domain: &DomainId, charge: Charge, now: Now, ids: &Ids) -> Self {
        Self {
            id: ids.next(),
            partner: order.partner.clone(),
            world: order.world.clone(),
            order: order.id.clone(),
            domain: domain.clone(),
            user: Some(order.user.clone()),
            kind: charge.kind,
            period: charge.period,
            paid_for: charge.paid_for,
            reverses: None,
            quantity: charge.quantity,
            unit_cents: charge.unit_cents,
            amount_cents: charge.quantity * charge.unit_cents,
            created_at: now.partner(),
        }
    }

    /// The credit that takes this charge back. It can be booked once: its period names the charge, or the swap that
    /// was charged for.
    #[must_use]
    pub fn taken_back(&self, now: Now, ids: &Ids) -> Self {
        Self {
            id: ids.next(),
            kind: LineKind::Credit,
            period: if self.kind == LineKind::Swap { self.period.clone() } else { once_for(&self.id) },
            reverses: Some(self.id.clone()),
            unit_cents: -self.unit_cents,
            amount_cents: -self.amount_cents,
            created_at: now.partner(),
            ..self.clone()
        }
    }

    /// The month that it pays for, as its first day; `None` when it is charged once.
    #[must_use]
    pub fn month(&self) -> Option<&str> {
        month(&self.period)
    }
}

//! Quotes: what an order would cost and why it would be refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::clock::{MINUTE, Now, Time};
use crate::domain::{DomainName, MailProvider, NameAnswer};
use crate::id::{Ids, PartnerId, QuoteId};
use crate::ledger::LineKind;
use crate::money::{CURRENCY, Cents, PriceBook};
use crate::order::{Facts, NameRow, Need, Placing, Rules, Survey, name_price, survey};
use crate::refusal::Fault;
use crate::view::{self, LineItem};
use crate::world::{Scope, World};

/// How long a quote's prices are held, in microseconds of partner time.
pub const WINDOW: i64 = 15 * MINUTE;

/// A quote as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its id.
    pub id: QuoteId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The whole total in cents.
    pub total_cents: i64,
    /// The answer's `data`, as JSON text.
    pub data: String,
    /// What each name to be bought was quoted at.
    pub names: Vec<QuotedName>,
    /// When its prices stop to hold, partner time.
    pub expires_at: Time,
    /// When it was made, partner time.
    pub created_at: Time,
}

/// A name to be bought, at the price it was quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedName {
    /// The name.
    pub name: DomainName,
    /// The registrar's price for the first year, in cents.
    pub cost_cents: Cents,
    /// The registrar's price for each further year, in cents.
    pub renewal_cost_cents: Cents,
    /// Which provider it was assigned to.
    pub provider: Option<MailProvider>,
}

/// A quote that was made.
#[derive(Debug)]
pub struct Quoted {
    /// What the partner sees.
    pub view: view::Quote,
    /// Everything to write.
    pub change: Change,
}

/// Quotes an order: never refuses, but lists every fault that an order would be refused for.
///
/// `shape` are the faults that the body itself already has.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "the facts of one decision; a struct would only rename them")]
pub fn quote(
    scope: &Scope,
    placing: &Placing,
    shape: Vec<Fault>,
    facts: &Facts,
    answers: &[NameAnswer],
    rules: &Rules,
    now: Now,
    ids: &Ids,
) -> Quoted {
    let id: QuoteId = ids.next();
    let found = survey(&scope.partner, placing, shape, facts, answers, rules);
    let view = view_of(&id, &found, &rules.book, now);
    let row = Quote {
        id,
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        total_cents: view.costs.total_cents,
        data: view::text(&view),
        names: quoted_names(&found),
        expires_at: view.expires_at,
        created_at: now.partner(),
    };
    Quoted { view, change: Change { quotes: vec![row], ..Change::default() } }
}

fn quoted_names(found: &Survey) -> Vec<QuotedName> {
    let bought = found.rows.iter().filter(|row| row.inventory.is_none());
    bought
        .map(|row| QuotedName {
            name: row.wanted.name.clone(),
            cost_cents: row.cost_cents,
            renewal_cost_cents: row.renewal_cost_cents,
            provider: found.assignment.iter().find(|(name, _)| *name == row.wanted.name).map(|(_, provider)| *provider),
        })
        .collect()
}

fn view_of(id: &QuoteId, found: &Survey, book: &PriceBook, now: Now) -> view::Quote {
    let monthly = found.need.map_or(vec![], |need| licenses(need, book, now));
    let line_items: Vec<_> = registrations(&found.rows, book).into_iter().chain(monthly.iter().cloned()).collect();
    let sum = |items: &[LineItem]| items.iter().map(|item| item.amount_cents).sum();
    let assignment = found.assignment.iter();
    view::Quote {
        id: id.to_string(),
        monthly_cents: sum(&monthly),
        costs: view::QuoteCosts { total_cents: sum(&line_items), currency: CURRENCY, line_items },
        assignment: assignment
            .map(|(name, provider)| view::Assignment { domain: name.to_string(), provider: *provider })
            .collect(),
        problems: found.faults.iter().map(view::Problem::of).collect(),
        expires_at: now.partner().plus(WINDOW),
    }
}

fn registrations(rows: &[NameRow], book: &PriceBook) -> Vec<LineItem> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| row.inventory.is_none()) {
        *counts.entry(name_price(row, book)).or_insert(0) += 1;
    }
    counts.into_iter().map(|(unit, quantity)| item(LineKind::DomainRegistration, quantity, unit, None)).collect()
}

fn licenses(need: Need, book: &PriceBook, now: Now) -> Vec<LineItem> {
    [(MailProvider::Google, need.google_licenses), (MailProvider::Microsoft, need.microsoft_domains)]
        .into_iter()
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(provider, quantity)| {
            item(LineKind::license(provider), quantity, book.license(provider), Some(now.partner().date()))
        })
        .collect()
}

fn item(kind: LineKind, quantity: i64, unit_cents: i64, period: Option<String>) -> LineItem {
    LineItem { kind, quantity, unit_cents, amount_cents: quantity * unit_cents, period }
}

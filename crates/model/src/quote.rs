//! Quotes: what an order would cost and why it would be refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::clock::{MINUTE, Now, SECOND, Time};
use crate::domain::{DomainName, MailProvider, NameAnswer};
use crate::id::{Ids, KeyId, PartnerId, QuoteId};
use crate::ledger::LineKind;
use crate::money::{CURRENCY, Cents, PriceBook};
use crate::order::{Facts, NameRow, Need, Placing, Rules, Survey, Tariff, survey};
use crate::refusal::{Code, Fault};
use crate::view::{self, LineItem};
use crate::world::{Scope, World};

/// How long a quote's prices are held, in microseconds of partner time.
pub const WINDOW: i64 = 15 * MINUTE;

/// How many quotes of one key are kept in one world. What a quote promises, it promises until it expires: while as
/// many hold, the next one is refused; those that hold no longer give way.
pub const MOST_KEPT: i64 = 1_000;

/// A quote that stands where another one wants to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// The quote.
    pub id: QuoteId,
    /// See [`Quote::expires_at`].
    pub expires_at: Time,
}

/// Which quotes give way to a new one, given those of its key that are one too many with it.
///
/// # Errors
/// `rate_limited` while one of them still holds.
pub fn make_room(in_the_way: &[InTheWay], partner_now: Time) -> Result<Vec<QuoteId>, Fault> {
    let holds_until = in_the_way.iter().map(|quote| quote.expires_at).filter(|at| *at > partner_now).max();
    let Some(until) = holds_until else { return Ok(in_the_way.iter().map(|quote| quote.id.clone()).collect()) };
    let seconds = (until.0 - partner_now.0 + SECOND - 1).div_euclid(SECOND);
    let message = format!(
        "{MOST_KEPT} quotes of this key still hold their prices. Order with one of them, or quote again in {seconds} s, when the oldest has expired."
    );
    Err(Fault::new(Code::RateLimited, message).with("retry_after_seconds", seconds))
}

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
    /// The key that asked for it; `None` where an older version made it.
    pub key: Option<KeyId>,
    /// Every name that it was asked about, in the order sent.
    pub names: Vec<QuotedName>,
    /// What it holds beside the names.
    pub held: Held,
    /// When its prices stop to hold, partner time.
    pub expires_at: Time,
    /// When it was made, partner time.
    pub created_at: Time,
}

impl Quote {
    /// Whether its prices are still held at a partner time.
    #[must_use]
    pub const fn holds(&self, partner_now: Time) -> bool {
        partner_now.0 < self.expires_at.0
    }
}

/// A name as it was quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedName {
    /// The name.
    pub name: DomainName,
    /// The registrar's prices; `None` for a name that was in the inventory, or could not be had.
    pub cost: Option<QuotedCost>,
    /// Which provider it was assigned to; `None` while a problem stood in the way.
    pub provider: Option<MailProvider>,
}

/// What the registrar asked for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedCost {
    /// For the first year, in cents.
    pub first_cents: Cents,
    /// For each further year, in cents.
    pub renewal_cents: Cents,
}

/// What a quote holds beside its names: the size, and the prices that the operator may change meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Held {
    /// What the size came to; `None` while there was no such bundle.
    pub need: Option<Need>,
    /// See [`PriceBook::google_license_cents`].
    pub google_license_cents: Cents,
    /// See [`PriceBook::microsoft_license_cents`].
    pub microsoft_license_cents: Cents,
    /// See [`PriceBook::domain_margin_cents`].
    pub domain_margin_cents: Cents,
}

impl Held {
    fn of(need: Option<Need>, book: &PriceBook) -> Self {
        Self {
            need,
            google_license_cents: book.google_license_cents,
            microsoft_license_cents: book.microsoft_license_cents,
            domain_margin_cents: book.domain_margin_cents,
        }
    }

    /// Today's price book with the held prices in it.
    #[must_use]
    pub const fn book(&self, today: PriceBook) -> PriceBook {
        PriceBook {
            google_license_cents: self.google_license_cents,
            microsoft_license_cents: self.microsoft_license_cents,
            domain_margin_cents: self.domain_margin_cents,
            ..today
        }
    }
}

/// A quote that was made.
#[derive(Debug)]
pub struct Quoted {
    /// What the partner sees.
    pub view: view::Quote,
    /// Everything to write.
    pub change: Change,
}

/// Quotes an order: never refuses, but lists every fault that an order would be refused for. It is made at
/// today's prices even when the body names an older quote: held prices must not be held on for ever.
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
    let found = survey(&scope.partner, placing, shape, facts, answers, rules, now);
    let view = view_of(&id, &found, &Tariff::today(rules.book), now);
    let row = Quote {
        id,
        partner: scope.partner.clone(),
        world: scope.world.clone(),
        total_cents: view.costs.total_cents,
        key: facts.placed_with.clone(),
        names: quoted_names(placing, &found),
        held: Held::of(found.need, &rules.book),
        expires_at: view.expires_at,
        created_at: now.partner(),
    };
    Quoted { view, change: Change { quotes: vec![row], ..Change::default() } }
}

fn quoted_names(placing: &Placing, found: &Survey) -> Vec<QuotedName> {
    let rows: BTreeMap<_, _> = found.rows.iter().map(|row| (&row.wanted.name, row)).collect();
    let providers: BTreeMap<_, _> = found.assignment.iter().map(|(name, provider)| (name, *provider)).collect();
    let cost = |row: &&NameRow| {
        row.inventory
            .is_none()
            .then_some(QuotedCost { first_cents: row.cost_cents, renewal_cents: row.renewal_cost_cents })
    };
    let quoted = |name: &DomainName| QuotedName {
        name: name.clone(),
        cost: rows.get(name).and_then(cost),
        provider: providers.get(name).copied(),
    };
    placing.domains.iter().map(|wanted| quoted(&wanted.name)).collect()
}

fn view_of(id: &QuoteId, found: &Survey, tariff: &Tariff<'_>, now: Now) -> view::Quote {
    let monthly = found.need.map_or(vec![], |need| licenses(need, tariff, now));
    let line_items: Vec<_> = registrations(&found.rows, tariff).into_iter().chain(monthly.iter().cloned()).collect();
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

fn registrations(rows: &[NameRow], tariff: &Tariff<'_>) -> Vec<LineItem> {
    let mut counts = BTreeMap::new();
    for row in rows.iter().filter(|row| row.inventory.is_none()) {
        *counts.entry(tariff.name(row)).or_insert(0) += 1;
    }
    counts.into_iter().map(|(unit, quantity)| item(LineKind::DomainRegistration, quantity, unit, None)).collect()
}

fn licenses(need: Need, tariff: &Tariff<'_>, now: Now) -> Vec<LineItem> {
    [(MailProvider::Google, need.google_licenses), (MailProvider::Microsoft, need.microsoft_domains)]
        .into_iter()
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(provider, quantity)| {
            item(LineKind::license(provider), quantity, tariff.license(provider), Some(now.partner().date()))
        })
        .collect()
}

fn item(kind: LineKind, quantity: i64, unit_cents: i64, period: Option<String>) -> LineItem {
    LineItem { kind, quantity, unit_cents, amount_cents: quantity * unit_cents, period }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn quotes_that_hold_stay_and_those_that_do_not_give_way() {
        let quote = |name: &str, seconds| InTheWay { id: QuoteId::opaque(name), expires_at: Time(seconds * SECOND) };
        let (older, newer) = (quote("quo_1", 100), quote("quo_2", 200));
        assert_eq!(make_room(&[], Time(0)), Ok(vec![]));
        let both = [newer.clone(), older.clone()];
        assert_eq!(make_room(&both, Time(200 * SECOND)), Ok(vec![newer.id, older.id]));
        let refused = make_room(&both, Time(150 * SECOND)).unwrap_err();
        assert_eq!((refused.code, &refused.details["retry_after_seconds"]), (Code::RateLimited, &50.into()));
    }
}

//! Says what an order would cost and why it would be refused.

use std::collections::BTreeMap;

use super::{NameRow, Need, Placing, Submitted, Survey, Tariff, survey};
use crate::change::Change;
use crate::clock::{Now, SECOND, Time};
use crate::domain::{DomainName, MailProvider};
use crate::id::{Ids, QuoteId};
use crate::ledger::LineKind;
use crate::money::CURRENCY;
use crate::quote::{Held, InTheWay, MOST_KEPT, Quote, QuotedCost, QuotedName, WINDOW};
use crate::refusal::{Code, Fault};
use crate::view::{self, LineItem};

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
pub fn quote(submitted: &Submitted<'_>, shape: Vec<Fault>, ids: &Ids) -> Quoted {
    let Submitted { scope, placing, facts, rules, now, .. } = *submitted;
    let id: QuoteId = ids.next();
    let found = survey(submitted, shape);
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
        account: rows.get(name).and_then(|row| row.account.clone()),
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

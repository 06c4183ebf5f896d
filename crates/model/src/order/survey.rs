//! Everything that can be said about an order before it is placed, and all that stands in its way.

use std::collections::BTreeSet;

use super::assign::impossible_pins;
use super::check::{check_bundle, count_faults, look_up_names, user_faults};
use super::price::price_faults;
use super::quoted::{as_quoted, differences};
use super::{NameRow, Need, Placing, Priced, Submitted, Tariff, assign};
use crate::domain::{DomainName, MailProvider};
use crate::refusal::{Fault, Refusal};

/// What is known of an order that is only asked about.
#[derive(Debug)]
pub struct Survey {
    /// What its size comes to; `None` while there is no such bundle.
    pub need: Option<Need>,
    /// The names that can be had.
    pub rows: Vec<NameRow>,
    /// Which name would go to which provider; empty while a fault stands in the way.
    pub assignment: Vec<(DomainName, MailProvider)>,
    /// The faults of every stage.
    pub faults: Vec<Fault>,
}

/// Looks at an order as [`super::place()`] would, but goes on where that stops.
///
/// `shape` are the faults that the body itself already has. While an entry of its `domains` is no
/// name, their count says nothing.
#[must_use]
pub fn survey(submitted: &Submitted<'_>, shape: Vec<Fault>) -> Survey {
    let Submitted { scope, placing, facts, answers, rules, now } = *submitted;
    let entries = Entries::of(&shape);
    let mut faults = shape;
    faults.extend(user_faults(placing, facts));
    faults.extend(faults_of(check_bundle(placing, facts)));
    let (rows, unavailable) = look_up_names(&scope.partner, placing, &facts.held, answers);
    let Some(need) = Need::of(&placing.size, facts.bundle.as_ref(), &rules.sizing) else {
        faults.extend(entries.relabelled(unavailable));
        return Survey { need: None, rows, assignment: vec![], faults };
    };
    let others = differences(placing, facts, need);
    let quote = facts.quote.as_ref().filter(|_| others.is_empty());
    faults.extend(others);
    let counted = if entries.all_read() { count_faults(placing, need, &rules.sizing) } else { vec![] };
    let complete = entries.all_read() && counted.is_empty() && unavailable.is_none();
    faults.extend(counted);
    faults.extend(entries.relabelled(unavailable));
    let total = Priced::of(&rows, need, &Tariff::of(rules.book, quote, now)).total();
    faults.extend(price_faults(placing, quote, &facts.allowances, total, complete, now));
    let (providers, misfits) = fit(placing, &as_quoted(&rows, quote), need, complete, &entries);
    faults.extend(misfits);
    let assignment = rows.iter().map(|row| row.wanted.name.clone()).zip(providers).collect();
    Survey { need: Some(need), rows, assignment, faults }
}

fn fit(
    placing: &Placing,
    rows: &[NameRow],
    need: Need,
    complete: bool,
    entries: &Entries,
) -> (Vec<MailProvider>, Vec<Fault>) {
    match complete.then(|| assign(rows, need)) {
        Some(_) if !entries.pins_read => (vec![], vec![]),
        Some(Ok(providers)) => (providers, vec![]),
        Some(Err(refusal)) => (vec![], refusal.faults().cloned().collect()),
        // With names missing or left over, too few for a provider would only repeat that.
        None => (vec![], impossible_pins(rows.iter().map(|row| (entries.place_of(placing, row), row)))),
    }
}

/// The entries of the body's `domains`, of which those that are no names are not in the order.
struct Entries {
    lost: BTreeSet<usize>,
    pins_read: bool,
}

impl Entries {
    fn of(shape: &[Fault]) -> Self {
        let of_entries = |fault: &Fault| {
            let (n, field) = fault.field.as_deref()?.strip_prefix("domains[")?.split_once(']')?;
            Some((n.parse().ok()?, field.to_owned()))
        };
        let faults: Vec<(usize, String)> = shape.iter().filter_map(of_entries).collect();
        let no_name = |field: &str| matches!(field, "" | ".domain");
        Self {
            lost: faults.iter().filter(|(_, field)| no_name(field)).map(|(n, _)| *n).collect(),
            pins_read: faults.iter().all(|(_, field)| field != ".provider"),
        }
    }

    fn all_read(&self) -> bool {
        self.lost.is_empty()
    }

    /// Where the nth name of the order stands in the body.
    fn place(&self, n: usize) -> usize {
        (0..).filter(|place| !self.lost.contains(place)).nth(n).unwrap_or(n)
    }

    fn place_of(&self, placing: &Placing, row: &NameRow) -> usize {
        self.place(placing.domains.iter().position(|wanted| wanted.name == row.wanted.name).unwrap_or(0))
    }

    /// The fault of an order's name, at its place in the body.
    fn relabelled(&self, fault: Option<Fault>) -> Option<Fault> {
        let fault = fault?;
        let place = fault.field.as_deref().and_then(|field| field.strip_prefix("domains[")?.strip_suffix(']'));
        match place.and_then(|n| n.parse().ok()) {
            Some(n) => Some(fault.at(format!("domains[{}]", self.place(n)))),
            None => Some(fault),
        }
    }
}

fn faults_of<T>(result: Result<T, Refusal>) -> Vec<Fault> {
    result.err().map_or(vec![], |refusal| refusal.faults().cloned().collect())
}

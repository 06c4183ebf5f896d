//! An order that names a quote buys what the quote named, and never pays more than it said.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::{Facts, NameRow};
use super::{Need, Placing};
use crate::clock::Now;
use crate::domain::{DomainName, MailProvider};
use crate::money::Cents;
use crate::quote::{Quote, QuotedName};
use crate::refusal::{Code, Fault};

const FIELD: &str = "quote_id";

/// The order names a quote that does not exist.
pub(super) fn unknown_quote(placing: &Placing, facts: &Facts) -> Option<Fault> {
    let id = placing.quote_id.as_ref().filter(|_| facts.quote.is_none())?;
    let message = format!("There is no quote {id}. Make one with POST /orders/quote, or leave quote_id out.");
    Some(Fault::new(Code::NotFound, message).at(FIELD))
}

/// Where the order's names and size are not the quote's.
pub(super) fn differences(placing: &Placing, facts: &Facts, need: Need) -> Vec<Fault> {
    let Some(quote) = &facts.quote else { return vec![] };
    other_names(placing, quote).into_iter().chain(other_size(quote, need)).collect()
}

fn other_names(placing: &Placing, quote: &Quote) -> Option<Fault> {
    let mut left: BTreeMap<&DomainName, &QuotedName> = quote.names.iter().map(|one| (&one.name, one)).collect();
    let (mut added, mut pinned) = (vec![], vec![]);
    for wanted in &placing.domains {
        match left.remove(&wanted.name) {
            None => added.push(wanted.name.as_str()),
            Some(one) if other_pin(wanted.provider, one.provider) => pinned.push(wanted.name.as_str()),
            Some(_) => {}
        }
    }
    let missing: Vec<_> = left.keys().map(|name| name.as_str()).collect();
    if added.is_empty() && pinned.is_empty() && missing.is_empty() {
        return None;
    }
    let said: Vec<_> = [("not in the quote", &added), ("left out", &missing), ("pinned to another provider", &pinned)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}: {}", few(names)))
        .collect();
    let message = format!(
        "Quote {} is for other domains ({}). Send the domains that it names, or quote this order first.",
        quote.id,
        said.join("; ")
    );
    let fault = Fault::invalid(FIELD, message).with("added_domains", added).with("missing_domains", missing);
    Some(if pinned.is_empty() { fault } else { fault.with("pinned_domains", pinned) })
}

fn other_pin(pin: Option<MailProvider>, quoted: Option<MailProvider>) -> bool {
    matches!((pin, quoted), (Some(pin), Some(quoted)) if pin != quoted)
}

/// At most five names, for a message; the details have all.
fn few(names: &[&str]) -> String {
    let more = names.len().saturating_sub(5);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn other_size(quote: &Quote, need: Need) -> Option<Fault> {
    let quoted = quote.held.need.filter(|quoted| *quoted != need)?;
    let message = format!(
        "Quote {} is for {}, and this order is for {}. Send the size that was quoted, or quote this order first.",
        quote.id,
        size(quoted),
        size(need)
    );
    Some(Fault::invalid(FIELD, message).with("quoted_size", counts(quoted)).with("order_size", counts(need)))
}

fn size(need: Need) -> String {
    format!(
        "{} Google and {} Microsoft licences with {} inboxes on a Google domain",
        need.google_licenses, need.microsoft_domains, need.google_inboxes_per_domain
    )
}

fn counts(need: Need) -> Value {
    json!({
        "google_licenses": need.google_licenses,
        "microsoft_licenses": need.microsoft_domains,
        "google_inboxes_per_domain": need.google_inboxes_per_domain,
    })
}

/// The rows, each name pinned to the provider that the quote gave it.
pub(super) fn as_quoted(rows: &[NameRow], quote: Option<&Quote>) -> Vec<NameRow> {
    let mut rows = rows.to_vec();
    let Some(quote) = quote else { return rows };
    let providers: BTreeMap<_, _> = quote.names.iter().map(|one| (&one.name, one.provider)).collect();
    for row in &mut rows {
        row.wanted.provider = providers.get(&row.wanted.name).copied().flatten().or(row.wanted.provider);
    }
    rows
}

/// The total is not the quote's: above it, or any other once the quote holds no longer.
pub(super) fn price_fault(quote: &Quote, total: Cents, complete: bool, now: Now) -> Option<Fault> {
    let (holds, said) = (quote.holds(now.partner()), quote.total_cents);
    if total == said || (total < said && (holds || !complete)) {
        return None;
    }
    let message = if holds {
        format!(
            "The order costs {total} cents, over the {said} of quote {}, which had no price for all of it. Nothing was bought. Quote the order again.",
            quote.id
        )
    } else {
        format!(
            "Quote {} held until {}; the order costs {total} cents now and not {said}. Nothing was bought. Quote it again, or leave quote_id out.",
            quote.id, quote.expires_at
        )
    };
    Some(price_changed(FIELD, message, said, total))
}

pub(super) fn price_changed(field: &str, message: String, expected: Cents, actual: Cents) -> Fault {
    Fault::new(Code::PriceChanged, message).at(field).with("expected_cents", expected).with("actual_cents", actual)
}

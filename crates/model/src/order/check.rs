//! The checks of an order, in the order that the contract states them.

use serde_json::{Value, json};

use super::facts::{Facts, NameRow};
use super::{Need, Placing, Size, UserRef, Wanted, quoted};
use crate::bundle::{Bundle, BundleStatus, Sizing};
use crate::clock::Time;
use crate::domain::{Domain, DomainName, DomainStatus, NameAnswer, Unavailable, Verdict};
use crate::id::{Id as _, OrderId, PartnerId};
use crate::redirect::Site;
use crate::refusal::{Code, Fault, Refusal};
use crate::shown::short;

/// Checks what needs no outside call: customer, reference, quote, bundle, count.
///
/// # Errors
/// Every fault of the first stage that has one.
pub fn check_records(placing: &Placing, facts: &Facts, sizing: &Sizing) -> Result<Need, Refusal> {
    Refusal::unless_empty(user_faults(placing, facts))?;
    let bundle = check_bundle(placing, facts)?;
    let need = Need::of(&placing.size, bundle, sizing).ok_or_else(|| bundle_missing(&placing.size))?;
    let differences = quoted::differences(placing, facts, need);
    let faults = differences.into_iter().chain(count_faults(placing, need, sizing)).chain(redirect_faults(placing));
    Refusal::unless_empty(faults.collect())?;
    Ok(need)
}

pub(super) fn user_faults(placing: &Placing, facts: &Facts) -> Vec<Fault> {
    let mut faults = vec![];
    if let (Some(UserRef::Id(id)), None) = (&placing.user, &facts.user) {
        faults.push(
            Fault::new(
                Code::NotFound,
                format!(
                    "There is no user {}. Send an existing user's id, or an e-mail address to make one.",
                    short(id.as_str())
                ),
            )
            .at("user"),
        );
    }
    if let Some(order) = &facts.reference_taken_by {
        let message = format!(
            "Order {order} already has this reference. A reference is used once; read that order, or send another reference."
        );
        faults.push(Fault::new(Code::AlreadyExists, message).at("reference").with("id", order.to_string()));
    }
    faults.extend(quoted::unknown_quote(placing, facts));
    faults
}

pub(super) fn check_bundle<'a>(placing: &Placing, facts: &'a Facts) -> Result<Option<&'a Bundle>, Refusal> {
    match (&placing.size, &facts.bundle) {
        (Size::Bundle(_), None) => Err(bundle_missing(&placing.size)),
        (Size::Bundle(id), Some(bundle)) if bundle.status == BundleStatus::Archived => {
            let message = format!("Bundle {id} is archived and takes no new orders. Choose an active bundle.");
            Err(Fault::new(Code::BundleArchived, message).at("bundle_id").into())
        }
        (_, bundle) => Ok(bundle.as_ref()),
    }
}

fn bundle_missing(size: &Size) -> Refusal {
    let id = match size {
        Size::Bundle(id) => id.to_string(),
        Size::Licenses { .. } => String::new(),
    };
    Fault::new(Code::NotFound, format!("There is no bundle {id}. List the bundles with GET /bundles."))
        .at("bundle_id")
        .into()
}

pub(super) fn count_faults(placing: &Placing, need: Need, sizing: &Sizing) -> Vec<Fault> {
    let submitted = i64::try_from(placing.domains.len()).unwrap_or(i64::MAX);
    let required = need.domains();
    if required > sizing.max_domains {
        let message = format!(
            "This size needs {} and one order takes at most {}. Split it into several orders.",
            domains(required),
            sizing.max_domains
        );
        return vec![Fault::invalid(size_field(&placing.size), message)];
    }
    if submitted == required {
        return vec![];
    }
    let (missing, extra) = ((required - submitted).max(0), (submitted - required).max(0));
    let were = if submitted == 1 { "was" } else { "were" };
    let remedy = if missing > 0 { format!("Add {missing} more") } else { format!("Remove {extra}") };
    let message = format!("This size needs {} and {submitted} {were} sent. {remedy}.", domains(required));
    let mut fault = Fault::new(Code::DomainCountMismatch, message)
        .at("domains")
        .with("required_count", required)
        .with("submitted_count", submitted)
        .with("missing_count", missing);
    if extra > 0 {
        fault = fault.with("extra_count", extra);
    }
    vec![fault]
}

/// A web address that leads to itself never leads anywhere.
fn redirect_faults(placing: &Placing) -> Vec<Fault> {
    let mut faults = vec![];
    for (n, wanted) in placing.domains.iter().enumerate() {
        let Some(target) = wanted.forwarding_url.as_ref().or(placing.forwarding_url.as_ref()) else { continue };
        if !Site::leads_to_itself(wanted.name.as_str(), target) {
            continue;
        }
        let own = format!("domains[{n}].forwarding_url");
        let field = if wanted.forwarding_url.is_some() { own.as_str() } else { "forwarding_url" };
        let message = format!("The web address of {} would lead to itself. Send another address.", wanted.name);
        if faults.iter().all(|fault: &Fault| fault.field.as_deref() != Some(field)) {
            faults.push(Fault::invalid(field, message));
        }
    }
    faults
}

/// A number of domains, in words.
pub(super) fn domains(count: i64) -> String {
    format!("{count} {}", if count == 1 { "domain" } else { "domains" })
}

const fn size_field(size: &Size) -> &'static str {
    match size {
        Size::Bundle(_) => "bundle_id",
        Size::Licenses { google: 0, .. } => "microsoft_licenses",
        Size::Licenses { .. } => "google_licenses",
    }
}

/// Looks where every name can be had: from the partner's inventory, or bought now. `answers` are what
/// the registrar said about the names that are not in `held`. The fault, if there is one, lists every
/// name that cannot be had.
pub(super) fn look_up_names(
    partner: &PartnerId,
    placing: &Placing,
    held: &[Domain],
    answers: &[NameAnswer],
) -> (Vec<NameRow>, Option<Fault>) {
    let (mut rows, mut refused, mut first) = (vec![], vec![], None);
    for (n, wanted) in placing.domains.iter().enumerate() {
        match source_of(partner, wanted, held, answers) {
            Ok(row) => rows.push(row),
            Err(reason) => {
                first.get_or_insert(n);
                refused.push(reason.row(&wanted.name));
            }
        }
    }
    (rows, first.map(|n| unavailable(n, refused)))
}

/// The same for one name that takes another's place.
pub(crate) fn look_up_one(
    partner: &PartnerId,
    wanted: &Wanted,
    held: &[Domain],
    answers: &[NameAnswer],
) -> Result<NameRow, Refusal> {
    source_of(partner, wanted, held, answers)
        .map_err(|reason| unavailable(0, vec![reason.row(&wanted.name)]).at("replacement_domain").into())
}

fn unavailable(first: usize, refused: Vec<Value>) -> Fault {
    let names: Vec<_> = refused.iter().filter_map(|row| row["domain"].as_str()).take(5).collect();
    let more = refused.len().saturating_sub(names.len());
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message =
        format!("Cannot be had now: {}{tail}. Nothing was bought or charged. {}", names.join(", "), next_for(&refused));
    Fault::new(Code::DomainUnavailable, message).at(format!("domains[{first}]")).with("domains", refused)
}

/// What to do next: other names help only against names that are gone.
fn next_for(refused: &[Value]) -> String {
    let all =
        |reasons: &[&str]| refused.iter().all(|row| row["reason"].as_str().is_some_and(|one| reasons.contains(&one)));
    if all(&["in_your_order"]) {
        "They are in an order of yours already: read it at GET /orders/{order_id}; details.domains has its id.".into()
    } else if all(&["import_in_progress"]) {
        "You are importing them: set their nameservers (GET /domains/import?domains= says which), and try again when they are connected.".into()
    } else if all(&["errored", "stale"]) {
        let last = refused.iter().filter_map(|row| row["retry_at"].as_str()).max();
        let when = last.map_or_else(|| "in a minute".to_owned(), |at| format!("at {at}"));
        format!("The registrar did not answer for them: try again {when}.")
    } else {
        "details.domains has a reason for each: choose other names for those that are gone, and try again.".into()
    }
}

enum Reason {
    Said(Unavailable, Option<Time>),
    InYourOrder(OrderId),
    ImportInProgress,
    Refused,
}

impl Reason {
    fn row(&self, name: &DomainName) -> Value {
        match self {
            Self::Said(reason, None) => json!({ "domain": name, "reason": reason }),
            Self::Said(reason, Some(retry_at)) => json!({ "domain": name, "reason": reason, "retry_at": retry_at }),
            Self::InYourOrder(order) => json!({ "domain": name, "reason": "in_your_order", "order_id": order }),
            Self::ImportInProgress => json!({ "domain": name, "reason": "import_in_progress" }),
            Self::Refused => json!({ "domain": name, "reason": "refused_by_registrar" }),
        }
    }
}

fn source_of(partner: &PartnerId, wanted: &Wanted, held: &[Domain], answers: &[NameAnswer]) -> Result<NameRow, Reason> {
    if let Some(domain) = held.iter().find(|domain| domain.name == wanted.name) {
        return from_inventory(partner, wanted, domain);
    }
    let answer = answers.iter().find(|answer| answer.name == wanted.name);
    match answer.map(|answer| &answer.verdict) {
        Some(Verdict::Buyable { price_cents, renewal_price_cents, usable_for }) => Ok(NameRow {
            account: answer.and_then(|answer| answer.account.clone()),
            wanted: wanted.clone(),
            inventory: None,
            usable_for: usable_for.clone(),
            cost_cents: *price_cents,
            renewal_cost_cents: *renewal_price_cents,
        }),
        Some(Verdict::Not(reason)) => Err(Reason::Said(*reason, answer.and_then(|answer| answer.retry_at))),
        None => Err(Reason::Refused),
    }
}

fn from_inventory(partner: &PartnerId, wanted: &Wanted, domain: &Domain) -> Result<NameRow, Reason> {
    if &domain.partner != partner {
        return Err(Reason::Said(Unavailable::Taken, None));
    }
    match (&domain.order, domain.status) {
        (None, DomainStatus::Available) => Ok(NameRow {
            wanted: wanted.clone(),
            inventory: Some(domain.clone()),
            usable_for: domain.usable_for.clone(),
            cost_cents: 0,
            renewal_cost_cents: 0,
            account: None,
        }),
        (Some(order), _) => Err(Reason::InYourOrder(order.clone())),
        // The partner's own, and not ready: its import waits for its nameservers.
        (None, _) => Err(Reason::ImportInProgress),
    }
}

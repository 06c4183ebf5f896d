//! Everything that can be said about an order before it is placed, and all that stands in its way.

use super::check::{check_bundle, count_faults, look_up_names, user_faults};
use super::{Facts, NameRow, Need, Placing, Rules, assign, price};
use crate::domain::{DomainName, MailProvider, NameAnswer};
use crate::id::PartnerId;
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

/// Looks at an order as [`super::place`] would, but goes on where that stops.
///
/// `shape` are the faults that the body itself already has. While an entry of its `domains` is no
/// name, their count says nothing.
#[must_use]
pub fn survey(
    partner: &PartnerId,
    placing: &Placing,
    shape: Vec<Fault>,
    facts: &Facts,
    answers: &[NameAnswer],
    rules: &Rules,
) -> Survey {
    let countable = !shape.iter().any(is_about_a_name);
    let mut faults = shape;
    faults.extend(user_faults(placing, facts));
    faults.extend(faults_of(check_bundle(placing, facts)));
    let need = Need::of(&placing.size, facts.bundle.as_ref(), &rules.sizing);
    let counted = need.filter(|_| countable).map_or(vec![], |need| count_faults(placing, need, &rules.sizing));
    let (rows, unavailable) = look_up_names(partner, placing, &facts.held, answers);
    let complete = countable && counted.is_empty() && unavailable.is_none();
    faults.extend(counted);
    faults.extend(unavailable);
    let mut assignment = vec![];
    if let Some(need) = need {
        faults.extend(faults_of(price(placing, &rows, need, &rules.book)));
        match assign(&rows, need) {
            Ok(providers) if complete => {
                assignment = rows.iter().map(|row| row.wanted.name.clone()).zip(providers).collect();
            }
            Err(refusal) if complete => faults.extend(refusal.faults().cloned()),
            // With names missing or left over it would only repeat that.
            _ => {}
        }
    }
    Survey { need, rows, assignment, faults }
}

fn is_about_a_name(fault: &Fault) -> bool {
    fault.field.as_deref().is_some_and(|field| field.starts_with("domains["))
}

fn faults_of<T>(result: Result<T, Refusal>) -> Vec<Fault> {
    result.err().map_or(vec![], |refusal| refusal.faults().cloned().collect())
}

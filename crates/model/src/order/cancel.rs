//! Cancelling an order or some of its domains, and taking that back.

use std::collections::{HashMap, HashSet};

use super::{Order, OrderStatus, Tally, await_period, status_of};
use crate::change::Change;
use crate::clock::{Now, Time};
use crate::domain::{Class, Domain, DomainName, DomainStatus, Stop};
use crate::event::{Event, EventKind};
use crate::id::{DomainId, Ids, RunId};
use crate::ledger::{Line, Sum};
use crate::refusal::{Code, Fault, Refusal};
use crate::run::{Run, RunKind, plan_renewal};
use crate::shown::short;
use crate::swap::{self, Swap};
use crate::view;

/// The order as it stands, locked.
#[derive(Clone, Debug)]
pub struct Cancellation {
    /// The order.
    pub order: Order,
    /// Its domains.
    pub domains: Vec<Domain>,
    /// Everything that was booked for it, added up.
    pub sums: Vec<Sum>,
    /// The lines of the domains that its open swaps replace.
    pub lines: Vec<Line>,
    /// Its runs that have not ended.
    pub runs: Vec<Run>,
    /// Its open swaps.
    pub swaps: Vec<Swap>,
}

impl Cancellation {
    /// The order and domain rows that are no longer what they were.
    pub(crate) fn rows_since(self, before: &Self) -> Change {
        let mut change = Change::default();
        let changed = self.domains.into_iter().zip(&before.domains).filter(|(after, before)| after != *before);
        change.domains.update.extend(changed.map(|(after, _)| after));
        if self.order != before.order {
            change.orders.update.push(self.order);
        }
        change
    }
}

/// Cancels the whole order, or the `chosen` domains (ids or names) of it, to the end of the paid period.
///
/// # Errors
/// `conflict` when the order has ended; `not_found` and `conflict` for chosen domains.
pub fn cancel(
    mut facts: Cancellation,
    chosen: Option<&[String]>,
    now: Now,
    ids: &Ids,
) -> Result<(Change, view::Cancelled), Refusal> {
    refuse_ended(&facts.order)?;
    let leaving = match chosen {
        Some(chosen) => find(&facts.domains, chosen)?,
        None => {
            let leaves = |domain: &&Domain| counts(domain) || was_cancelled(domain);
            facts.domains.iter().filter(leaves).map(|domain| domain.id.clone()).collect()
        }
    };
    let mut change = Change::default();
    let leaving_ids: HashSet<_> = leaving.iter().collect();
    let leaves = |domain: &Domain| domain.cancels_at.is_some() || leaving_ids.contains(&domain.id);
    let whole = facts.domains.iter().filter(|domain| counts(domain)).all(leaves);
    let before = facts.clone();
    if facts.order.status != OrderStatus::CancelScheduled {
        change.append(swap::leave(&mut facts, &leaving, now, ids));
        schedule(&mut facts, &leaving_ids, &mut change);
        if whole {
            facts.order.status = OrderStatus::CancelScheduled;
            facts.order.cancels_at = Some(facts.order.renews_at);
        }
        if facts.order != before.order || facts.domains != before.domains {
            facts.order.cancel_scheduled_at = Some(now.partner());
            change.append(await_period(&mut facts.order, now, ids));
        }
        if whole {
            tell(&mut facts, EventKind::OrderCancelScheduled, now, ids, &mut change);
        }
    }
    let answer = view::Cancelled::of(&facts.order, &facts.domains, &leaving);
    change.append(facts.rows_since(&before));
    Ok((change, answer))
}

fn refuse_ended(order: &Order) -> Result<(), Refusal> {
    let reason = match order.status {
        OrderStatus::Failed => "order_failed",
        OrderStatus::Cancelled => "order_cancelled",
        _ => return Ok(()),
    };
    let message = format!("Order {} has ended already: nothing can be cancelled or taken back.", order.id);
    Err(Fault::new(Code::Conflict, message).with("reason", reason).into())
}

fn find(domains: &[Domain], chosen: &[String]) -> Result<Vec<DomainId>, Refusal> {
    let (mut found, mut faults) = (vec![], vec![]);
    for (n, text) in chosen.iter().enumerate() {
        let name = DomainName::parse(text).ok();
        let is_meant = |domain: &&Domain| domain.id.to_string() == *text || Some(&domain.name) == name.as_ref();
        let mut named = domains.iter().filter(is_meant);
        let here = named.clone().find(|domain| is_live(domain)).or_else(|| named.next());
        let field = format!("domains[{n}]");
        match here {
            Some(domain) if is_live(domain) && is_replacement_in_the_making(domain) => {
                let message = format!(
                    "{} is still being made to take another's place. Cancel its swap, or the domain that it replaces.",
                    domain.name
                );
                faults.push(Fault::new(Code::Conflict, message).at(field).with("reason", "in_a_swap"));
            }
            Some(domain) if is_live(domain) || was_cancelled(domain) => found.push(domain.id.clone()),
            Some(domain) => {
                let message =
                    format!("{} is {}: it has left the order, or is leaving.", domain.name, domain.status.as_str());
                faults.push(Fault::new(Code::Conflict, message).at(field).with("reason", "not_live"));
            }
            None => {
                let message = format!("The order has no domain {}. GET /orders/{{id}} lists its domains.", short(text));
                faults.push(Fault::new(Code::NotFound, message).at(field));
            }
        }
    }
    Refusal::unless_empty(faults)?;
    found.sort();
    found.dedup();
    Ok(found)
}

/// One that another takes the place of has as good as left: the other counts.
const fn is_live(domain: &Domain) -> bool {
    let stopped = matches!(domain.status, DomainStatus::Releasing) && domain.cancels_at.is_some();
    let live = stopped || matches!(domain.status.class(), Class::Open | Class::Active | Class::Asking);
    live && !matches!(domain.stop, Some(Stop::Replaced))
}

/// It was cancelled before it was bought, and the period that it would have been paid for still goes on.
const fn was_cancelled(domain: &Domain) -> bool {
    matches!(domain.status, DomainStatus::Released) && domain.cancels_at.is_some()
}

/// A replacement that is still being made is no domain of its own: it stands or falls with its swap.
const fn counts(domain: &Domain) -> bool {
    is_live(domain) && !is_replacement_in_the_making(domain)
}

const fn is_replacement_in_the_making(domain: &Domain) -> bool {
    domain.swap.is_some() && domain.connected_at.is_none()
}

/// What has never worked stops at its next step; the rest stays until the paid period ends. That end is over already
/// when nothing of the order has worked in its first month.
fn schedule(facts: &mut Cancellation, leaving: &HashSet<&DomainId>, change: &mut Change) {
    let (cancels_at, mut making) = (facts.order.renews_at, making(&facts.runs));
    for domain in facts.domains.iter_mut().filter(|domain| leaving.contains(&domain.id)) {
        domain.cancels_at.get_or_insert(cancels_at);
        let ends = matches!(domain.status, DomainStatus::Releasing | DomainStatus::Released);
        if domain.connected_at.is_none() && domain.stop.is_none() && !ends {
            domain.stop = Some(Stop::Cancelled);
            change.make_due.extend(making.remove(&domain.id).unwrap_or_default());
        }
    }
}

/// The runs that are making domains.
fn making(runs: &[Run]) -> HashMap<DomainId, Vec<RunId>> {
    let mut making: HashMap<_, Vec<_>> = HashMap::new();
    let open = |run: &&Run| run.kind == RunKind::Provision && run.is_live();
    for run in runs.iter().filter(open) {
        making.entry(run.domain.clone()).or_default().push(run.id.clone());
    }
    making
}

/// Takes a cancellation back that has not taken effect: what had stopped goes on, what was credited stays gone.
///
/// # Errors
/// `conflict` when nothing is scheduled, or nothing would be left.
pub fn undo(mut facts: Cancellation, now: Now, ids: &Ids) -> Result<(Change, view::Order), Refusal> {
    refuse_ended(&facts.order)?;
    let scheduled = |at: Option<Time>| at.is_some_and(|at| at > now.partner());
    let before = facts.clone();
    if !scheduled(facts.order.cancels_at) && !facts.domains.iter().any(|domain| scheduled(domain.cancels_at)) {
        let message = "No cancellation is scheduled that could still be undone.";
        return Err(Fault::new(Code::Conflict, message).with("reason", "not_scheduled").into());
    }
    let mut change = Change::default();
    let renewing: HashSet<_> = facts.runs.iter().filter(|run| is_renewal(run)).map(|run| &run.domain).collect();
    for domain in facts.domains.iter_mut().filter(|domain| scheduled(domain.cancels_at)) {
        domain.cancels_at = None;
        change.append(renew_again(domain, &renewing, now, ids));
        if domain.stop == Some(Stop::Cancelled) {
            domain.stop = None;
        } else if domain.status == DomainStatus::Releasing {
            change.append(resume(domain, now, ids));
        }
    }
    let mut tally = Tally::default();
    facts.domains.iter().for_each(|domain| tally.add(domain.status, 1));
    if tally.open + tally.active + tally.asking == 0 {
        let message = "Everything in this order was credited already; place a new order.";
        return Err(Fault::new(Code::Conflict, message).with("reason", "nothing_left").into());
    }
    facts.order.cancels_at = None;
    facts.order.cancel_scheduled_at = None;
    // What was credited meanwhile does not come back.
    facts.order.domain_count = facts.domains.iter().filter(|domain| counts(domain)).map(|_| 1).sum();
    let done = facts.order.completed_at.is_some();
    facts.order.status = if done { OrderStatus::Completed } else { status_of(tally) };
    tell(&mut facts, EventKind::OrderCancelUndone, now, ids, &mut change);
    if !done && facts.order.status == OrderStatus::Completed {
        // What was still being made was credited: nothing else will ever complete the order.
        facts.order.completed_at = Some(now.partner());
        tell(&mut facts, EventKind::OrderCompleted, now, ids, &mut change);
    }
    let answer = view::Order::of_sums(&facts.order, &facts.domains, &facts.sums);
    change.append(facts.rows_since(&before));
    Ok((change, answer))
}

fn is_renewal(run: &Run) -> bool {
    run.kind == RunKind::Renew && run.is_live()
}

/// A registration that fell due while the domain was to leave was not renewed, and nobody would look again.
fn renew_again(domain: &Domain, renewing: &HashSet<&DomainId>, now: Now, ids: &Ids) -> Change {
    if renewing.contains(&domain.id) || domain.connected_at.is_none() {
        Change::default()
    } else {
        plan_renewal(domain, now, ids)
    }
}

/// Begins the work on a domain anew: every step looks for what is there already.
fn resume(domain: &mut Domain, now: Now, ids: &Ids) -> Change {
    domain.status = DomainStatus::Pending;
    let run = Run::new(ids.next(), RunKind::Provision, domain, now);
    let mut change = Change::default();
    change.begin(run, now.server, ids);
    change
}

fn tell(facts: &mut Cancellation, kind: EventKind, now: Now, ids: &Ids, change: &mut Change) {
    let data = view::text(&view::Order::of_sums(&facts.order, &facts.domains, &facts.sums));
    change.events.push(Event::of_order(&mut facts.order, kind, None, data, now, ids));
}

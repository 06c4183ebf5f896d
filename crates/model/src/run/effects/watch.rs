//! Looking after a domain that works: what its records show is told when it changes.

use super::question;
use crate::action::{Action, ActionType};
use crate::change::Change;
use crate::clock::{DAY, HOUR, Now, Time};
use crate::dns::{DnsHealth, Health};
use crate::domain::{Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::id::{DomainId, Id as _, Ids};
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::order::Order;
use crate::run::{Late, Memory, Moved, Next, Run, RunKind, look_again};
use crate::task::Task;
use crate::view;

/// How often a domain that works is looked at, in microseconds.
pub const LOOK: i64 = DAY;

/// What is around a look, as it stands before the move.
#[derive(Clone, Debug)]
pub struct Watching {
    /// The order, locked.
    pub order: Order,
    /// The domain before the move.
    pub before: Domain,
    /// The domain's open action, when it has one.
    pub open_action: Option<Action>,
    /// Its inboxes before the move.
    pub inboxes: Vec<Inbox>,
    /// The other runs on the domain; asked for when the look was the last one and it has left.
    pub others: Vec<Run>,
}

/// Whether a watch ends with a domain that has left, and may have linked an inbox after that was unlinked for the last time.
#[must_use]
pub fn leaves_something(moved: &Moved) -> bool {
    let is_gone = matches!(moved.domain.status, DomainStatus::Failed | DomainStatus::Released);
    moved.next == Next::Finished && is_gone && moved.run.memory.has_put_right()
}

/// The run that looks after a domain, and the task that waits for its first look.
#[must_use]
pub(crate) fn plan_watch(run: &Run, domain: &Domain, now: Now, ids: &Ids) -> Change {
    let memory = Memory {
        nameservers: run.memory.nameservers.clone(),
        mail_records: run.memory.mail_records.clone(),
        ..Memory::default()
    };
    let next = Run { memory, ..Run::new(ids.next(), RunKind::Watch, domain, now) };
    let mut change = Change::default();
    let due_at = now.due(now.partner().plus(LOOK));
    change.tasks.push(Task::for_run(ids.next(), &next.id, &next.partner, &next.world, due_at));
    change.runs.insert.push(next);
    change
}

/// When a domain is looked at next, partner time: each has its own time of the day, so that five hundred that were connected
/// together are not looked at together. It is most of a day ahead at least.
#[must_use]
pub fn next_look(domain: &DomainId, now: Time) -> Time {
    // FNV-1a: the same on every process.
    let mixed = domain
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let own = i64::try_from(mixed >> 1).unwrap_or(0) % LOOK;
    let soonest = now.plus(LOOK - HOUR);
    soonest.plus((own - soonest.0).rem_euclid(LOOK))
}

/// Decides everything that follows from the move beyond the run and its domain.
#[must_use]
pub fn watch(facts: &Watching, moved: &Moved, now: Now, ids: &Ids) -> Change {
    let mut order = facts.order.clone();
    let mut change = Change::default();
    let open = facts.open_action.as_ref();
    let question = question::follow_own(&[ActionType::Nameservers, ActionType::MailProvider], open, moved, now, ids);
    let drift = drift(facts.before.dns.as_ref(), moved.domain.dns.as_ref());
    let drift = drift.map(|kind| (kind, view::text(&view::Domain::of(&moved.domain))));
    let asked = question.told(&moved.domain).map(|data| (EventKind::DomainActionRequired, data));
    change.actions = question.actions;
    for (kind, data) in drift.into_iter().chain(asked) {
        change.events.push(Event::of_order(&mut order, kind, Some(moved.domain.id.clone()), data, now, ids));
    }
    for (kind, inbox) in told(&facts.inboxes, &moved.inboxes.inboxes.update) {
        let data = view::text(&view::Inbox::of(inbox));
        change.events.push(Event::of_order(&mut order, kind, Some(moved.domain.id.clone()), data, now, ids));
    }
    if moved.next == Next::Finished && moved.domain.status == DomainStatus::Active {
        change.append(plan_watch(&moved.run, &moved.domain, now, ids));
    }
    if leaves_something(moved) {
        let late = Late { run: moved.run.clone(), domain: moved.domain.clone(), runs: facts.others.clone() };
        change.append(look_again(&late, now, ids));
    }
    if order != facts.order {
        change.orders.update.push(order);
    }
    change
}

/// What is told of inboxes that are not any more as they were.
fn told<'a>(before: &[Inbox], after: &'a [Inbox]) -> Vec<(EventKind, &'a Inbox)> {
    let kinds = |inbox: &Inbox| {
        let Some(was) = before.iter().find(|one| one.id == inbox.id) else { return vec![] };
        let status = (was.status != inbox.status).then_some(inbox.status);
        let link = (was.link != inbox.link).then_some(inbox.link);
        let lost = [
            (status == Some(InboxStatus::Suspended)).then_some(EventKind::InboxSuspended),
            (link == Some(LinkStatus::Failed)).then_some(EventKind::InboxDisconnected),
        ];
        let lost: Vec<_> = lost.into_iter().flatten().collect();
        let works = inbox.status == InboxStatus::Active && inbox.link == LinkStatus::Linked;
        if lost.is_empty() && works { vec![EventKind::InboxRestored] } else { lost }
    };
    after.iter().flat_map(|inbox| kinds(inbox).into_iter().map(move |kind| (kind, inbox))).collect()
}

/// A record set that was as it should be and is not any more is told; so is that everything is right again, but for what
/// was never there.
fn drift(before: Option<&DnsHealth>, after: Option<&DnsHealth>) -> Option<EventKind> {
    let before = bad(before, [false; 4]);
    let after = bad(after, before);
    let new = after.iter().zip(&before).any(|(is_bad, was_bad)| *is_bad && !was_bad);
    let mended = after.iter().zip(&before).any(|(is_bad, was_bad)| !is_bad && *was_bad);
    let [spf, dmarc, mx, dkim] = after;
    let all = !(spf || dmarc || mx || (dkim && !before[3]));
    match (new, mended && all) {
        (true, _) => Some(EventKind::DomainDnsDrifted),
        (false, true) => Some(EventKind::DomainDnsRestored),
        (false, false) => None,
    }
}

/// Which record sets are not as they should be: who may send, the policy, where mail goes, the keys. What nobody could say is as
/// it was.
fn bad(health: Option<&DnsHealth>, before: [bool; 4]) -> [bool; 4] {
    let Some(health) = health else { return before };
    let sets = [health.spf, health.dmarc, health.mx, health.dkim];
    std::array::from_fn(|n| match sets[n] {
        Health::Ok => false,
        Health::Unknown => before[n],
        Health::Missing | Health::Wrong => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_spread_over_the_day_and_each_domain_keeps_its_time() {
        let now = Time(1_700_000_000_000_000);
        let mut hours = [0; 24];
        for n in 0..2_400 {
            let domain = DomainId::opaque(format!("dom_{n}"));
            let next = next_look(&domain, now);
            assert!(next >= now.plus(LOOK - HOUR) && next < now.plus(2 * LOOK - HOUR));
            assert_eq!(next_look(&domain, next.plus(HOUR / 2)), next.plus(LOOK), "at the same time the day after");
            hours[usize::try_from(next.0.rem_euclid(DAY) / HOUR).unwrap()] += 1;
        }
        assert!(hours.iter().all(|many| (50..200).contains(many)), "{hours:?}");
    }

    #[test]
    fn what_was_never_there_is_no_drift_and_does_not_hide_one() {
        let health = |mx, dkim| DnsHealth { spf: Health::Ok, dkim, dmarc: Health::Ok, mx, checked_at: Time(0) };
        let (ok, gone) = (Health::Ok, Health::Missing);
        for (before, after, told) in [
            (health(ok, gone), health(ok, gone), None),
            (health(ok, gone), health(gone, gone), Some(EventKind::DomainDnsDrifted)),
            (health(gone, gone), health(ok, gone), Some(EventKind::DomainDnsRestored)),
            (health(ok, ok), health(ok, gone), Some(EventKind::DomainDnsDrifted)),
            (health(gone, ok), health(ok, gone), Some(EventKind::DomainDnsDrifted)),
            (health(ok, gone), health(ok, ok), Some(EventKind::DomainDnsRestored)),
            (health(ok, ok), health(Health::Unknown, ok), None),
            (health(gone, ok), health(Health::Unknown, ok), None),
        ] {
            assert_eq!(drift(Some(&before), Some(&after)), told, "{before:?} {after:?}");
        }
        assert_eq!(drift(None, Some(&health(ok, ok))), None);
    }
}

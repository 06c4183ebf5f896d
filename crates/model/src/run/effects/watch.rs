//! Looking after a domain that works: what its records show is told when it changes.

use super::question;
use crate::action::{Action, ActionType};
use crate::change::Change;
use crate::clock::{DAY, HOUR, Now};
use crate::dns::{DnsHealth, Health};
use crate::domain::{Domain, DomainStatus};
use crate::event::{Event, EventKind};
use crate::id::Ids;
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::order::Order;
use crate::run::{Memory, Moved, Next, Run, RunKind};
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
    let due_at = now.due(now.partner().plus(first_look(ids.fraction())));
    change.tasks.push(Task::for_run(ids.next(), &next.id, &next.partner, &next.world, due_at));
    change.runs.insert.push(next);
    change
}

/// When a domain is looked at first, in microseconds from now: somewhere in the day that follows, and each day at that time from
/// then on, so that five hundred that were connected together are not looked at together.
fn first_look(fraction: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a part of a day")]
    let part = (fraction.clamp(0.0, 1.0) * (LOOK - HOUR) as f64) as i64;
    LOOK - part
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
    let (before, after) = (bad(before), bad(after));
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

/// Which record sets are not as they should be: who may send, the policy, where mail goes, the keys.
fn bad(health: Option<&DnsHealth>) -> [bool; 4] {
    let is_bad = |set: fn(&DnsHealth) -> Health| health.is_some_and(|health| set(health) != Health::Ok);
    [is_bad(|it| it.spf), is_bad(|it| it.dmarc), is_bad(|it| it.mx), is_bad(|it| it.dkim)]
}

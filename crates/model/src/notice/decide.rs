//! What follows from what was found: which notices are opened, told again, and closed.

use super::{Finding, Message, MessageKind, Notice, NoticeKind, REMIND, RENEW, UNSEEN};
use crate::change::Change;
use crate::clock::Time;
use crate::id::{EventId, Ids, NoticeId};

/// Something that one process has found, with the ids that its notice gets: they are drawn when it is found, because what
/// cannot be written down is told all the same, and must be recognised when it is written later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What was found.
    pub finding: Finding,
    /// Since when this process has found it, server time.
    pub since: Time,
    /// The id of its notice, if it is new.
    pub notice: NoticeId,
    /// The id of the message that says so.
    pub message: EventId,
    /// Whether the operator's webhook has received that message already.
    pub is_told: bool,
}

/// How far a look reached: what it did not find there is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything of the kind.
    Whole,
    /// Subjects up to this one, in their order: there was more than is looked at.
    UpTo(String),
    /// This subject alone: others belong to other processes and machines.
    Only(String),
    /// Nothing: what is not found now may have been before.
    Nothing,
}

/// A look for one kind of thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// For what.
    pub kind: NoticeKind,
    /// How far.
    pub reach: Reach,
    /// What was found.
    pub found: Vec<Sighting>,
}

/// What is written down already.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The notices that are open.
    pub open: &'a [Notice],
    /// Those that were closed since the look began: it may have seen what is not so any more.
    pub just_closed: &'a [Notice],
}

/// Decides what looks that began at `began` mean at `now`, both server time. `tells` is whether there is a webhook.
#[must_use]
pub fn decide(known: Known<'_>, looked: &[Looked], (began, now): (Time, Time), tells: bool, ids: &Ids) -> Change {
    let mut change = Change::default();
    let sightings = || looked.iter().flat_map(|look| &look.found);
    for sighting in sightings() {
        let is_known = |notices: &[Notice]| notices.iter().any(|notice| notice.finding.is_about(&sighting.finding));
        // Two parts of one look may have found the same.
        if !is_known(known.open) && !is_known(known.just_closed) && !is_known(&change.notices.insert) {
            open(&mut change, sighting, now);
        }
    }
    for notice in known.open {
        match sightings().find(|sighting| sighting.finding.is_about(&notice.finding)) {
            Some(sighting) => keep(&mut change, notice, &sighting.finding, now, ids),
            None if is_over(notice, looked, began, now) => close(&mut change, notice, now, ids),
            None => {}
        }
    }
    change.messages.insert.retain(|_| tells);
    change
}

fn is_over(notice: &Notice, looked: &[Looked], began: Time, now: Time) -> bool {
    let unseen = now.0 - notice.seen_at.0;
    if let Some(lasts) = notice.finding.kind.lasts() {
        return unseen >= lasts;
    }
    let subject = &notice.finding.subject;
    let reaches = |look: &Looked| {
        look.kind == notice.finding.kind
            && match &look.reach {
                Reach::Whole => true,
                Reach::UpTo(last) => subject <= last,
                Reach::Only(only) => subject == only,
                Reach::Nothing => false,
            }
    };
    // What was opened after the look began, it could not know.
    (notice.opened_at < began && looked.iter().any(reaches)) || unseen >= UNSEEN
}

fn open(change: &mut Change, sighting: &Sighting, now: Time) {
    let notice = Notice {
        id: sighting.notice.clone(),
        finding: sighting.finding.clone(),
        opened_at: sighting.since,
        seen_at: now,
        told_at: now,
        closed_at: None,
        version: 1,
    };
    let message = notice.message(sighting.message.clone(), MessageKind::Opened, now);
    // It is kept all the same: what was told and what was not can be followed.
    tell(change, &notice, if sighting.is_told { message.tried(None, now) } else { message });
    change.notices.insert.push(notice);
}

fn keep(change: &mut Change, notice: &Notice, finding: &Finding, now: Time, ids: &Ids) {
    let renew = notice.finding.kind.lasts().map_or(RENEW, |lasts| lasts / 10);
    if now.0 - notice.told_at.0 >= REMIND {
        let told = Notice { finding: finding.clone(), seen_at: now, told_at: now, ..notice.clone() };
        tell(change, &told, told.message(ids.next(), MessageKind::Reminded, now));
        change.notices.update.push(told);
    } else if now.0 - notice.seen_at.0 >= renew {
        change.notices.update.push(Notice { seen_at: now, ..notice.clone() });
    }
}

fn close(change: &mut Change, notice: &Notice, now: Time, ids: &Ids) {
    let closed = Notice { closed_at: Some(now), ..notice.clone() };
    tell(change, &closed, closed.message(ids.next(), MessageKind::Closed, now));
    change.notices.update.push(closed);
}

fn tell(change: &mut Change, notice: &Notice, message: Message) {
    if notice.finding.kind.is_told() {
        change.messages.insert.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{DAY, HOUR, HandClock, SECOND};
    use crate::id::Id as _;

    const NOW: Time = Time(1_778_241_600 * SECOND);
    const LATER: Time = Time(NOW.0 + 10 * SECOND);

    fn finding(kind: NoticeKind, subject: &str) -> Finding {
        let (message, todo) = ("It is so.".into(), "Mend it.".into());
        Finding { kind, subject: subject.into(), partner: None, environment: None, message, todo }
    }

    fn sighting(kind: NoticeKind, subject: &str) -> Sighting {
        let (notice, message) = (NoticeId::opaque(format!("ntc_{subject}")), EventId::opaque(format!("evt_{subject}")));
        Sighting { finding: finding(kind, subject), since: NOW, notice, message, is_told: false }
    }

    fn look(kind: NoticeKind, reach: Reach, subjects: &[&str]) -> Looked {
        Looked { kind, reach, found: subjects.iter().map(|subject| sighting(kind, subject)).collect() }
    }

    fn decided(open: &[Notice], looked: &[Looked], now: Time) -> Change {
        let ids = Ids::seeded(HandClock::at(now), 7);
        decide(Known { open, just_closed: &[] }, looked, (now, now), true, &ids)
    }

    fn told(decision: &Change) -> Vec<MessageKind> {
        decision.messages.insert.iter().map(|message| message.kind).collect()
    }

    fn opened(kind: NoticeKind, subjects: &[&str]) -> Vec<Notice> {
        decided(&[], &[look(kind, Reach::Whole, subjects)], NOW).notices.insert
    }

    #[test]
    fn it_is_told_once_and_closes_by_itself() {
        let first = decided(&[], &[look(NoticeKind::DiskLow, Reach::Whole, &["a", "b", "a"])], NOW);
        assert_eq!((first.notices.insert.len(), told(&first)), (2, vec![MessageKind::Opened; 2]));
        let again = decided(&first.notices.insert, &[look(NoticeKind::DiskLow, Reach::Whole, &["a", "b"])], LATER);
        assert!(again == Change::default());
        let mended = decided(&first.notices.insert, &[look(NoticeKind::DiskLow, Reach::Whole, &["b"])], LATER);
        assert_eq!((mended.notices.update.len(), told(&mended)), (1, vec![MessageKind::Closed]));
        assert_eq!(
            (&mended.notices.update[0].finding.subject, mended.notices.update[0].closed_at),
            (&"a".to_owned(), Some(LATER))
        );
    }

    #[test]
    fn what_nobody_has_looked_at_stays() {
        let open = opened(NoticeKind::DiskLow, &["a", "b"]);
        let looks = [
            vec![],
            vec![look(NoticeKind::FileModes, Reach::Whole, &[])],
            vec![look(NoticeKind::DiskLow, Reach::Only("c".into()), &[])],
            vec![look(NoticeKind::DiskLow, Reach::Nothing, &[])],
        ];
        for looked in looks {
            assert_eq!(decided(&open, &looked, LATER), Change::default(), "{looked:?}");
        }
        let one = decided(&open, &[look(NoticeKind::DiskLow, Reach::Only("a".into()), &[])], LATER);
        assert_eq!(one.notices.update.iter().map(|notice| notice.finding.subject.as_str()).collect::<Vec<_>>(), ["a"]);
        let some = decided(&open, &[look(NoticeKind::DiskLow, Reach::UpTo("a".into()), &[])], LATER);
        assert_eq!(some.notices.update, one.notices.update);
        let gone = decided(&open, &[], NOW.plus(UNSEEN));
        assert_eq!(gone.notices.update.len(), 2, "whoever could see it is not there any more");
    }

    #[test]
    fn a_day_later_the_operator_is_reminded_with_fresh_words() {
        let open = opened(NoticeKind::BackupOld, &["a"]);
        let mut looked = [look(NoticeKind::BackupOld, Reach::Whole, &["a"])];
        looked[0].found[0].finding.message = "It is worse.".into();
        let renewed = decided(&open, &looked, NOW.plus(RENEW));
        assert_eq!((renewed.notices.update.len(), told(&renewed)), (1, vec![]));
        let reminded = decided(&renewed.notices.update, &looked, NOW.plus(DAY));
        assert_eq!(told(&reminded), [MessageKind::Reminded]);
        assert_eq!(reminded.notices.update[0].finding.message, "It is worse.");
        assert_eq!(decided(&reminded.notices.update, &looked, NOW.plus(DAY + 1)), Change::default(), "once a day");
    }

    #[test]
    fn what_happened_once_closes_when_it_has_not_happened_again() {
        let kind = NoticeKind::LogLost;
        let open = opened(kind, &["a"]);
        let quiet = [look(kind, Reach::Nothing, &[])];
        assert_eq!(decided(&open, &quiet, NOW.plus(HOUR - 1)), Change::default());
        let again = decided(&open, &[look(kind, Reach::Nothing, &["a"])], NOW.plus(HOUR - 1));
        assert_eq!(decided(&again.notices.update, &quiet, NOW.plus(HOUR)), Change::default(), "it has happened again");
        assert_eq!(told(&decided(&open, &quiet, NOW.plus(HOUR))), [MessageKind::Closed]);
    }

    #[test]
    fn of_two_who_look_at_once_the_slower_one_undoes_nothing() {
        let kind = NoticeKind::StepParked;
        let open = opened(kind, &["a"]);
        let ids = Ids::seeded(HandClock::at(LATER), 7);
        let blind = [look(kind, Reach::Whole, &[])];
        let before = (NOW.plus(-SECOND), LATER);
        let known = Known { open: &open, just_closed: &[] };
        assert_eq!(decide(known, &blind, before, true, &ids), Change::default(), "it was opened while this one looked");
        let known = Known { open: &[], just_closed: &open };
        let late = [look(kind, Reach::Whole, &["a"])];
        assert_eq!(decide(known, &late, before, true, &ids), Change::default(), "it was closed while this one looked");
    }

    #[test]
    fn nobody_is_told_where_nobody_listens_or_of_the_webhook_itself_or_twice() {
        let looked = [look(NoticeKind::DiskLow, Reach::Whole, &["a"])];
        let ids = Ids::seeded(HandClock::at(NOW), 7);
        let silent = decide(Known { open: &[], just_closed: &[] }, &looked, (NOW, NOW), false, &ids);
        assert_eq!((silent.notices.insert.len(), silent.messages.insert.len()), (1, 0));
        let webhook = decided(&[], &[look(NoticeKind::WebhookFails, Reach::Whole, &["a"])], NOW);
        assert_eq!((webhook.notices.insert.len(), webhook.messages.insert.len()), (1, 0));
        let mut told_already = looked;
        told_already[0].found[0].is_told = true;
        let kept = decided(&[], &told_already, NOW);
        assert_eq!((kept.messages.insert[0].id.as_str(), kept.messages.insert[0].due_at), ("evt_a", None));
    }
}

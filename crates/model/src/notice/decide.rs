//! What follows from what was found: which notices are opened, told again, and closed.

use super::{Finding, Message, MessageKind, Notice, NoticeKind, REMIND, RENEW, UNSEEN};
use crate::change::Change;
use crate::clock::Time;
use crate::id::{EventId, Ids, NoticeId};

/// Something that one process has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// What was found.
    pub finding: Finding,
    /// Since when this process has found it, server time.
    pub since: Time,
    /// When it was last known to be so, server time: whoever saw it end later knows better.
    pub at: Time,
    /// The ids under which the operator's webhook was told of it before it could be written down.
    pub told: Option<(NoticeId, EventId)>,
}

impl Sighting {
    /// The notice that says so, with this id.
    #[must_use]
    pub fn notice(&self, id: NoticeId, now: Time) -> Notice {
        let finding = self.finding.clone();
        Notice { id, finding, opened_at: self.since, seen_at: now, told_at: now, closed_at: None, version: 1 }
    }
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

/// What a process has seen, and when.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The looks.
    pub looked: &'a [Looked],
    /// What is over already, and was told before it could be written down.
    pub over: &'a [Sighting],
    /// When the look began, server time.
    pub began: Time,
}

/// What is written down already.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The notices that are open.
    pub open: &'a [Notice],
    /// Those that were closed since the oldest sighting: it may be of what is not so any more.
    pub closed: &'a [Notice],
    /// Of those that are open, the ones that no webhook was ever to be told of: whoever opened them knows of none.
    pub untold: &'a [NoticeId],
}

impl Known<'_> {
    fn is_told(&self, notice: &Notice) -> bool {
        notice.finding.kind.is_told() && !self.untold.contains(&notice.id)
    }
}

/// Decides what was seen means at a server time. `tells` is whether this process knows of a webhook. Others may know of
/// one that this one does not, so the end of what was told is put down by whoever sees it, and what was opened untold is told
/// by whoever can.
#[must_use]
pub fn decide(known: Known<'_>, seen: Seen<'_>, now: Time, tells: bool, ids: &Ids) -> Change {
    let mut change = Change::default();
    let sightings = || seen.looked.iter().flat_map(|look| &look.found);
    for sighting in sightings() {
        let is_about = |notice: &&Notice| notice.finding.is_about(&sighting.finding);
        let has_ended = known.closed.iter().filter(is_about).any(|notice| notice.closed_at >= Some(sighting.at));
        // Two parts of one look may have found the same.
        let mut open_ones = known.open.iter().chain(&change.notices.insert);
        if !has_ended && !open_ones.any(|notice| is_about(&notice)) {
            open(&mut change, sighting, now, ids);
        }
    }
    change.messages.insert.retain(|message| tells || message.due_at.is_none());
    for sighting in seen.over {
        let notice = open(&mut change, sighting, now, ids);
        let closed = close(&mut change, &notice, now, ids);
        change.notices.insert.pop();
        change.notices.insert.push(closed);
    }
    for notice in known.open {
        let is_told = known.is_told(notice);
        let sighting = sightings().find(|sighting| sighting.finding.is_about(&notice.finding));
        if sighting.is_none() && is_over(notice, seen, now) {
            let closed = if is_told {
                close(&mut change, notice, now, ids)
            } else {
                Notice { closed_at: Some(now), ..notice.clone() }
            };
            change.notices.update.push(closed);
        } else {
            keep(&mut change, (notice, is_told), sighting.map(|one| &one.finding), now, tells, ids);
        }
    }
    change
}

fn is_over(notice: &Notice, seen: Seen<'_>, now: Time) -> bool {
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
    (notice.opened_at < seen.began && seen.looked.iter().any(reaches)) || unseen >= UNSEEN
}

fn open(change: &mut Change, sighting: &Sighting, now: Time, ids: &Ids) -> Notice {
    let (id, message) = sighting.told.clone().unwrap_or_else(|| (ids.next(), ids.next()));
    let notice = sighting.notice(id, now);
    let message = notice.message(message, MessageKind::Opened, now);
    // It is kept all the same: what was told and what was not can be followed.
    tell(change, &notice, if sighting.told.is_some() { message.tried(None, now) } else { message });
    change.notices.insert.push(notice.clone());
    notice
}

/// What is still so is told again after a day, and what was never told is told at once. Who does not tell leaves that to those
/// who do; where nobody does, only the words are renewed.
fn keep(
    change: &mut Change,
    (notice, is_told): (&Notice, bool),
    found: Option<&Finding>,
    now: Time,
    tells: bool,
    ids: &Ids,
) {
    let renew = notice.finding.kind.lasts().map_or(RENEW, |lasts| lasts / 10);
    let unseen = now.0 - notice.seen_at.0;
    // What others see is so for as long as they write that down.
    let is_seen = found.is_some() || unseen <= 2 * RENEW;
    let is_due = now.0 - notice.told_at.0 >= REMIND && is_seen;
    let is_new = tells && !is_told && notice.finding.kind.is_told();
    if is_new || (is_due && (tells || (!is_told && found.is_some()))) {
        let finding = found.unwrap_or(&notice.finding).clone();
        let seen_at = if found.is_some() { now } else { notice.seen_at };
        let told = Notice { finding, seen_at, told_at: now, ..notice.clone() };
        if tells {
            let kind = if is_new { MessageKind::Opened } else { MessageKind::Reminded };
            tell(change, &told, told.message(ids.next(), kind, now));
        }
        change.notices.update.push(told);
    } else if found.is_some() && unseen >= renew {
        change.notices.update.push(Notice { seen_at: now, ..notice.clone() });
    }
}

fn close(change: &mut Change, notice: &Notice, now: Time, ids: &Ids) -> Notice {
    let closed = Notice { closed_at: Some(now), ..notice.clone() };
    tell(change, &closed, closed.message(ids.next(), MessageKind::Closed, now));
    closed
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
        Sighting { finding: finding(kind, subject), since: NOW, at: NOW, told: None }
    }

    fn look(kind: NoticeKind, reach: Reach, subjects: &[&str]) -> Looked {
        Looked { kind, reach, found: subjects.iter().map(|subject| sighting(kind, subject)).collect() }
    }

    fn decided(open: &[Notice], looked: &[Looked], now: Time) -> Change {
        seen(open, &[], looked, now)
    }

    fn seen(open: &[Notice], closed: &[Notice], looked: &[Looked], now: Time) -> Change {
        let ids = Ids::seeded(HandClock::at(now), now.0.unsigned_abs());
        decide(Known { open, closed, untold: &[] }, Seen { looked, over: &[], began: now }, now, true, &ids)
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
        let before = Seen { looked: &blind, over: &[], began: NOW };
        let change = decide(Known { open: &open, closed: &[], untold: &[] }, before, LATER, true, &ids);
        assert_eq!(change, Change::default(), "it was opened while this one looked");
        let late = [look(kind, Reach::Whole, &["a"])];
        let mut closed = open;
        closed[0].closed_at = Some(NOW);
        assert_eq!(seen(&[], &closed, &late, LATER), Change::default(), "it was closed while this one looked");
        closed[0].closed_at = Some(NOW.plus(-1));
        assert_eq!(seen(&[], &closed, &late, LATER).notices.insert.len(), 1, "it is so again");
    }

    #[test]
    fn nobody_is_told_where_nobody_listens_or_of_the_webhook_itself() {
        let looked = [look(NoticeKind::DiskLow, Reach::Whole, &["a"])];
        let ids = Ids::seeded(HandClock::at(NOW), 7);
        let (known, seen) =
            (Known { open: &[], closed: &[], untold: &[] }, Seen { looked: &looked, over: &[], began: NOW });
        let silent = decide(known, seen, NOW, false, &ids);
        assert_eq!((silent.notices.insert.len(), silent.messages.insert.len()), (1, 0));
        let webhook = decided(&[], &[look(NoticeKind::WebhookFails, Reach::Whole, &["a"])], NOW);
        assert_eq!((webhook.notices.insert.len(), webhook.messages.insert.len()), (1, 0));
    }

    #[test]
    fn what_was_told_before_it_could_be_written_is_written_and_not_told_again() {
        let ids = (NoticeId::opaque("ntc_told"), EventId::opaque("evt_told"));
        let mut looked = [look(NoticeKind::DiskLow, Reach::Whole, &["a"])];
        looked[0].found[0].told = Some(ids);
        let kept = decided(&[], &looked, LATER);
        let written = (kept.notices.insert[0].id.as_str(), kept.notices.insert[0].opened_at);
        assert_eq!(written, ("ntc_told", NOW));
        assert_eq!((kept.messages.insert[0].id.as_str(), kept.messages.insert[0].due_at), ("evt_told", None));

        let over = [looked[0].found[0].clone()];
        let ids = Ids::seeded(HandClock::at(LATER), 7);
        let ended = Seen { looked: &[], over: &over, began: LATER };
        let ended = decide(Known { open: &[], closed: &[], untold: &[] }, ended, LATER, true, &ids);
        let notice = &ended.notices.insert[0];
        assert_eq!((ended.notices.insert.len(), notice.id.as_str(), notice.closed_at), (1, "ntc_told", Some(LATER)));
        assert_eq!(told(&ended), [MessageKind::Opened, MessageKind::Closed]);
        let due: Vec<_> = ended.messages.insert.iter().map(|message| message.due_at).collect();
        assert_eq!(due, [None, Some(LATER)], "the end is still to be told");
    }

    #[test]
    fn what_a_process_without_a_webhook_opens_is_told_by_one_that_has_it_and_its_end_by_whoever_sees_it() {
        let ids = Ids::seeded(HandClock::at(NOW), 7);
        let (found, mended) =
            ([look(NoticeKind::DiskLow, Reach::Whole, &["a"])], [look(NoticeKind::DiskLow, Reach::Whole, &[])]);
        let decide_as = |open: &[Notice], untold: &[NoticeId], looked: &[Looked], now: Time, tells: bool| {
            let seen = Seen { looked, over: &[], began: now };
            decide(Known { open, closed: &[], untold }, seen, now, tells, &ids)
        };
        let silent = decide_as(&[], &[], &found, NOW, false);
        let (open, untold) = (&silent.notices.insert, [silent.notices.insert[0].id.clone()]);
        assert_eq!(told(&silent), []);
        assert_eq!(decide_as(open, &untold, &found, LATER, false), Change::default());
        let ended = decide_as(open, &untold, &mended, LATER, false);
        assert_eq!(
            (ended.notices.update.len(), told(&ended)),
            (1, vec![]),
            "nobody hears the end of what they know nothing of"
        );
        assert_eq!(told(&decide_as(open, &untold, &mended, LATER, true)), []);

        // Whoever has a webhook may be on another machine, and see nothing of it.
        let heard = decide_as(open, &untold, &[], LATER, true);
        assert_eq!((told(&heard), heard.notices.update[0].seen_at), (vec![MessageKind::Opened], NOW));
        let open = &heard.notices.update;
        assert_eq!(decide_as(open, &[], &[], LATER, true), Change::default(), "once");
        assert_eq!(told(&decide_as(open, &[], &mended, LATER, false)), [MessageKind::Closed]);

        let renewed = [Notice { seen_at: LATER.plus(DAY - HOUR), ..open[0].clone() }];
        assert_eq!(told(&decide_as(&renewed, &[], &[], LATER.plus(DAY), true)), [MessageKind::Reminded]);
        let without = decide_as(&renewed, &[], &found, LATER.plus(DAY), false);
        assert_eq!((told(&without), without.notices.update[0].told_at), (vec![], LATER), "it is left to who can");
        let unseen = [Notice { seen_at: LATER.plus(20 * HOUR), ..open[0].clone() }];
        let unseen = decide_as(&unseen, &[], &[], LATER.plus(25 * HOUR), true);
        assert_eq!(unseen, Change::default(), "nobody is reminded of what may have ended");
    }
}

//! What this process has found, in memory: it is there when nothing can be written down.

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::clock::Time;
use model::id::{EventId, NoticeId};
use model::notice::{Finding, Looked, Notice, NoticeKind, Reach, Sighting};

/// One look for one kind of thing.
pub(super) struct Look {
    pub(super) kind: NoticeKind,
    pub(super) reach: Reach,
    /// What was found, and when it was last known to be so.
    pub(super) found: Vec<(Finding, Time)>,
}

/// What this process has found and not seen end.
#[derive(Default)]
pub struct Board(Mutex<State>);

#[derive(Default)]
struct State {
    held: Vec<Held>,
    /// What is over, and was told before it could be written down.
    over: Vec<Sighting>,
    /// Whether what was last found could not be written down.
    is_unwritten: bool,
}

/// A sighting, and whether it is written down.
#[derive(Clone)]
struct Held {
    sighting: Sighting,
    is_written: bool,
}

impl Held {
    fn is_about(&self, finding: &Finding) -> bool {
        self.sighting.finding.is_about(finding)
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what was looked for, and answers it with what is known of each from before. What was found in passing
    /// and is not written yet is found still.
    pub(super) fn take_in(&self, looks: Vec<Look>, now: Time) -> (Vec<Looked>, Vec<Sighting>) {
        let mut state = self.lock();
        let looked: Vec<_> = looks.into_iter().map(|look| state.take_in(look, now)).collect();
        (looked, state.over.clone())
    }

    /// What was found is in the database from now on.
    pub(super) fn written(&self) {
        let mut state = self.lock();
        state.is_unwritten = false;
        state.over.clear();
        state.held.retain(|held| held.sighting.finding.kind.lasts().is_none());
        for held in &mut state.held {
            held.is_written = true;
            held.sighting.told = None;
        }
    }

    /// What was found could not be written down.
    pub(super) fn unwritten(&self) {
        self.lock().is_unwritten = true;
    }

    /// What has to be told from memory, because it cannot be written down.
    pub(super) fn untold(&self) -> Vec<Sighting> {
        let state = self.lock();
        let is_untold = |held: &&Held| {
            let sighting = &held.sighting;
            !held.is_written && sighting.told.is_none() && sighting.finding.kind.is_told()
        };
        let untold = state.held.iter().filter(is_untold).map(|held| held.sighting.clone());
        if state.is_unwritten { untold.collect() } else { vec![] }
    }

    /// The operator's webhook has received it under these ids.
    pub(super) fn told(&self, sighting: &Sighting, ids: &(NoticeId, EventId)) {
        let mut state = self.lock();
        match state.held.iter_mut().find(|held| held.is_about(&sighting.finding)) {
            Some(held) => held.sighting.told = Some(ids.clone()),
            // It ended while it was told.
            None => state.over.push(Sighting { told: Some(ids.clone()), ..sighting.clone() }),
        }
    }

    /// What was found and is not among these.
    #[must_use]
    pub fn beside(&self, written: &[Notice]) -> Vec<Sighting> {
        let is_beside = |held: &&Held| !written.iter().any(|notice| held.is_about(&notice.finding));
        self.lock().held.iter().filter(is_beside).map(|held| held.sighting.clone()).collect()
    }
}

impl State {
    fn take_in(&mut self, look: Look, now: Time) -> Looked {
        let Look { kind, reach, found } = look;
        let (before, others) = self.held.drain(..).partition(|held| held.sighting.finding.kind == kind);
        self.held = others;
        let before: Vec<Held> = before;
        let mut there: Vec<_> = found.into_iter().map(|(finding, at)| seen(&before, finding, at, now)).collect();
        for held in before {
            if there.iter().any(|one| one.is_about(&held.sighting.finding)) {
                continue;
            }
            match kind.lasts() {
                Some(_) => there.push(held),
                None if held.sighting.told.is_some() => self.over.push(held.sighting),
                None => {}
            }
        }
        self.held.extend(there.iter().cloned());
        Looked { kind, reach, found: there.into_iter().map(|held| held.sighting).collect() }
    }
}

fn seen(before: &[Held], finding: Finding, at: Time, now: Time) -> Held {
    let known = before.iter().find(|held| held.is_about(&finding));
    let since = known.map_or(now, |held| held.sighting.since);
    let told = known.and_then(|held| held.sighting.told.clone());
    let is_written = known.is_some_and(|held| held.is_written);
    Held { sighting: Sighting { finding, since, at, told }, is_written }
}

#[cfg(test)]
mod tests {
    use model::id::Id as _;

    use super::*;

    fn finding(kind: NoticeKind, subject: &str) -> Finding {
        let (message, todo) = ("It is so.".into(), "Mend it.".into());
        Finding { kind, subject: subject.into(), partner: None, environment: None, message, todo }
    }

    fn look(kind: NoticeKind, subjects: &[&str], now: Time) -> Vec<Look> {
        let found = subjects.iter().map(|subject| (finding(kind, subject), now)).collect();
        vec![Look { kind, reach: Reach::Whole, found }]
    }

    fn ids() -> (NoticeId, EventId) {
        (NoticeId::opaque("ntc_1"), EventId::opaque("evt_1"))
    }

    #[test]
    fn what_is_found_again_is_known_from_before() {
        let board = Board::default();
        board.take_in(look(NoticeKind::DiskLow, &["a"], Time(1)), Time(1));
        let (looked, _) = board.take_in(look(NoticeKind::DiskLow, &["a", "b"], Time(2)), Time(2));
        let times: Vec<_> = looked[0].found.iter().map(|one| (one.since, one.at)).collect();
        assert_eq!(times, [(Time(1), Time(2)), (Time(2), Time(2))]);
        assert_eq!(board.beside(&[]).len(), 2);
        board.take_in(look(NoticeKind::DiskLow, &[], Time(3)), Time(3));
        assert_eq!(board.beside(&[]), []);
    }

    #[test]
    fn what_was_told_from_memory_keeps_its_ids_until_it_is_written_even_when_it_is_over() {
        let board = Board::default();
        board.take_in(look(NoticeKind::DiskLow, &["a"], Time(1)), Time(1));
        assert_eq!(board.untold(), [], "it may be written yet");
        board.unwritten();
        let untold = board.untold();
        board.told(&untold[0], &ids());
        assert_eq!((untold.len(), board.untold()), (1, vec![]));
        let (looked, over) = board.take_in(look(NoticeKind::DiskLow, &["a"], Time(2)), Time(2));
        assert_eq!((&looked[0].found[0].told, over.len()), (&Some(ids()), 0));
        let (_, over) = board.take_in(look(NoticeKind::DiskLow, &[], Time(3)), Time(3));
        assert_eq!(over.iter().map(|one| one.told.clone()).collect::<Vec<_>>(), [Some(ids())]);
        board.written();
        assert_eq!(board.take_in(vec![], Time(4)).1, []);
    }

    #[test]
    fn what_is_written_is_not_told_again_when_nothing_can_be_written_any_more() {
        let board = Board::default();
        board.take_in(look(NoticeKind::DiskLow, &["a"], Time(1)), Time(1));
        board.written();
        board.take_in(look(NoticeKind::DiskLow, &["a", "b"], Time(2)), Time(2));
        board.unwritten();
        let untold: Vec<_> = board.untold().into_iter().map(|one| one.finding.subject).collect();
        assert_eq!(untold, ["b"]);
        board.take_in(look(NoticeKind::DiskLow, &[], Time(3)), Time(3));
        assert_eq!(board.take_in(vec![], Time(3)).1, [], "its end is written like that of any other");
    }

    #[test]
    fn what_happened_once_is_kept_until_it_is_written() {
        let board = Board::default();
        board.take_in(look(NoticeKind::PanicCaught, &["a"], Time(1)), Time(1));
        let (looked, _) = board.take_in(look(NoticeKind::PanicCaught, &[], Time(2)), Time(2));
        assert_eq!(looked[0].found.len(), 1);
        board.written();
        let (looked, _) = board.take_in(look(NoticeKind::PanicCaught, &[], Time(3)), Time(3));
        assert_eq!(looked[0].found.len(), 0);
    }
}

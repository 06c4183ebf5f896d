//! What the lists of a key have told, kept for a moment beside its client.
//!
//! That there are more accounts than a list has is kept for long: it leads to nothing but closer looks. Which accounts there are is kept
//! for whoever only looks. Nobody who is about to save or to delete one goes by it: another process may have been there since.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::clock::{MINUTE, Time};

use super::accounts::PAGE;
use super::wire::Account;

/// How long a walk through all lists counts after it was begun, in microseconds: one that a key's limit of a minute has stopped is gone
/// on with. No look is older than a step may take.
const FRESH: i64 = 2 * MINUTE;
/// By so many accounts pages overlap: accounts that vanish meanwhile draw others over their edges.
const OVERLAP: usize = 10;

/// What the lists of a key have told.
#[derive(Debug, Default)]
pub struct Lists {
    has_many: AtomicBool,
    /// As many pages as the last whole walk had.
    pages: AtomicUsize,
    changes: Mutex<Changes>,
    /// How many pages a walk lacks that is under way, and until when that counts.
    lacking: Mutex<Option<(usize, Time)>>,
    /// Whoever walks has it; others wait, and have what was found.
    pub(super) walk: tokio::sync::Mutex<Walk>,
}

/// What this process has changed lately.
#[derive(Debug, Default)]
struct Changes {
    count: u64,
    /// Which change an address had last, since a walk was begun that may be gone by.
    of: BTreeMap<String, u64>,
    /// The last change that took accounts away.
    taken: u64,
}

/// A walk through all lists, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Walk {
    began: Option<Time>,
    /// How many changes there were before it.
    after: u64,
    pub(super) all: Vec<Account>,
    seen: BTreeSet<String>,
    pub(super) offset: usize,
    pub(super) pages: usize,
    pub(super) is_whole: bool,
}

impl Walk {
    /// Adds a page. Nothing on it that was on none before is behind the end.
    pub(super) fn add(&mut self, page: Vec<Account>) {
        self.offset += page.len().saturating_sub(OVERLAP).max(1);
        self.pages += 1;
        let known = self.all.len();
        let Self { seen, .. } = self;
        self.all.extend(page.into_iter().filter(|account| seen.insert(account.id.text())));
        self.is_whole = self.all.len() == known;
    }
}

/// An account of an address is being changed, until this is dropped, whatever has come of it.
pub(super) struct Changing<'a> {
    lists: &'a Lists,
    email: String,
    takes: bool,
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        let mut changes = locked(&self.lists.changes);
        changes.count += 1;
        let count = changes.count;
        changes.of.insert(self.email.to_ascii_lowercase(), count);
        if self.takes {
            changes.taken = count;
        }
    }
}

impl Lists {
    /// Whether a key has more accounts than a list, as far as is known. It may have fewer by now.
    pub(super) fn has_many(&self) -> bool {
        self.has_many.load(Ordering::Relaxed)
    }

    pub(super) fn found(&self, has_many: bool) {
        self.has_many.store(has_many, Ordering::Relaxed);
    }

    /// Somebody begins to change the account of an address now; `takes` when it is to be none.
    pub(super) fn changing(&self, email: &str, takes: bool) -> Changing<'_> {
        Changing { lists: self, email: email.into(), takes }
    }

    /// Whether what a walk finds counts for these addresses: this process has changed none of them since, and has taken no account away,
    /// which moves all behind it.
    pub(super) fn counts(&self, walk: &Walk, emails: &[String], now: Time) -> bool {
        let changes = locked(&self.changes);
        let is_as_before =
            |email: &String| changes.of.get(&email.to_ascii_lowercase()).is_none_or(|count| *count <= walk.after);
        walk.began.is_some_and(|began| now < began.plus(FRESH))
            && changes.taken <= walk.after
            && emails.iter().all(is_as_before)
    }

    /// Begins a walk. Whatever was changed before is seen by it.
    pub(super) fn new_walk(&self, now: Time) -> Walk {
        let mut changes = locked(&self.changes);
        changes.of.clear();
        Walk { began: Some(now), after: changes.count, ..Walk::default() }
    }

    /// A walk has come so far: what it lacks is left to it by those who can wait.
    pub(super) fn note(&self, walk: &Walk) {
        // There may be more by now.
        let lacks = (self.pages.load(Ordering::Relaxed) + 1).saturating_sub(walk.pages).max(1);
        let until = walk.began.map(|began| began.plus(FRESH));
        *locked(&self.lacking) = until.filter(|_| !walk.is_whole).map(|until| (lacks, until));
        if walk.is_whole {
            self.pages.store(walk.pages, Ordering::Relaxed);
            self.found(walk.all.len() >= PAGE);
        }
    }

    /// How many calls are left to a walk that is under way.
    pub(super) fn lacking(&self, now: impl FnOnce() -> Time) -> usize {
        let lacking = *locked(&self.lacking);
        lacking.filter(|(_, until)| now() < *until).map_or(0, |(lacks, _)| lacks)
    }

    /// How many pages a walk has, as far as is known.
    pub(super) fn pages(&self) -> usize {
        self.pages.load(Ordering::Relaxed).max(2)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Places at accounts: of a lane's places no account has more than its share, so that a slow vendor leaves the others theirs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::clock::SECOND;
use model::role::Role;
use model::run::StepName;
use providers::cast::Cast;
use providers::roster::Roster;

/// How soon a step is looked at again that found no place, in microseconds of server time.
pub(crate) const AGAIN: i64 = 2 * SECOND;

/// The places that are taken, by account.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<&'static str, usize>>);

/// A place at each of some accounts, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    places: &'a Places,
    accounts: Vec<&'static str>,
}

impl Places {
    /// A place at each of these accounts, which may have so many; `None` when one of them is full.
    pub(crate) fn enter(&self, wanted: &[(&'static str, usize)]) -> Option<Place<'_>> {
        let mut taken = self.taken();
        let has_room = |(account, most): &(&'static str, usize)| taken.get(account).is_none_or(|own| own < most);
        if !wanted.iter().all(has_room) {
            return None;
        }
        for (account, _) in wanted {
            *taken.entry(account).or_default() += 1;
        }
        Some(Place { places: self, accounts: wanted.iter().map(|(account, _)| *account).collect() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<&'static str, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        for account in &self.accounts {
            if let Some(own) = taken.get_mut(account) {
                *own = own.saturating_sub(1);
            }
        }
    }
}

/// The accounts that a step asks, each with the places that it may have of so many: twice as many as may be asked at once (one
/// waits for its turn while the other is asked), and never more than half of all.
pub(crate) fn wanted(step: StepName, cast: &Cast, roster: &Roster, all: usize) -> Vec<(&'static str, usize)> {
    let account = |role: &Role| match role {
        Role::Registrar => cast.registrar.account,
        Role::Dns => cast.dns.account,
        Role::Redirect => cast.redirector.account,
        Role::Mail => cast.google.account,
        Role::Sequencer => cast.sequencer.account,
        Role::Observer => cast.observer.account,
    };
    // Whoever buys looks at the mail host for a moment only: a slow registrar would take its places from all others.
    let takes = |role: &&Role| step != StepName::RegisterName || **role != Role::Mail;
    let mut accounts: Vec<_> = step.spec().talks_to.iter().filter(takes).map(account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let bounded =
        accounts.into_iter().filter_map(|account| Some((account, roster.accounts.get(account)?.max_in_flight)));
    let half = (all / 2).max(1);
    bounded.map(|(account, most)| (account, most.map_or(half, |most| (2 * most).min(half)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_account_leaves_the_others_their_places() {
        let places = Places::default();
        let slow: Vec<_> = (0..9).filter_map(|_| places.enter(&[("slow", 4)])).collect();
        assert_eq!(slow.len(), 4);
        assert!(places.enter(&[("fast", 4), ("slow", 4)]).is_none(), "both, or none");
        let fast = places.enter(&[("fast", 1)]);
        assert!(fast.is_some() && places.enter(&[("fast", 1)]).is_none());
        drop((slow, fast));
        assert!(places.enter(&[("fast", 1), ("slow", 1)]).is_some());
    }
}

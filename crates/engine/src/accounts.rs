//! How the accounts at providers have been answering, as this process has seen it: what the operator is told of when one
//! does not answer any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::clock::{Clock, Time};
use model::role::Role;
use providers::trouble::Trouble;

use crate::free_seats::FreeSeats;
use crate::places::Places;

/// How an account has been answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it last answered clearly, server time.
    pub good_at: Option<Time>,
    /// Since when it has not, server time.
    pub failing_since: Option<Time>,
    /// When it last did not, server time.
    pub failed_at: Option<Time>,
    /// How often it has not, without a clear answer in between.
    pub failures: u64,
    /// Whether it last said that the account or its configuration is wrong, rather than nothing.
    pub refuses: bool,
}

/// The accounts that were asked since the process began, by account and role.
pub struct Accounts {
    clock: Arc<dyn Clock>,
    seen: Mutex<BTreeMap<(&'static str, &'static str), Standing>>,
    /// How much of a lane they have.
    pub(crate) places: Places,
    /// How many users they can have.
    pub(crate) free_seats: FreeSeats,
}

impl Accounts {
    /// Nobody has been asked yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, seen: Mutex::default(), places: Places::default(), free_seats: FreeSeats::default() }
    }

    /// What is known of each: account, role, and how it stands.
    #[must_use]
    pub fn standings(&self) -> Vec<(&'static str, &'static str, Standing)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|((account, role), standing)| (*account, *role, *standing)).collect()
    }

    /// Takes note of how a call ended; `None` for one that had no answer when it was given up.
    pub(crate) fn note(&self, account: &'static str, role: Role, answer: Option<Result<(), &Trouble>>) {
        let now = self.clock.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = seen.entry((account, role.as_str())).or_default();
        if answer.is_some_and(is_clear) {
            *standing = Standing { good_at: Some(now), ..Standing::default() };
            return;
        }
        standing.failing_since.get_or_insert(now);
        standing.failed_at = Some(now);
        standing.failures += 1;
        standing.refuses = matches!(answer, Some(Err(Trouble::Misconfigured(_))));
    }
}

/// Whether an answer shows that the account works: a no to what was asked does too.
const fn is_clear(answer: Result<(), &Trouble>) -> bool {
    match answer {
        Ok(()) => true,
        Err(trouble) => match trouble {
            Trouble::Refused(_) | Trouble::UnderWay(..) | Trouble::Later(Some(_)) => true,
            Trouble::Unknown | Trouble::Later(None) | Trouble::Misconfigured(_) => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use model::action::ActionReason;
    use model::clock::{HandClock, SECOND};
    use providers::trouble::Refused;

    use super::*;

    #[test]
    fn a_clear_answer_ends_what_was_unclear() {
        let clock = HandClock::at(Time(0));
        let accounts = Accounts::new(clock.clone());
        let note = |answer: Option<Result<(), &Trouble>>| {
            clock.advance(SECOND);
            accounts.note("acme", Role::Registrar, answer);
            accounts.standings()[0].2
        };
        note(None);
        note(Some(Err(&Trouble::Later(None))));
        let standing = note(Some(Err(&Trouble::Misconfigured("The key is wrong.".into()))));
        assert_eq!((standing.failures, standing.refuses, standing.good_at), (3, true, None));
        assert_eq!((standing.failing_since, standing.failed_at), (Some(Time(SECOND)), Some(Time(3 * SECOND))));
        assert!(!note(Some(Err(&Trouble::Unknown))).refuses);
        let no = Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected));
        let standing = note(Some(Err(&no)));
        assert_eq!(standing, Standing { good_at: Some(Time(5 * SECOND)), ..Standing::default() });
    }
}

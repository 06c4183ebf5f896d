//! Whether the accounts at vendors have what may be purchases that the database does not know: it was restored, or somebody else buys
//! there. Asking takes its time, so it is done beside the other looks, at the start and a few times a day.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::clock::Time;
use model::notice::{Finding, NoticeKind, Reach};
use model::reconcile::{Found, reconcile};
use model::world::World;

use super::board::Look;
use super::unverified;
use crate::books;
use crate::wire::Wired;

/// How often the accounts are asked.
pub(super) const AGAIN: Duration = Duration::from_hours(6);
/// As many names as one sentence can have.
pub(super) const SOME: usize = 5;

/// What was found last, until it is told.
#[derive(Default)]
pub(super) struct Compared(Mutex<Vec<(NoticeKind, Vec<Finding>)>>);

impl Compared {
    /// Asks all accounts. One that does not answer says nothing of what lies in it: then nothing is told, and nothing is over.
    pub(super) async fn ask(&self, wired: &Wired) {
        let Some(roster) = wired.providers.roster(&World::live()) else { return };
        match books::hear(&wired.store, roster.accounts.iter().map(|(name, opened)| (*name, opened))).await {
            Ok(heard) if heard.silent.is_empty() => {
                let found = reconcile(&heard.books).into_iter().filter(|one| one.difference.may_hide_a_purchase());
                self.found(NoticeKind::AccountsDiffer, findings(found));
            }
            Ok(heard) => tracing::info!(silent = ?heard.silent, "accounts could not be held against the database"),
            Err(error) => tracing::warn!(%error, "accounts could not be held against the database"),
        }
        match unverified::hear(roster).await {
            Ok(found) => self.found(NoticeKind::RegistrantUnverified, found),
            Err(trouble) => tracing::info!(trouble, "who has to be verified could not be found out"),
        }
    }

    fn found(&self, kind: NoticeKind, found: Vec<Finding>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(other, _)| *other != kind);
        all.push((kind, found));
    }

    /// What has been found since it was last asked for.
    pub(super) fn look(&self, now: Time) -> Vec<Look> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let look = |(kind, found): (NoticeKind, Vec<Finding>)| {
            let found = found.into_iter().map(|finding| (finding, now)).collect();
            Look { kind, reach: Reach::Whole, found }
        };
        all.into_iter().map(look).collect()
    }
}

/// One for each account.
fn findings(found: impl Iterator<Item = Found>) -> Vec<Finding> {
    let mut accounts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in found {
        accounts.entry(one.account).or_default().push(one.name.to_string());
    }
    let finding = |(account, names): (String, Vec<String>)| {
        let more = if names.len() > SOME { format!(" and {} more", names.len() - SOME) } else { String::new() };
        let shown = names.iter().take(SOME).cloned().collect::<Vec<_>>().join(", ");
        Finding {
            kind: NoticeKind::AccountsDiffer,
            message: format!("The account `{account}` has names that the database does not know as it has them: {shown}{more}."),
            todo: "`mailwright reconcile` says what is different, and takes names in with --adopt. Use an account of its own for what Mailwright buys.".into(),
            subject: account,
            partner: None,
            environment: None,
        }
    };
    accounts.into_iter().map(finding).collect()
}

//! How many users of ours mail tenants can have, as their hosts say it: asked before a domain is given a tenant, and never within a
//! transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use model::clock::{MINUTE, SECOND, Time};
use model::domain::MailProvider;
use model::role::Role;
use model::run::{Run, RunState};
use model::world::World;
use providers::cast::Player;
use providers::roles::MailHost;
use providers::roster::Roster;
use providers::trouble::Trouble;
use store::{StoreError, domains};
use tracing::Instrument as _;

use crate::parts::Parts;

/// How long an answer is good, in microseconds of server time.
const GOOD: i64 = 5 * MINUTE;
/// The same of none, and for a domain that waits for seats: somebody may have bought some just now.
const SOON: i64 = 30 * SECOND;
/// How long a host may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most users of ours that tenants can have, by account.
pub(crate) type Most = HashMap<String, i64>;

/// What tenants have said last.
#[derive(Default)]
pub(crate) struct FreeSeats(Mutex<HashMap<&'static str, Arc<tokio::sync::Mutex<Said>>>>);

/// What a tenant has said, and when; nothing where it has said nothing.
#[derive(Clone, Copy, Default)]
struct Said {
    most: Option<i64>,
    at: Option<Time>,
}

impl Said {
    fn is_good(self, is_waited_for: bool, now: Time) -> bool {
        let good = if self.most.is_none() || is_waited_for { SOON } else { GOOD };
        self.at.is_some_and(|at| at <= now && now < at.plus(good))
    }
}

impl FreeSeats {
    fn of(&self, account: &'static str) -> Arc<tokio::sync::Mutex<Said>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_default().clone()
    }
}

/// The most users of ours that each tenant can have that may host such mailboxes; without those that do not say it.
pub(crate) async fn most_users(
    parts: &Parts,
    roster: &Roster,
    run: &Run,
    provider: MailProvider,
) -> Result<Most, StoreError> {
    let tenants = roster.lineup.of(Role::Mail).iter().filter_map(|entrant| {
        let (account, opened) = roster.accounts.get_key_value(entrant.account.as_str())?;
        Some(Player::new(account, opened.mail(provider)?))
    });
    let is_waited_for = run.state == RunState::Asking;
    let asked =
        tenants.map(async |tenant| Ok((tenant.account, most_of(parts, &tenant, &run.world, is_waited_for).await?)));
    let said: Vec<_> = join_all(asked).await.into_iter().collect::<Result<_, StoreError>>()?;
    Ok(said.into_iter().filter_map(|(account, most)| Some((account.to_owned(), most?))).collect())
}

/// Of those who want to know it at once one asks, and the others hear it.
async fn most_of(
    parts: &Parts,
    tenant: &Player<dyn MailHost>,
    world: &World,
    is_waited_for: bool,
) -> Result<Option<i64>, StoreError> {
    let said = parts.accounts.free_seats.of(tenant.account);
    let mut said = said.lock().await;
    let now = parts.clock.now();
    if !said.is_good(is_waited_for, now) {
        // Before the host is asked: of whoever is licensed in between too little is known, and never too much.
        let begun = domains::users_begun(&mut parts.store.read().await?, tenant.account).await?;
        let free = ask(parts, tenant, world).await;
        *said = Said { most: free.map(|free| free.saturating_add(begun)), at: Some(now) };
    }
    Ok(said.most)
}

/// A host that says nothing is thought to have room: whoever makes its users hears it otherwise.
async fn ask(parts: &Parts, tenant: &Player<dyn MailHost>, world: &World) -> Option<i64> {
    let account = tenant.account;
    let span = tracing::info_span!("call", role = Role::Mail.as_str(), account);
    let asking = tokio::time::timeout(PATIENCE, tenant.free_seats(world)).instrument(span);
    let answer = asking.await.unwrap_or(Err(Trouble::Later(None)));
    match &answer {
        // Nobody was asked.
        Ok(None) => {}
        Ok(Some(_)) => parts.accounts.note(account, Role::Mail, Some(Ok(()))),
        Err(trouble) => {
            tracing::warn!(
                account,
                ?trouble,
                "a mail tenant does not say how many users it has licences for; it is thought to have room"
            );
            parts.accounts.note(account, Role::Mail, Some(Err(trouble)));
        }
    }
    answer.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tenant_has_said_is_asked_anew_after_a_while_and_sooner_by_whoever_waits_for_it() {
        let said = |most| Said { most, at: Some(Time(0)) };
        let good = |most, is_waited_for, after| said(most).is_good(is_waited_for, Time(after));
        assert!(good(Some(7), false, GOOD - 1) && !good(Some(7), false, GOOD));
        assert!(good(Some(7), true, SOON - 1) && !good(Some(7), true, SOON));
        assert!(good(None, false, SOON - 1) && !good(None, false, SOON));
        assert!(!good(Some(7), false, -1), "a clock that was set back makes nothing good for long");
        assert!(!Said::default().is_good(false, Time(0)));
    }
}

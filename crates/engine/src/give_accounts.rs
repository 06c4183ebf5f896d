//! Writes down which accounts play the roles for a domain, before any of them is asked for something.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::account::{Has, Load, Need, choose};
use model::change::Change;
use model::domain::Domain;
use model::id::UserId;
use model::role::Role;
use model::run::{Run, roles_given};
use model::task::Task;
use providers::roster::Roster;
use store::{Failure, Halt, Locks, StoreError, Tx, domains, orders};

use crate::free_seats::{Most, most_users};
use crate::hold::Hold;
use crate::parts::Parts;

/// Whoever gives accounts to domains takes turns, so that none is given more than it has room for.
const TURN: &str = "accounts";

/// The domain with an account for every role that the run's step needs. Where no account can play one, it stays without.
///
/// # Errors
/// [`Failure::Lost`] when the work is somebody else's.
pub(crate) async fn give_accounts(
    parts: &Arc<Parts>,
    task: &Task,
    (hold, lease): (&Hold<'_>, &str),
    (run, domain): (&Run, &Domain),
) -> Result<Option<Domain>, Failure> {
    let Some(roster) = parts.providers.roster(&run.world) else { return Ok(None) };
    let wanted: Vec<_> = roles_given(run, domain).into_iter().filter(|role| roster.lineup.plays(*role)).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let seats = match domain.provider.filter(|_| wanted.contains(&Role::Mail)) {
        Some(provider) => hold.during(most_users(parts, roster, run, provider)).await.ok_or(Failure::Lost)??,
        None => Most::new(),
    };
    let (task, lease, run) = (task.id.clone(), lease.to_owned(), run.clone());
    let shared = Arc::new((parts.clone(), task, lease, run, (wanted, seats)));
    let writing = parts.store.settle(move |tx| {
        let shared = shared.clone();
        async move {
            let (parts, task, lease, run, (wanted, seats)) = &*shared;
            let tx = Locks::new(tx).turn(Some(TURN)).await?;
            let mut tx = tx.task(task, lease).await?;
            give(&mut tx, parts, run, (wanted, seats)).await
        }
        .boxed()
    });
    writing.await.map(Some)
}

async fn give(tx: &mut Tx, parts: &Parts, run: &Run, (wanted, seats): (&[Role], &Most)) -> Result<Domain, Halt> {
    let domain = domains::load(tx, &run.domain).await?.ok_or(Halt::Lost)?;
    let Some(roster) = parts.providers.roster(&run.world) else { return Ok(domain) };
    let load = load_of(tx, roster, (wanted, seats), domain.user.as_ref()).await?;
    let order = match &domain.order {
        Some(order) if wanted.contains(&Role::Sequencer) => orders::load(tx, order).await?,
        _ => None,
    };
    let sequencer = order.map(|order| order.sequencer.provider);
    let mut accounts = domain.accounts.clone();
    for role in wanted {
        let users = domain.inboxes_planned;
        let need = Need { name: &domain.name, mail: domain.provider, users, sequencer, have: &accounts };
        if let Some(account) = choose(&roster.lineup, *role, need, &load).map(str::to_owned) {
            accounts.give(*role, &account);
        }
    }
    if accounts == domain.accounts {
        return Ok(domain);
    }
    let given = Domain { accounts, ..domain };
    let mut change = Change::default();
    change.domains.update.push(given.clone());
    tx.apply(change, &parts.ids, parts.clock.now()).await?;
    Ok(Domain { version: given.version + 1, ..given })
}

/// What the accounts have, where that decides.
async fn load_of(
    tx: &mut Tx,
    roster: &Roster,
    (wanted, seats): (&[Role], &Most),
    customer: Option<&UserId>,
) -> Result<Load, StoreError> {
    let mut load = Load::new();
    let counts = |role: &&Role| roster.lineup.counts(**role) || **role == Role::Mail && !seats.is_empty();
    for role in wanted.iter().filter(counts) {
        let all = match role {
            Role::Mail => domains::in_tenants(tx, customer).await?,
            _ => domains::in_accounts(tx, *role)
                .await?
                .into_iter()
                .map(|(account, has)| (account, Has::domains(has)))
                .collect(),
        };
        load.extend(all.into_iter().map(|(account, has)| ((*role, account), has)));
    }
    for (account, most) in seats {
        load.entry((Role::Mail, account.clone())).or_default().most_users = Some(*most);
    }
    Ok(load)
}

//! What waits for a person.

mod resolve;

use model::action::{Action, ActionReason};
use model::by_hand::{ToMake, to_make};
use model::domain::Domain;
use model::id::{Id as _, SwapId};
use model::persona::Persona;
use model::run::RunState;
use model::view::AroundAction;
use store::{Db, StoreError, domains, orders, runs, swaps};

use crate::consents::{Consents, may_have_links};

pub use resolve::{ResolveAction, Resolved};

/// What stands around an action: the people that its number points into, what is to be made by hand, and the links that owners
/// follow, where it is known where they lead.
///
/// # Errors
/// When it cannot be read.
pub async fn around(db: &mut Db, consents: Option<&Consents>, action: &Action) -> Result<AroundAction, StoreError> {
    let by_hand = action.open && action.reason == ActionReason::MailboxesByHand;
    if action.persona.is_none() && !by_hand && !may_have_links(action) {
        return Ok(AroundAction::default());
    }
    let Some(domain) = domains::load(db, &action.domain).await? else { return Ok(AroundAction::default()) };
    let people = people(db, action, &domain).await?;
    let mailboxes = if by_hand { wanted(db, action, &domain, &people).await? } else { None };
    let links = match consents {
        Some(consents) => consents.links(db, action, &domain).await?,
        None => None,
    };
    Ok(AroundAction { people, mailboxes, links })
}

/// The domain's own people, or its order's.
async fn people(db: &mut Db, action: &Action, domain: &Domain) -> Result<Vec<Persona>, StoreError> {
    if let Some(own) = &domain.personas {
        return Ok(own.clone());
    }
    let order = match &action.order {
        Some(id) => orders::load(db, id).await?,
        None => None,
    };
    Ok(order.map_or(vec![], |order| order.personas))
}

/// What is to be made by hand.
async fn wanted(
    db: &mut Db,
    action: &Action,
    domain: &Domain,
    people: &[Persona],
) -> Result<Option<ToMake>, StoreError> {
    let mut waiting = vec![];
    for run in runs::of_domain(db, &domain.id).await?.into_iter().filter(|run| run.state == RunState::Asking) {
        let job = run.job.as_ref().filter(|_| run.kind.spec().is_part_of_swap);
        let swap = match job {
            Some(job) => swaps::load(db, &SwapId::opaque(job)).await?,
            None => None,
        };
        waiting.push((run, swap.and_then(|swap| swap.persona)));
    }
    Ok(to_make(action, &waiting, domain, people))
}

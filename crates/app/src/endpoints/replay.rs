//! Sending an endpoint again what it has not received.

use std::sync::Arc;

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::delivery;
use model::id::{EndpointId, EventId};
use store::events::{Search, Untold};
use store::{Failure, Halt, endpoints, events};

use super::locked;
use crate::acting::{Acting, Done};
use crate::actor::Actor;
use crate::case::{UseCase, perform};
use crate::core::Core;
use crate::events::lost;
use crate::missing::not_found;

/// How many events one call looks at.
const LOOK: i64 = 10_000;

/// How many deliveries it queues.
const QUEUE: usize = 1_000;

/// How many of them are queued by one transaction.
const PIECE: usize = 200;

/// What is to be sent again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// To whom.
    pub endpoint: EndpointId,
    /// Only what happened at this time or later.
    pub since: Time,
    /// Only what comes after this event.
    pub after: Option<EventId>,
}

/// Queues some deliveries. Its output is how many, with those that were queued before.
pub struct QueueReplay {
    endpoint: EndpointId,
    events: Vec<EventId>,
    before: usize,
    /// Where the next call goes on; `None` when everything was looked at.
    pub go_on_after: Option<EventId>,
}

/// Looks for what is to be sent again, and queues all of it but the last piece, which is left to the caller. One that
/// ends half-way is done again, and finds the rest.
///
/// # Errors
/// `not_found` when there is no such endpoint, `cursor_lost` when there is no such event.
pub async fn replay(core: &Core, actor: &Arc<Actor>, wanted: &Replay) -> Result<QueueReplay, Failure> {
    let Untold { mut events, go_on_after } = look(core, actor, wanted).await?;
    let mut before = 0;
    while events.len() > PIECE {
        let rest = events.split_off(PIECE);
        let piece = QueueReplay { endpoint: wanted.endpoint.clone(), events, before: 0, go_on_after: None };
        before += perform(core, actor, &Arc::new(piece)).await?.value;
        events = rest;
    }
    Ok(QueueReplay { endpoint: wanted.endpoint.clone(), events, before, go_on_after })
}

async fn look(core: &Core, actor: &Actor, wanted: &Replay) -> Result<Untold, Failure> {
    let (mut db, scope) = (core.store.read().await?, &actor.scope);
    let found = endpoints::get(&mut db, scope, &wanted.endpoint).await?;
    let endpoint = found.ok_or_else(|| not_found("webhook endpoint", &wanted.endpoint))?;
    let after = match &wanted.after {
        Some(after) => {
            let Some(event) = events::get(&mut db, scope, after).await? else {
                return Err(lost(&mut db, scope, after).await?.into());
            };
            Some((event.created_at, after.clone()))
        }
        None => None,
    };
    let search = Search { since: wanted.since, after, look: LOOK, find: QUEUE };
    Ok(events::untold(&mut db, scope, &endpoint, &search).await?)
}

#[async_trait]
impl UseCase for QueueReplay {
    type Output = usize;
    const ACT: Act = Act::EndpointReplay;
    const WAKES: bool = true;

    fn subject(&self, _: &usize) -> Option<String> {
        Some(self.endpoint.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<usize>, Halt> {
        let mut present = acting.present().await?;
        let endpoint = locked(&mut present, &self.endpoint).await?;
        // Another call may have queued some of them meanwhile.
        let events = events::still_untold(&mut present.tx, &present.scope, &self.endpoint, &self.events).await?;
        let queued = events.len();
        let change = delivery::replay(&endpoint, &present.scope.world, events, present.now, &present.ids)?;
        present.apply(change).await?;
        Ok(present.done(self.before + queued))
    }
}

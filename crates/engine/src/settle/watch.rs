//! Around a look at a domain that works.

use std::borrow::Cow;

use model::action::ActionReason;
use model::change::Change;
use model::clock::{MINUTE, Now};
use model::evidence::LinkLook;
use model::run::{Learnt, Looked, Mending, Moved, Outcome, Run, Then, Try, Watching, leaves_something, watch};
use model::world::Environment;
use store::locks::level::Partner;
use store::{Halt, Locks, Tx, actions, mendings, runs};

use crate::parts::Parts;

/// How soon it is asked again for leave, in microseconds of partner time.
const AGAIN: i64 = 30 * MINUTE;
/// What is waited for then.
const HELD: &str = "So many domains were put right in this hour that no more are, before somebody has looked at why.";

/// What the try of a look comes to: what is to be put right needs leave, of which there is so much in an hour.
pub(super) async fn evaluate<'a>(
    tx: &mut Tx,
    parts: &Parts,
    run: &Run,
    outcome: &'a Outcome,
    now: Now,
) -> Result<Cow<'a, Outcome>, Halt> {
    let Learnt::Looked(looked) = &outcome.learnt else { return Ok(Cow::Borrowed(outcome)) };
    if looked.mending != Mending::Wanted {
        return Ok(Cow::Borrowed(outcome));
    }
    // A sandbox's hours are those of its own clock: a day that is skipped is a day.
    let at = if run.world.environment() == Environment::Live { now.server } else { now.partner() };
    if mendings::take(tx, &run.partner, &run.world, parts.settings.most_mended_percent, at).await? {
        return Ok(Cow::Borrowed(outcome));
    }
    tracing::info!(domain = %run.domain, "a domain is not put right now: so many were in this hour that no more are");
    let looked = Looked { mending: Mending::Nothing, ..(**looked).clone() };
    // A question costs nothing, and whoever has to act need not wait for others' domains.
    let then = match looked.links.iter().any(LinkLook::fails) && looked.health.is_ok() {
        true => Then::Ask { reason: ActionReason::InboxLoginFails, persona: None },
        false => Then::Wait { until: now.partner().plus(AGAIN), why: HELD.into() },
    };
    Ok(Cow::Owned(Outcome { learnt: Learnt::Looked(Box::new(looked)), then }))
}

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    if tried.run.order.is_none() {
        return Ok(Change::default());
    }
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let others = match leaves_something(moved) {
        true => {
            runs::of_domain(&mut tx, &tried.domain.id).await?.into_iter().filter(|one| one.id != moved.run.id).collect()
        }
        false => vec![],
    };
    let watching = Watching {
        others,
        order,
        before: tried.domain.clone(),
        open_action: actions::open_of_domain(&mut tx, &tried.domain.id).await?,
        inboxes: tried.inboxes.to_vec(),
    };
    Ok(watch(&watching, moved, tried.now, &parts.ids))
}

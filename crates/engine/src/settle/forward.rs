//! Around a change of a redirect that has ended: its job, its event, and the change that waits for it.

use model::change::Change;
use model::id::{ForwardingId, Id};
use model::run::{Moved, Next, Redirecting, RunKind, Try, redirect};
use store::{Halt, Tx, forwardings, orders, runs};

use crate::parts::Parts;

pub(super) async fn effects(tx: &mut Tx, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, Halt> {
    if moved.next != Next::Finished {
        return Ok(Change::default());
    }
    let order = tried.run.order.as_ref().ok_or(Halt::Lost)?;
    let job = tried.run.job.as_ref().map(ForwardingId::opaque).ok_or(Halt::Lost)?;
    let open = runs::open_of_domain(tx, &tried.domain.id, RunKind::Forward).await?;
    let facts = Redirecting {
        order: orders::lock(tx, order).await?.ok_or(Halt::Lost)?,
        job: forwardings::lock(tx, &job).await?.ok_or(Halt::Lost)?,
        waiting: open.into_iter().map(|run| run.id).find(|id| *id > tried.run.id),
    };
    Ok(redirect(&facts, moved, &tried.outcome.learnt, tried.now, &parts.ids))
}

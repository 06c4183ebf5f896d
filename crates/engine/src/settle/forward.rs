//! Around a change of a redirect that has ended: its job, its event, and the change that waits for it.

use model::change::Change;
use model::id::{ForwardingId, Id};
use model::run::{Moved, Next, Redirecting, RunKind, Try, redirect};
use store::locks::level::Partner;
use store::{Halt, Locks, forwardings, runs};

use crate::parts::Parts;

pub(super) async fn effects(
    tx: Locks<'_, Partner>,
    parts: &Parts,
    tried: &Try<'_>,
    moved: &Moved,
) -> Result<Change, Halt> {
    if moved.next != Next::Finished {
        return Ok(Change::default());
    }
    let (mut tx, order) = tx.order_of(tried.run).await?;
    let job = tried.run.job.as_ref().map(ForwardingId::opaque).ok_or(Halt::Lost)?;
    let open = runs::open_of_domain(&mut tx, &tried.domain.id, RunKind::Forward).await?;
    let facts = Redirecting {
        order,
        job: forwardings::lock(&mut tx, &job).await?.ok_or(Halt::Lost)?,
        waiting: open.into_iter().map(|run| run.id).find(|id| *id > tried.run.id),
    };
    Ok(redirect(&facts, moved, &tried.outcome.learnt, tried.now, &parts.ids))
}

//! Writes down that a run's work went on after its lease, so that what it did is looked for.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use model::clock::Now;
use model::run::{Late, Run, look_again};
use store::{Failure, Halt, Locks, Tx, domains, runs};

use crate::parts::Parts;

/// The longest pause between two tries to write it down.
const PAUSE: Duration = Duration::from_secs(30);

/// Nobody else knows of it, so it is tried until it is written, or the process has to stop.
pub(crate) async fn write_down(parts: &Arc<Parts>, run: &Run) {
    let mut pause = Duration::from_secs(1);
    loop {
        let shared = Arc::new((parts.clone(), run.clone()));
        let written = parts.store.settle(move |tx| {
            let shared = shared.clone();
            async move { write(tx, &shared.0, &shared.1).await }.boxed()
        });
        match written.await {
            Ok(()) => return parts.wake.nudge(),
            // The world that it worked for is gone.
            Err(Failure::Lost) => return,
            Err(failure) => tracing::error!(
                run = %run.id, domain = %run.domain, step = run.step.as_str(), %failure,
                "what a step did after its lease could not be written down; look for it at the provider if this goes on"
            ),
        }
        tokio::select! {
            biased;
            () = parts.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE),
        }
    }
}

async fn write(tx: &mut Tx, parts: &Parts, run: &Run) -> Result<(), Halt> {
    let (mut tx, offset) = Locks::new(tx).clock(&run.partner, &run.world).await?;
    let tx = &mut *tx;
    let now = Now { server: parts.clock.now(), offset };
    let run = runs::load(tx, &run.id).await?.ok_or(Halt::Lost)?;
    let domain = domains::load(tx, &run.domain).await?.ok_or(Halt::Lost)?;
    let late = Late { runs: runs::of_domain(tx, &domain.id).await?, domain, run };
    tx.apply(look_again(&late, now, &parts.ids), &parts.ids, now.server).await
}

//! All orders: what is due is ordered, as much at once as the authority allows, and whatever comes of it is written down. Nothing
//! waits for a certificate: sites are served over HTTP meanwhile.

use std::sync::Arc;
use std::time::Duration;

use model::certificate::{FailureKind, Limits};
use model::clock::{Clock, MINUTE};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::keeper::{Claim, Held, Keeper, Settled};
use super::maker::Maker;
use super::trouble::Trouble;

/// How long an order may take.
const ORDER: Duration = Duration::from_mins(8);
/// How long a stop waits for orders that are under way.
const GRACE: Duration = Duration::from_secs(10);
/// How long nobody else orders the same, in microseconds: longer, so that two never do.
const HELD: i64 = 10 * MINUTE;

/// Whoever orders certificates.
pub struct Orders {
    /// Who makes them.
    pub maker: Maker,
    /// Who keeps them.
    pub keeper: Arc<dyn Keeper>,
    /// What the authority allows.
    pub limits: Limits,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is told when a certificate was made, so that it is shown at once.
    pub made: Arc<Notify>,
}

/// Orders whatever is due until it is stopped: looks whenever it is nudged, an order has ended, or something is due, and after
/// `every` in any case. A stop waits ten seconds for orders that are under way and leaves the others: they are free again after ten
/// minutes, and whoever takes them begins anew.
pub async fn keep(orders: Arc<Orders>, every: Duration, nudge: Arc<Notify>, stop: CancellationToken) {
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        let next = orders.begin(&mut under_way).await.map_or(every, |next| every.min(next));
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            Some(_) = under_way.join_next() => {}
            () = nudge.notified() => {}
            () = sleep(next) => {}
        }
    }
    let ended = async { while under_way.join_next().await.is_some() {} };
    // Those that are left end with the set.
    let _ = timeout(GRACE, ended).await;
}

impl Orders {
    /// Begins all orders that are due and allowed; answers when the next one is.
    async fn begin(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Option<Duration> {
        loop {
            let now = self.clock.now();
            let directory = self.maker.directory();
            match self.keeper.claim(directory, &self.limits, now, now.plus(HELD)).await {
                Ok(Claim::Now(held)) => _ = under_way.spawn(self.clone().fulfil(*held)),
                Ok(Claim::Later(at)) => {
                    let wait = at.map(|at| u64::try_from(at.0.saturating_sub(now.0)).unwrap_or_default());
                    return wait.map(Duration::from_micros);
                }
                Err(error) => {
                    tracing::warn!(%error, "no certificates are ordered: where they are kept does not answer");
                    return None;
                }
            }
        }
    }

    /// Orders one and writes down what came of it.
    async fn fulfil(self: Arc<Self>, held: Held) {
        let settled = self.settled(&held).await;
        let (host, is_made) = (&held.certificate.host, settled.kept.is_some());
        match self.keeper.settle(self.maker.directory(), &held, settled).await {
            Ok(true) if is_made => {
                tracing::info!(host, "a certificate was made");
                self.made.notify_one();
            }
            Ok(true) => {}
            Ok(false) => tracing::warn!(host, "an order has ended that was not ours any more; somebody else has it"),
            Err(error) => {
                tracing::error!(host, %error, "what came of an order could not be written down; it begins anew")
            }
        }
    }

    async fn settled(&self, held: &Held) -> Settled {
        let certificate = &held.certificate;
        let ordered = timeout(ORDER, self.maker.order(&*self.keeper, held, self.clock.now())).await;
        match ordered.unwrap_or(Err(Trouble::Late)) {
            Ok((kept, made)) => Settled { certificate: certificate.made(&made), kept: Some(kept), paused_until: None },
            Err(trouble) => {
                let failure = trouble.failure(self.maker.not_before());
                tracing::warn!(host = certificate.host, %trouble, "there is no certificate: {}", failure.sentence);
                let certificate = certificate.failed(&failure, self.clock.now());
                let paused_until = (failure.kind == FailureKind::TooMuch).then_some(failure.not_before).flatten();
                Settled { certificate, kept: None, paused_until }
            }
        }
    }
}

//! What waits to be sent. Whoever ends a span never waits: when too much is waiting, it is lost and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::metric;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::collector::{Collector, Greeting};

/// The most spans that wait.
const MOST: usize = 8_192;
/// The most that are sent together.
const BATCH: usize = 512;
/// How long a span waits for others.
const GATHERING: Duration = Duration::from_millis(500);
/// How long nothing is sent to a collector that took nothing: what ends meanwhile waits, or is lost.
const REST: Duration = Duration::from_secs(2);
/// How often the log says at most that spans are lost.
const SAY_AGAIN: Duration = Duration::from_secs(300);

/// Takes spans that have ended.
#[derive(Debug)]
pub(crate) struct Taking {
    queue: Sender<SpanData>,
    lost: Arc<AtomicU64>,
}

impl SpanProcessor for Taking {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        match self.queue.try_send(dressed(span)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => lose(&self.lost, 1),
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn lose(lost: &AtomicU64, spans: u64) {
    metrics::counter!(metric::SPANS_LOST).increment(spans);
    lost.fetch_add(spans, Ordering::Relaxed);
}

/// What collectors want to know that the log does not say.
fn dressed(mut span: SpanData) -> SpanData {
    span.span_kind = match &*span.name {
        "request" => SpanKind::Server,
        "call" | "exchange" | "delivery" => SpanKind::Client,
        _ => SpanKind::Internal,
    };
    // It stands in the span itself.
    span.attributes.retain(|one| one.key.as_str() != "trace_id");
    span
}

/// Sends what was taken, for as long as the process lives.
pub(crate) struct Sending {
    queue: Receiver<SpanData>,
    collector: Collector,
    resource: Resource,
    stop: CancellationToken,
    lost: Arc<AtomicU64>,
    said_at: Option<Instant>,
}

/// A queue and who empties it.
pub(crate) fn queue(collector: Collector, resource: Resource, stop: CancellationToken) -> (Taking, Sending) {
    let (sender, receiver) = channel(MOST);
    let lost = Arc::new(AtomicU64::new(0));
    let taking = Taking { queue: sender, lost: lost.clone() };
    (taking, Sending { queue: receiver, collector, resource, stop, lost, said_at: None })
}

impl Sending {
    /// Sends until it is told to stop, and then what is waiting.
    pub(crate) async fn run(mut self) {
        let stop = self.stop.clone();
        loop {
            let batch = self.batch().await;
            if batch.is_empty() {
                return;
            }
            let count = batch.len() as u64;
            let sent = self.collector.send(batch, &self.resource).await;
            let (lost, why) = match sent {
                Ok(rejected) => (rejected.min(count), "is full or does not want them".to_owned()),
                Err(greeting) => (count, greeting.words()),
            };
            if lost > 0 {
                lose(&self.lost, lost);
            }
            self.say(&why);
            if sent == Err(Greeting::Silent) || matches!(sent, Err(Greeting::Refuses(_))) {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep(REST) => {}
                }
            }
        }
    }

    /// The next spans to send; none when nothing is left at the end.
    async fn batch(&mut self) -> Vec<SpanData> {
        let mut batch = vec![];
        tokio::select! {
            biased;
            count = self.queue.recv_many(&mut batch, BATCH) => if count == 0 { return batch },
            () = self.stop.cancelled() => {}
        }
        let end = Instant::now() + GATHERING;
        while batch.len() < BATCH {
            if self.stop.is_cancelled() {
                while batch.len() < BATCH
                    && let Ok(span) = self.queue.try_recv()
                {
                    batch.push(span);
                }
                break;
            }
            let room = BATCH - batch.len();
            tokio::select! {
                () = self.stop.cancelled() => {}
                more = timeout_at(end, self.queue.recv_many(&mut batch, room)) => if !matches!(more, Ok(1..)) { break },
            }
        }
        batch
    }

    /// Says what was lost, if anything, and not often.
    fn say(&mut self, why: &str) {
        if self.said_at.is_some_and(|at| at.elapsed() < SAY_AGAIN) {
            return;
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            self.said_at = Some(Instant::now());
            tracing::warn!(lost, "spans are lost: the collector of traces {why}; nothing else is held up");
        }
    }
}

//! Recording spans and sending them on.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator, SdkTracerProvider};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use crate::collector::Collector;
use crate::queue::queue;
use crate::sampling::Ratio;

/// How long the end of the program waits for the last spans.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// What somebody who looks at traces should find: not a write's place in a queue, nor a run, which is never whole.
const TOLD: &[&str] = &["request", "step", "call", "exchange", "delivery", "timer"];

/// Recording that has begun.
#[derive(Debug)]
pub struct Exporting {
    provider: SdkTracerProvider,
    stop: CancellationToken,
    sending: JoinHandle<()>,
}

/// Begins to record, and to send what was recorded; what `ratio` means is said where samples are drawn. The layer belongs
/// into the process's subscriber.
#[must_use]
pub fn start<S>(collector: Collector, ratio: f64) -> (impl Layer<S> + Send + Sync + use<S>, Exporting)
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let stop = CancellationToken::new();
    // Of several processes, and of one that was started again, each is told apart.
    let instance = RandomIdGenerator::default().new_trace_id().to_string();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let about =
        [("service.name", "mailwright".into()), ("service.version", version), ("service.instance.id", instance)];
    let about = about.map(|(name, value)| KeyValue::new(name, value));
    let resource = Resource::builder_empty().with_attributes(about).build();
    let (taking, sending) = queue(collector, resource.clone(), stop.clone());
    let provider = SdkTracerProvider::builder()
        .with_sampler(Ratio::new(ratio))
        .with_span_processor(taking)
        .with_resource(resource)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("mailwright"))
        .with_level(false)
        .with_target(false)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        // A span's place is said after it was made.
        .with_context_activation(false)
        .with_filter(told());
    (layer, Exporting { provider, stop, sending: tokio::spawn(sending.run()) })
}

fn told() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let is_told: fn(&Metadata<'_>) -> bool = |metadata| {
        let part = metadata.target().split("::").next().unwrap_or_default();
        metadata.is_span()
            && *metadata.level() <= Level::INFO
            && matches!(part, "api" | "engine" | "providers")
            && TOLD.contains(&metadata.name())
    };
    filter_fn(is_told).with_max_level_hint(LevelFilter::INFO)
}

impl Exporting {
    /// Records nothing more, and waits a while for the last spans to be sent.
    pub async fn finish(self) {
        let Self { provider, stop, sending } = self;
        // It has nothing to wait for: what ended is in the queue.
        let _ = provider.shutdown();
        stop.cancel();
        let ending = sending.abort_handle();
        if tokio::time::timeout(LAST_SPANS, sending).await.is_err() {
            ending.abort();
            tracing::warn!("the collector of traces did not take the last spans in time");
        }
    }
}

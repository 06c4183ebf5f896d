//! Which metrics are kept.

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use model::metric::is_of_partners;

/// Keeps everything, or everything that does not have a series for each partner: there may be thousands.
pub(super) struct Chosen<R> {
    pub(super) recorder: R,
    pub(super) with_partners: bool,
}

impl<R> Chosen<R> {
    fn keeps(&self, name: &str) -> bool {
        self.with_partners || !is_of_partners(name)
    }
}

impl<R: Recorder> Recorder for Chosen<R> {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_counter(key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_gauge(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.recorder.describe_histogram(key, unit, description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        if self.keeps(key.name()) { self.recorder.register_counter(key, metadata) } else { Counter::noop() }
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        if self.keeps(key.name()) { self.recorder.register_gauge(key, metadata) } else { Gauge::noop() }
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        if self.keeps(key.name()) { self.recorder.register_histogram(key, metadata) } else { Histogram::noop() }
    }
}

//! Traces: what a request, its order's steps and its deliveries did, for a collector that speaks OTLP.
//!
//! Only this crate knows OpenTelemetry. Others open spans with `tracing` as they do for the log, and say here where a
//! span goes on from: [`arrive`], [`follow`], [`link`]. Without [`start`] nothing is recorded, and what a caller said of
//! its trace is still handed on.

mod collector;
mod exporting;
mod queue;
mod sampling;
mod span;

pub use collector::{Collector, Greeting, Headers, Unusable};
pub use exporting::{Exporting, start};
pub use span::{arrive, fail, follow, link, note, tell};

//! Where a span goes on from, and what is known of it.

use std::fmt::Display;

use model::trace::TraceParent;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, Value};
use tracing::Span;
use tracing::field::display;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::sampling::Outsider;

/// Lets a request's span go on from what its caller said, and answers where others go on from.
///
/// A caller decides whether its own trace is left out; whether one is recorded that it wants recorded, the sampling
/// ratio decides as for any other.
#[must_use]
pub fn arrive(span: &Span, caller: Option<TraceParent>) -> Option<TraceParent> {
    go_on(span, caller, |context| context.with_value(Outsider))
}

/// Lets a span go on from one of ours, of this process or another, and answers where others go on from: the span itself,
/// or where nothing is recorded what it would have gone on from.
#[must_use]
pub fn follow(span: &Span, from: Option<TraceParent>) -> Option<TraceParent> {
    go_on(span, from, |context| context)
}

/// Lets a span be a trace of its own that says which one it belongs to: for what goes on for years.
#[must_use]
pub fn link(span: &Span, to: Option<TraceParent>) -> Option<TraceParent> {
    if let Some(to) = to {
        span.add_link(context_of(to));
    }
    go_on(span, None, |context| context)
}

/// Something that collectors are told of a span, and the log knows already.
pub fn note(span: &Span, name: &'static str, value: impl Into<Value>) {
    span.set_attribute(name, value);
}

/// Puts into a span what was not known when it was opened, if it is known now.
pub fn tell(span: &Span, field: &'static str, value: Option<impl Display>) {
    if let Some(value) = value {
        span.record(field, display(value));
    }
}

/// What a span is about did not go well; `why` is one of few words.
pub fn fail(span: &Span, why: &'static str) {
    span.set_status(Status::error(why));
}

fn go_on(span: &Span, from: Option<TraceParent>, mark: impl FnOnce(Context) -> Context) -> Option<TraceParent> {
    if let Some(from) = from {
        // Where nothing is recorded there is nobody to tell.
        let _ = span.set_parent(mark(Context::new().with_remote_span_context(context_of(from))));
    }
    let context = span.context();
    let span = context.span();
    let own = span.span_context();
    let (trace, id) = (u128::from_be_bytes(own.trace_id().to_bytes()), u64::from_be_bytes(own.span_id().to_bytes()));
    TraceParent::new(trace, id, own.is_sampled()).or(from)
}

fn context_of(parent: TraceParent) -> SpanContext {
    let flags = if parent.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let (trace, span) = (TraceId::from(parent.trace()), SpanId::from(parent.span()));
    SpanContext::new(trace, span, flags, true, TraceState::NONE)
}

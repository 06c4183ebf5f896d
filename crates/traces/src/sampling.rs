//! Which traces are recorded.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator, SamplingDecision, SamplingResult, ShouldSample};

/// Stands in a context whose trace somebody outside has begun.
#[derive(Debug)]
pub(crate) struct Outsider;

/// Records this share of the traces that begin here, and of those that outsiders want recorded. What goes on with a trace
/// of ours is recorded if its beginning was.
#[derive(Clone, Debug)]
pub(crate) struct Ratio {
    ids: RandomIdGenerator,
    /// Of the numbers of 64 bits, those below.
    bound: u64,
    is_all: bool,
}

impl Ratio {
    /// `ratio` is 0 to 1.
    pub(crate) fn new(ratio: f64) -> Self {
        let bound = (ratio.clamp(0.0, 1.0) * u64::MAX as f64) as u64;
        Self { ids: RandomIdGenerator::default(), bound, is_all: ratio >= 1.0 }
    }

    /// Drawn anew each time, and not computed from the trace: whoever chooses a trace's number would choose the answer.
    fn draw(&self) -> bool {
        self.is_all || u64::from_be_bytes(self.ids.new_span_id().to_bytes()) < self.bound
    }
}

impl ShouldSample for Ratio {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let known = parent.filter(|context| context.span().span_context().is_valid());
        let is_sampled = match known {
            None => self.draw(),
            Some(context) => {
                let wants = context.span().span_context().is_sampled();
                let is_foreign = context.get::<Outsider>().is_some() && context.span().span_context().is_remote();
                wants && (!is_foreign || self.draw())
            }
        };
        let decision = if is_sampled { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: vec![], trace_state: TraceState::NONE }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags};

    use super::*;

    fn sampled(ratio: &Ratio, parent: Option<&Context>) -> bool {
        let result = ratio.should_sample(parent, TraceId::from(7), "", &SpanKind::Internal, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    fn context(flags: TraceFlags) -> Context {
        let parent = SpanContext::new(TraceId::from(7), SpanId::from(7), flags, true, TraceState::NONE);
        Context::new().with_remote_span_context(parent)
    }

    #[test]
    fn what_goes_on_with_a_trace_of_ours_does_as_its_beginning_did() {
        for ratio in [0.0, 0.5, 1.0] {
            assert!(sampled(&Ratio::new(ratio), Some(&context(TraceFlags::SAMPLED))));
            assert!(!sampled(&Ratio::new(ratio), Some(&context(TraceFlags::NOT_SAMPLED))));
        }
    }

    #[test]
    fn an_outsider_may_leave_itself_out_and_gets_no_more_than_its_share() {
        let wanted = context(TraceFlags::SAMPLED).with_value(Outsider);
        let unwanted = context(TraceFlags::NOT_SAMPLED).with_value(Outsider);
        let (never, half, always) = (Ratio::new(0.0), Ratio::new(0.5), Ratio::new(1.0));
        assert!(!sampled(&never, Some(&wanted)) && sampled(&always, Some(&wanted)));
        assert!((0..1_000).all(|_| !sampled(&always, Some(&unwanted))));
        // Each request is drawn, though all of them say the same.
        let drawn = (0..1_000).filter(|_| sampled(&half, Some(&wanted))).count();
        assert!((300..700).contains(&drawn), "{drawn}");
        let begun = (0..1_000).filter(|_| sampled(&half, None)).count();
        assert!((300..700).contains(&begun), "{begun}");
    }
}

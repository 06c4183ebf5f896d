//! Where something stands in a trace: the header `traceparent` of W3C Trace Context.

use std::fmt;
use std::str::FromStr;

/// The name of the header.
pub const HEADER: &str = "traceparent";

/// How long a header of version 00 is.
const LENGTH: usize = 55;

/// A span of a trace, by which others go on with it. See <https://www.w3.org/TR/trace-context/#traceparent-header>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
    span: u64,
    /// Whether whoever made the span recorded it.
    pub is_sampled: bool,
}

/// A text that is no `traceparent`. Whoever receives one acts as if there were none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTraceParent;

impl TraceParent {
    /// A span of a trace; `None` when one of the two is zero, which means that there is none.
    #[must_use]
    pub const fn new(trace: u128, span: u64, is_sampled: bool) -> Option<Self> {
        if trace == 0 || span == 0 { None } else { Some(Self { trace, span, is_sampled }) }
    }

    /// The number of the trace, never 0.
    #[must_use]
    pub const fn trace(&self) -> u128 {
        self.trace
    }

    /// The number of the span, never 0.
    #[must_use]
    pub const fn span(&self) -> u64 {
        self.span
    }

    /// The trace, as collectors spell it: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    /// Reads a header strictly. What a version after 00 adds at the end is passed over, as the standard wants; 255 is no
    /// version.
    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let is_strange = |byte: u8| !matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
        let (known, more) = text.split_at_checked(LENGTH).ok_or(NoTraceParent)?;
        if known.bytes().any(is_strange) {
            return Err(NoTraceParent);
        }
        let parts: Vec<_> = known.split('-').collect();
        let [version, trace, span, flags] = parts[..] else { return Err(NoTraceParent) };
        if (version.len(), trace.len(), span.len(), flags.len()) != (2, 32, 16, 2) {
            return Err(NoTraceParent);
        }
        let ends_well = more.is_empty() || (version != "00" && more.starts_with('-'));
        if version == "ff" || !ends_well {
            return Err(NoTraceParent);
        }
        let trace = u128::from_str_radix(trace, 16).map_err(|_| NoTraceParent)?;
        let span = u64::from_str_radix(span, 16).map_err(|_| NoTraceParent)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| NoTraceParent)?;
        Self::new(trace, span, flags & 1 == 1).ok_or(NoTraceParent)
    }
}

/// The header, of version 00.
impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.is_sampled))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(text: &str) -> Option<String> {
        text.parse::<TraceParent>().ok().map(|parent| parent.to_string())
    }

    #[test]
    fn what_the_standard_allows_is_read_and_comes_back_as_version_00() {
        for (text, sampled) in [
            (format!("00-{TRACE}-{SPAN}-01"), "01"),
            (format!("00-{TRACE}-{SPAN}-00"), "00"),
            // Flags that nobody knows yet are not passed on.
            (format!("00-{TRACE}-{SPAN}-ff"), "01"),
            (format!("00-{TRACE}-{SPAN}-02"), "00"),
            (format!("cc-{TRACE}-{SPAN}-01"), "01"),
            (format!("01-{TRACE}-{SPAN}-01-what-the-future-brings, é"), "01"),
        ] {
            assert_eq!(read(&text), Some(format!("00-{TRACE}-{SPAN}-{sampled}")), "{text}");
        }
        let parent: TraceParent = format!("00-{TRACE}-{SPAN}-01").parse().unwrap();
        assert_eq!((parent.trace_id().as_str(), parent.span()), (TRACE, 0x00f0_67aa_0ba9_02b7));
    }

    #[test]
    fn everything_else_is_none() {
        let (no_trace, no_span) = ("0".repeat(32), "0".repeat(16));
        for text in [
            String::new(),
            "00".into(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("01-{TRACE}-{SPAN}-01more"),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("0-{TRACE}-{SPAN}-001"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{no_trace}-{SPAN}-01"),
            format!("00-{TRACE}-{no_span}-01"),
            format!("00-{TRACE}-{SPAN}-0G"),
            format!("00-{TRACE}-{SPAN}-+1"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01 "),
            format!("00_{TRACE}_{SPAN}_01"),
            format!("00-{TRACE}-{SPAN}é-1"),
            "-".repeat(LENGTH),
            "0".repeat(1 << 16),
        ] {
            assert_eq!(read(&text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_somebody_sends_breaks_it(text in ".{0,80}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_written_is_read_again(trace in 1_u128.., span in 1_u64.., is_sampled in any::<bool>()) {
            let parent = TraceParent::new(trace, span, is_sampled).unwrap();
            prop_assert_eq!(parent.to_string().parse(), Ok(parent));
        }
    }
}

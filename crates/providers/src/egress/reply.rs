//! What came back, cut to the size that was asked for.

use model::clock::{SECOND, Time};
use reqwest::Response;
use reqwest::header::{AsHeaderName, CONTENT_TYPE, DATE, RETRY_AFTER};

/// How long the other side wants to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// Until this time of its clock; it did not say what its clock shows.
    At(Time),
}

impl RetryAfter {
    /// Reads the header. A date is held against the answer's own `Date`, so that a clock that is wrong over
    /// there does not matter.
    fn read(text: &str, date: Option<&str>) -> Option<Self> {
        if let Ok(seconds) = text.trim().parse() {
            return Some(Self::Seconds(seconds));
        }
        let at = Time::parse_http(text)?;
        let here = date.and_then(Time::parse_http);
        Some(here.map_or(Self::At(at), |here| Self::Seconds(seconds_between(here, at))))
    }

    /// How many seconds that is at a time of this machine's clock.
    #[must_use]
    pub fn seconds(self, now: Time) -> u64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::At(at) => seconds_between(now, at),
        }
    }
}

fn seconds_between(from: Time, to: Time) -> u64 {
    u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0).div_ceil(SECOND.unsigned_abs())
}

/// An answer of any status; redirects are answers too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// `Retry-After`, in either of its forms.
    pub retry_after: Option<RetryAfter>,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// The first bytes of the body, at most as many as asked for.
    pub body: Vec<u8>,
    /// Whether `body` is all there was: false when it was longer than asked for, broke off, or was not asked for at
    /// all. Whoever needs the content rather than the status must look here.
    pub complete: bool,
}

impl Reply {
    /// Reads at most `limit` bytes of the body and drops the rest together with the connection.
    pub(super) async fn read(mut response: Response, limit: usize) -> Self {
        let mut reply = Self {
            status: response.status().as_u16(),
            retry_after: header(&response, RETRY_AFTER)
                .and_then(|text| RetryAfter::read(&text, header(&response, DATE).as_deref())),
            content_type: header(&response, CONTENT_TYPE),
            body: Vec::new(),
            complete: false,
        };
        // Whoever wants no bytes wants to know whether anybody answers: somebody just did.
        while limit > 0 && reply.body.len() <= limit {
            match response.chunk().await {
                Ok(Some(chunk)) => reply.body.extend_from_slice(&chunk),
                end => {
                    reply.complete = end.is_ok();
                    return reply;
                }
            }
        }
        reply.body.truncate(limit);
        reply
    }
}

fn header(response: &Response, name: impl AsHeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Fri, 08 May 2026 12:00:00 GMT";
    const TEN_PAST: &str = "Fri, 08 May 2026 12:10:00 GMT";

    #[test]
    fn both_forms_come_to_seconds() {
        let noon = Time::parse_http(NOON).unwrap();
        let seconds = |text, date, now| RetryAfter::read(text, date).map(|read: RetryAfter| read.seconds(now));
        assert_eq!(seconds(" 120 ", Some(NOON), noon), Some(120));
        assert_eq!(seconds(TEN_PAST, None, noon.plus(SECOND)), Some(599));
        assert_eq!(seconds(TEN_PAST, Some(NOON), noon.plus(86_400 * SECOND)), Some(600), "their clock counts");
        assert_eq!(seconds(NOON, Some(TEN_PAST), noon), Some(0));
        assert_eq!(seconds("soon", Some(NOON), noon), None);
        assert_eq!(seconds("-5", None, noon), None);
    }
}

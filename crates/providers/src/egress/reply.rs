//! What came back, cut to the size that was asked for.

use model::clock::{SECOND, Time};
use reqwest::Response;
use reqwest::header::{AsHeaderName, CONTENT_ENCODING, CONTENT_TYPE, DATE, RETRY_AFTER};

use super::packing::Packing;

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
    /// there does not matter. More seconds than can be counted are the most that can.
    fn read(text: &str, date: Option<&str>) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Some(Self::Seconds(text.parse().unwrap_or(u64::MAX)));
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
    /// What is known before the body. Headers that make no sense are as good as none; of several, the first that does.
    pub(super) fn begun(response: &Response) -> Self {
        let date = texts(response, DATE).next();
        Self {
            status: response.status().as_u16(),
            retry_after: texts(response, RETRY_AFTER).find_map(|text| RetryAfter::read(text, date)),
            content_type: texts(response, CONTENT_TYPE).next().map(str::to_owned),
            body: Vec::new(),
            complete: false,
        }
    }

    /// When it was answered, by the other side's clock.
    pub(super) fn date(response: &Response) -> Option<Time> {
        texts(response, DATE).find_map(Time::parse_http)
    }

    /// Reads at most `limit` bytes of the body. It may be dropped at any time: what was read by then is kept.
    pub(super) async fn read(&mut self, response: &mut Response, limit: usize) {
        // Whoever wants no bytes wants to know whether anybody answers: somebody just did.
        while limit > 0 && self.body.len() <= limit {
            match response.chunk().await {
                Ok(Some(chunk)) => self.body.extend_from_slice(&chunk),
                end => {
                    self.complete = end.is_ok();
                    return;
                }
            }
        }
        self.body.truncate(limit);
    }

    /// Unpacks what was read, to at most `limit` bytes.
    pub(super) fn unpack(&mut self, packing: Option<Packing>, limit: usize) {
        let Some(unpacked) = packing.and_then(|packing| packing.unpack(&self.body, limit)) else {
            self.complete &= self.body.len() <= limit;
            self.body.truncate(limit);
            return;
        };
        self.complete &= unpacked.complete;
        self.body = unpacked.body;
    }
}

/// The values of a header that are text.
fn texts(response: &Response, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    response.headers().get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

/// How the body is packed, although nobody asked for that.
pub(super) fn packing(response: &Response) -> Option<Packing> {
    Packing::of(texts(response, CONTENT_ENCODING).next()?)
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

    #[test]
    fn seconds_may_be_as_many_as_they_like() {
        let nines = "9".repeat(5_000);
        for (text, seconds) in [
            ("0", 0),
            ("000000000000000000000000000120", 120),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551616", u64::MAX),
            (&nines, u64::MAX),
        ] {
            assert_eq!(RetryAfter::read(text, None), Some(RetryAfter::Seconds(seconds)), "{text}");
        }
        for text in ["", " ", "+5", "-0", "1e3", "12.5", "0x10", "12 13", "٣"] {
            assert_eq!(RetryAfter::read(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_date_may_be_in_any_form_and_any_year() {
        let noon = Time::parse_http(NOON).unwrap();
        for ten_past in [TEN_PAST, "Friday, 08-May-26 12:10:00 GMT", "Fri May  8 12:10:00 2026"] {
            for date in [NOON, "Friday, 08-May-26 12:00:00 GMT", "Fri May  8 12:00:00 2026"] {
                assert_eq!(RetryAfter::read(ten_past, Some(date)), Some(RetryAfter::Seconds(600)), "{ten_past} {date}");
            }
        }
        let far = RetryAfter::read("Fri, 31 Dec 9999 23:59:59 GMT", None).unwrap();
        assert_eq!(far.seconds(noon), 251_624_059_199);
        assert_eq!(far.seconds(Time(i64::MIN)), i64::MAX.unsigned_abs().div_ceil(1_000_000));
        let past = RetryAfter::read("Thu, 01 Jan 1970 00:00:00 GMT", None).unwrap();
        assert_eq!((past.seconds(noon), past.seconds(Time(i64::MAX))), (0, 0));
    }
}

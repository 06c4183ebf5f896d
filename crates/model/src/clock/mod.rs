//! Time as a value: nothing in the product reads a clock but through [`Clock`].

mod steady;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use steady::{CARRIED, Hands, Machine, MachineByHand, NOTED, SteadyClock, Watch};

/// A length of time in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day of 24 hours in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

impl Time {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000)
    }

    /// Whole milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This time moved by a number of microseconds.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// One calendar month later in UTC: same day and time, clamped to the month's end.
    ///
    /// `anchor` is the day of the month that the first period began on, so that 31 January,
    /// 28 February, 31 March does not drift to the 28th.
    #[must_use]
    pub fn next_month(self, anchor: i8) -> Self {
        let Ok(stamp) = jiff::Timestamp::from_microsecond(self.0) else { return self };
        let here = stamp.to_zoned(TimeZone::UTC).datetime();
        let moved = here.first_of_month().checked_add(jiff::Span::new().months(1)).and_then(|first| {
            let day = anchor.clamp(1, first.days_in_month());
            first.with().day(day).build()
        });
        moved
            .and_then(|later| later.to_zoned(TimeZone::UTC))
            .map_or(self, |later| Self(later.timestamp().as_microsecond()))
    }

    /// The first moment of its calendar month in UTC.
    #[must_use]
    pub fn start_of_month(self) -> Self {
        let Ok(stamp) = jiff::Timestamp::from_microsecond(self.0) else { return self };
        let first = stamp.to_zoned(TimeZone::UTC).datetime().first_of_month().start_of_day();
        first.to_zoned(TimeZone::UTC).map_or(self, |zoned| Self(zoned.timestamp().as_microsecond()))
    }

    /// The day of the month in UTC, 1–31.
    #[must_use]
    pub fn day_of_month(self) -> i8 {
        jiff::Timestamp::from_microsecond(self.0).map_or(1, |stamp| stamp.to_zoned(TimeZone::UTC).day())
    }

    /// The date alone, `2026-05-08`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Reads the date of an HTTP header in any of its three forms (RFC 9110 §5.6.7), or with another zone, as mail writes
    /// it; `None` when it is none.
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(date) = httpdate::parse_http_date(text) {
            let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
            return i64::try_from(since.as_micros()).ok().map(Self);
        }
        let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Self(parsed.timestamp().as_microsecond()))
    }

    /// Reads RFC 3339 text; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|stamp| Self(stamp.as_microsecond()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = jiff::Timestamp::from_second(self.seconds()).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{whole:.0}")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 time"))
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Server time.
    fn now(&self) -> Time;

    /// What the machine's own clock shows: for whoever holds it against a clock of theirs.
    fn wall(&self) -> Time {
        self.now()
    }

    /// Whether it goes on while somebody waits for it. For one that is moved by hand nobody waits: they come back when they are
    /// told to.
    fn runs(&self) -> bool {
        true
    }
}

/// The machine's clock: the only place that reads it. It may go back; a server has a [`SteadyClock`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    fn now(&self) -> Time {
        Time(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that moves only by hand: for tests.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that stands at `time`.
    #[must_use]
    pub fn at(time: Time) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(time.0)))
    }

    /// Puts the clock to `time`.
    pub fn set(&self, time: Time) {
        self.0.store(time.0, Ordering::SeqCst);
    }

    /// Moves the clock on by a number of microseconds.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

/// The two times of one moment: the server's, and the one a partner's world believes in.
///
/// Ids, leases and due times are server time. Everything a partner reads as a
/// business time is partner time: the server's plus the world's offset, which the test clock raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Server time.
    pub server: Time,
    /// What the world's clock is ahead by, in microseconds.
    pub offset: i64,
}

impl Now {
    /// Partner time.
    #[must_use]
    pub const fn partner(self) -> Time {
        self.server.plus(self.offset)
    }

    /// The server time at which a partner time comes.
    #[must_use]
    pub const fn due(self, partner_time: Time) -> Time {
        partner_time.plus(-self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_keep_their_anchor_day() {
        let mut time = Time::parse("2026-01-31T10:00:00Z").unwrap();
        let mut seen = vec![];
        for _ in 0..4 {
            time = time.next_month(31);
            seen.push(time.date());
        }
        assert_eq!(seen, ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]);
    }

    #[test]
    fn dates_of_http_headers_are_read() {
        let noon = Time::parse("2026-05-08T12:00:00Z");
        assert_eq!(Time::parse_http("Fri, 08 May 2026 12:00:00 GMT"), noon);
        assert_eq!(Time::parse_http(" Fri, 08 May 2026 14:00:00 +0200 "), noon);
        for text in ["Friday, 08-May-26 12:00:00 GMT", "Fri May  8 12:00:00 2026", " Fri May  8 12:00:00 2026\t"] {
            assert_eq!(Time::parse_http(text), noon, "{text}");
        }
        assert_eq!(Time::parse_http("Fri, 31 Dec 9999 23:59:59 GMT").map(Time::seconds), Some(253_402_300_799));
        assert_eq!(Time::parse_http("Thu, 01 Jan 1970 00:00:00 GMT"), Some(Time(0)));
        for text in [
            "",
            "120",
            "soon",
            "Fri, 99 May 2026 12:00:00 GMT",
            "Friday, 08-May-26 12:00:00",
            "Fri Feb 30 12:00:00 2026",
        ] {
            assert_eq!(Time::parse_http(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_no_date_is_read_as_none_without_harm(text in "\\PC*", date in "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT") {
            let _ = (Time::parse_http(&text), Time::parse_http(&date));
        }
    }

    #[test]
    fn times_are_told_in_whole_seconds() {
        assert_eq!(Time(1_778_241_600_999_999).to_string(), "2026-05-08T12:00:00Z");
    }
}

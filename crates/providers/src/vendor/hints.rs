//! What an answer's headers say about how much more may be asked.
//!
//! There are three customs: `X-RateLimit-Remaining` with a `Reset` that is a time of day, or seconds, as each vendor likes;
//! the same names without the `X-`; and `RateLimit` as a structured field, in an older form (`limit=…, remaining=…, reset=…`)
//! and the current one (`"default";r=50;t=30`, draft-ietf-httpapi-ratelimit-headers). What makes no sense is as good as
//! nothing: a hint may slow us down and never break anything.

use model::clock::{SECOND, Time};

/// What is left until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// How many more requests.
    pub(super) left: u64,
    /// Until there are more, in microseconds.
    pub(super) resets_in: i64,
}

/// The longest that a hint is believed, in seconds.
const LONGEST: u64 = 3_600;
/// How long a limit is taken to last that does not say it, in seconds.
const USUAL: u64 = 60;

/// The tightest room that an answer tells of. Times of day are held against the answer's own `Date`, else against `now`, a
/// time of this machine's clock. Names of headers are in lower case.
pub(super) fn room(headers: &[(String, String)], now: Time) -> Option<Room> {
    let value = |name: &str| headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str());
    let date = value("date").and_then(Time::parse_http).unwrap_or(now);
    let pair = |left: &str, reset: &str| -> Option<Room> {
        Some(Room { left: count(value(left)?)?, resets_in: reset_in(value(reset)?, date)? })
    };
    let fields = headers.iter().filter(|(name, _)| name == "ratelimit").map(|(_, value)| value.as_str());
    let policies: Vec<_> =
        headers.iter().filter(|(name, _)| name == "ratelimit-policy").flat_map(|(_, value)| items(value)).collect();
    let structured = fields.flat_map(|field| structured(field, &policies, date));
    structured
        .chain(pair("x-ratelimit-remaining", "x-ratelimit-reset"))
        .chain(pair("ratelimit-remaining", "ratelimit-reset"))
        .filter(|room| room.resets_in > 0)
        .min_by_key(|room| (room.left, std::cmp::Reverse(room.resets_in)))
}

fn structured(field: &str, policies: &[Item], date: Time) -> Vec<Room> {
    let items = items(field);
    let older = |name: &str| items.iter().find_map(|item| item.name.strip_prefix(name)?.strip_prefix('='));
    if let (Some(left), Some(reset)) =
        (older("remaining").and_then(count), older("reset").and_then(|reset| reset_in(reset, date)))
    {
        return vec![Room { left, resets_in: reset }];
    }
    let lasts = |item: &Item| {
        let policy = policies.iter().find(|policy| policy.name == item.name);
        item.parameter("t").or_else(|| policy.and_then(|policy| policy.parameter("w"))).unwrap_or(USUAL)
    };
    let room = |item: &Item| Some(Room { left: item.parameter("r")?, resets_in: micros(lasts(item)) });
    items.iter().filter_map(room).collect()
}

/// A member of a structured field (RFC 9651 §3.1): its name, and its parameters as they stand.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    name: String,
    parameters: Vec<String>,
}

impl Item {
    fn parameter(&self, name: &str) -> Option<u64> {
        let of = |text: &String| count(text.strip_prefix(name)?.strip_prefix('=')?);
        self.parameters.iter().find_map(of)
    }
}

fn items(field: &str) -> Vec<Item> {
    let item = |text: String| {
        let mut parts = apart(&text, ';').into_iter();
        let name = parts.next().unwrap_or_default().trim_matches('"').to_owned();
        Item { name, parameters: parts.collect() }
    };
    apart(field, ',').into_iter().map(item).collect()
}

/// The parts between a separator, where it is not in quotes.
fn apart(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut part, mut is_quoted) = (vec![], String::new(), false);
    for letter in text.chars() {
        is_quoted ^= letter == '"';
        match letter == separator && !is_quoted {
            true => parts.push(std::mem::take(&mut part)),
            false => part.push(letter),
        }
    }
    parts.push(part);
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// A whole number; what stands behind its point does not count.
fn count(text: &str) -> Option<u64> {
    let whole = text.trim().split('.').next()?;
    let is_number = !whole.is_empty() && whole.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| whole.parse().unwrap_or(u64::MAX))
}

/// When a limit ends: a time of day in seconds or milliseconds, or so many seconds from now. No limit lasts thirty years.
fn reset_in(text: &str, date: Time) -> Option<i64> {
    const A_TIME: u64 = 1_000_000_000;
    const MILLIS: u64 = 1_000_000_000_000;
    let number = count(text)?;
    let here = u64::try_from(date.seconds()).unwrap_or(0);
    Some(micros(match number {
        MILLIS.. => (number / 1_000).saturating_sub(here),
        A_TIME.. => number.saturating_sub(here),
        seconds => seconds,
    }))
}

/// So many seconds, and one more where there are any: theirs are rounded.
fn micros(seconds: u64) -> i64 {
    let seconds = seconds.min(LONGEST);
    let more = u64::from(seconds > 0);
    i64::try_from(seconds + more).unwrap_or(0) * SECOND
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: &str = "Fri, 08 May 2026 12:00:00 GMT";

    fn read(headers: &[(&str, &str)]) -> Option<(u64, i64)> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        room(&headers, Time(0)).map(|room| (room.left, room.resets_in / SECOND))
    }

    #[test]
    fn each_custom_is_read() {
        let noon = Time::parse_http(NOON).unwrap().seconds();
        let (at, millis) = ((noon + 90).to_string(), ((noon + 90) * 1_000).to_string());
        for (headers, told) in [
            (vec![("date", NOON), ("x-ratelimit-remaining", "2396"), ("x-ratelimit-reset", &at)], Some((2_396, 91))),
            (vec![("date", NOON), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &millis)], Some((0, 91))),
            (vec![("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "30.5")], Some((7, 31))),
            (vec![("ratelimit-remaining", "7"), ("ratelimit-reset", "30")], Some((7, 31))),
            (vec![("ratelimit", "limit=100, remaining=50, reset=5")], Some((50, 6))),
            (vec![("ratelimit", r#""default";r=50;t=30"#)], Some((50, 31))),
            (vec![("ratelimit", r#""a, b";r=9;t=10, "day";r=3;t=600"#)], Some((3, 601))),
            (vec![("ratelimit", r#""p";r=0"#), ("ratelimit-policy", r#""p";q=1200;w=300"#)], Some((0, 301))),
            (vec![("ratelimit", r#""p";r=0"#)], Some((0, 61))),
            (
                vec![("ratelimit", r#""p";r=8;t=9"#), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "5")],
                Some((1, 6)),
            ),
        ] {
            assert_eq!(read(&headers), told, "{headers:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_or_is_over_says_nothing() {
        for headers in [
            vec![],
            vec![("x-ratelimit-remaining", "5")],
            vec![("x-ratelimit-remaining", "-5"), ("x-ratelimit-reset", "10")],
            vec![("x-ratelimit-remaining", "many"), ("x-ratelimit-reset", "10")],
            vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "0")],
            vec![("date", NOON), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1479892333")],
            vec![("ratelimit", r#"";r=1;t=1"#)],
            vec![("ratelimit", "")],
        ] {
            assert_eq!(read(&headers), None, "{headers:?}");
        }
    }

    #[test]
    fn nothing_is_believed_for_longer_than_an_hour() {
        let far = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999999999999999")];
        assert_eq!(read(&far), Some((0, 3_601)));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_without_harm(field in "\\PC{0,60}", left in "[0-9.x-]{0,30}", reset in "[0-9.x-]{0,30}") {
            let headers = [("ratelimit", &*field), ("x-ratelimit-remaining", &*left), ("x-ratelimit-reset", &*reset)];
            if let Some((_, seconds)) = read(&headers) {
                prop_assert!((1..=3_601).contains(&seconds));
            }
        }

        #[test]
        fn the_tightest_counts(rooms in proptest::collection::vec((0..100_u64, 1..3_000_u64), 1..6)) {
            let field = rooms.iter().map(|(left, last)| format!("\"q\";r={left};t={last}")).collect::<Vec<_>>().join(", ");
            let tightest = rooms.iter().map(|(left, _)| *left).min();
            prop_assert_eq!(read(&[("ratelimit", &field)]).map(|(left, _)| left), tightest);
        }
    }
}

//! What an order has come to, and when the next one is due.

use super::Certificate;
use crate::clock::{DAY, HOUR, MINUTE, Time};
use crate::redirect::Site;

/// A certificate that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The names that it is for.
    pub names: Vec<String>,
    /// From when on it counts.
    pub begins_at: Time,
    /// Until when it counts.
    pub ends_at: Time,
    /// Between which times its authority wants it renewed, where it says so (RFC 9773 §4.2).
    pub suggested: Option<(Time, Time)>,
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is to be done about it.
    pub kind: FailureKind,
    /// What happened, a sentence for people.
    pub sentence: String,
    /// The names that the authority did not accept, where it was about names.
    pub refused: Vec<String>,
    /// Before when the authority wants to hear nothing of it, where it said so.
    pub not_before: Option<Time>,
}

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The authority gave no clear answer: it is asked again soon.
    Silent,
    /// The account has asked for too much: all of it waits.
    TooMuch,
    /// The authority said no, or did not get to us: it is asked again later.
    Refused,
}

impl FailureKind {
    /// How long is waited after the first failure, and at most.
    const fn waits(self) -> (i64, i64) {
        match self {
            Self::Silent => (MINUTE, HOUR),
            Self::TooMuch => (HOUR, DAY),
            // Let's Encrypt lets five fail within an hour (<https://letsencrypt.org/docs/rate-limits/>).
            Self::Refused => (15 * MINUTE, DAY),
        }
    }
}

impl Certificate {
    /// How it stands after it was made.
    #[must_use]
    pub fn made(&self, made: &Made) -> Self {
        let is_left_out = made.names.len() < Site::names(&self.host).len();
        Self {
            host: self.host.clone(),
            names: made.names.clone(),
            begins_at: Some(made.begins_at),
            ends_at: Some(made.ends_at),
            due_at: Some(renewal(&self.host, made)),
            failures: 0,
            // What is in the way of `www` may be gone by then.
            without_www: false,
            trouble: self.trouble.clone().filter(|_| is_left_out),
        }
    }

    /// How it stands after an order has failed. What there was goes on counting.
    #[must_use]
    pub fn failed(&self, failure: &Failure, now: Time) -> Self {
        let trouble = Some(failure.sentence.clone());
        let [_, www] = Site::names(&self.host);
        if !self.without_www && failure.kind == FailureKind::Refused && failure.refused == [www] {
            return Self { without_www: true, trouble, due_at: Some(now), ..self.clone() };
        }
        let failures = self.failures.saturating_add(1);
        let due_at = now.plus(wait(&self.host, failure.kind, failures)).max(failure.not_before.unwrap_or_default());
        Self { failures, trouble, due_at: Some(due_at), without_www: false, ..self.clone() }
    }
}

/// When a certificate is renewed: when its authority says, or when two thirds of its life are over. Those that were made together
/// are not renewed together.
fn renewal(host: &str, made: &Made) -> Time {
    let life = made.ends_at.0.saturating_sub(made.begins_at.0).max(0);
    let (from, until) = match made.suggested {
        // Where it makes no sense it is not heard.
        Some((from, until)) if from <= until && until <= made.ends_at => (from, until),
        _ => (made.begins_at.plus(life / 3 * 2 - life / 30), made.begins_at.plus(life / 3 * 2)),
    };
    from.plus(part(until.0.saturating_sub(from.0), host, 0))
}

/// How long is waited after so many failures in a row.
fn wait(host: &str, kind: FailureKind, failures: u32) -> i64 {
    let (first, most) = kind.waits();
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(most);
    doubled + part(doubled / 4, host, failures)
}

/// A part of something, another for each host and each time, and always the same (FNV-1a).
fn part(of: i64, host: &str, time: u32) -> i64 {
    let bytes = host.bytes().chain(time.to_be_bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i64::try_from((i128::from(of) * i128::from(hash)) >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(20_000 * DAY);

    fn certificate() -> Certificate {
        Certificate::wanted("acme.com", NOW)
    }

    fn made(names: &[&str], days: i64) -> Made {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Made { names, begins_at: NOW, ends_at: NOW.plus(days * DAY), suggested: None }
    }

    fn failure(kind: FailureKind, refused: &[&str]) -> Failure {
        let refused = refused.iter().map(|name| (*name).to_owned()).collect();
        Failure { kind, sentence: "It said no.".into(), refused, not_before: None }
    }

    #[test]
    fn it_is_renewed_when_two_thirds_of_its_life_are_over() {
        for days in [6, 47, 90] {
            let due = certificate().made(&made(&["acme.com", "www.acme.com"], days)).due_at.unwrap();
            let (from, until) = (NOW.plus(days * DAY * 19 / 30), NOW.plus(days * DAY * 2 / 3));
            assert!((from..=until).contains(&due), "{days} days: {due}");
        }
    }

    #[test]
    fn many_that_were_made_together_are_renewed_one_by_one() {
        let due = |n: u32| Certificate::wanted(format!("team-{n}.com"), NOW).made(&made(&["a"], 90)).due_at.unwrap();
        let mut hours: Vec<_> = (0..1_000).map(|n| due(n).0 / HOUR).collect();
        hours.sort_unstable();
        let worst = hours.chunk_by(|one, other| one == other).map(<[_]>::len).max().unwrap();
        assert!(worst < 60, "of a thousand within three days {worst} in one hour");
    }

    #[test]
    fn the_authority_says_when_unless_that_makes_no_sense() {
        let suggested = |from: i64, until: i64| {
            let suggested = Some((NOW.plus(from * DAY), NOW.plus(until * DAY)));
            certificate().made(&Made { suggested, ..made(&["acme.com"], 90) }).due_at.unwrap()
        };
        assert!((NOW.plus(3 * DAY)..=NOW.plus(4 * DAY)).contains(&suggested(3, 4)));
        assert!(suggested(-3, -2) < NOW, "it was withdrawn: at once");
        for (from, until) in [(4, 3), (80, 100)] {
            assert!((NOW.plus(57 * DAY)..=NOW.plus(60 * DAY)).contains(&suggested(from, until)), "{from} to {until}");
        }
    }

    #[test]
    fn it_is_asked_for_less_often_the_more_often_it_fails() {
        for (kind, first, most) in [
            (FailureKind::Silent, MINUTE, HOUR),
            (FailureKind::TooMuch, HOUR, DAY),
            (FailureKind::Refused, 15 * MINUTE, DAY),
        ] {
            let (mut standing, mut last) = (certificate(), 0);
            for n in 1..40 {
                standing = standing.failed(&failure(kind, &["acme.com"]), NOW);
                let wait = standing.due_at.unwrap().0 - NOW.0;
                assert_eq!(standing.failures, n);
                assert!(wait >= last.min(most) && wait <= most * 5 / 4, "{kind:?}, {n}: {wait}");
                assert!(n > 1 || (first..=first * 5 / 4).contains(&wait), "{kind:?}: {wait}");
                last = wait;
            }
        }
    }

    #[test]
    fn a_time_that_the_authority_names_is_kept() {
        let later = NOW.plus(3 * DAY);
        let failure = Failure { not_before: Some(later), ..failure(FailureKind::TooMuch, &[]) };
        assert_eq!(certificate().failed(&failure, NOW).due_at, Some(later));
    }

    #[test]
    fn www_is_left_out_when_only_it_is_in_the_way_and_tried_again_with_the_next_one() {
        let refused = failure(FailureKind::Refused, &["www.acme.com"]);
        let next = certificate().failed(&refused, NOW);
        assert_eq!((next.next_names(), next.due_at, next.failures), (vec!["acme.com".to_owned()], Some(NOW), 0));
        let made = next.made(&made(&["acme.com"], 90));
        assert_eq!(made.trouble.as_deref(), Some("It said no."), "somebody may want to know");
        assert_eq!(made.next_names().len(), 2);
        let again = next.failed(&failure(FailureKind::Refused, &["acme.com"]), NOW);
        assert!(!again.without_www && again.failures == 1, "it was not only www");
        for refused in [&["acme.com"][..], &["acme.com", "www.acme.com"], &[]] {
            assert!(!certificate().failed(&failure(FailureKind::Refused, refused), NOW).without_www, "{refused:?}");
        }
    }

    #[test]
    fn what_there_is_goes_on_counting_when_the_next_order_fails() {
        let whole = certificate().made(&made(&["acme.com", "www.acme.com"], 90));
        assert_eq!(whole.trouble, None);
        let failed = whole.failed(&failure(FailureKind::Silent, &[]), NOW.plus(60 * DAY));
        assert!(failed.counts_at(NOW.plus(89 * DAY)) && !failed.counts_at(NOW.plus(90 * DAY)));
        assert_eq!(failed.names.len(), 2);
        let mended = failed.made(&made(&["acme.com", "www.acme.com"], 90));
        assert_eq!((mended.failures, mended.trouble), (0, None));
    }
}

//! What an answer means, or that there was none: the one place that says so for all vendors.

use std::time::Duration;

use model::clock::{SECOND, Time};

use super::answer::Answer;
use super::settings::Form;
use crate::egress::EgressError;
use crate::trouble::Trouble;

/// What an answer means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It says something about what was asked, a no included: the adapter reads it.
    Clear,
    /// The account was asked too often, and is left alone for as long as it says.
    Limited(Option<Duration>),
    /// This operation was asked for too often; others of the account go on.
    Spent(Option<Duration>),
    /// The vendor does not know us.
    Unauthorized,
    /// The vendor knows us and does not let us.
    Forbidden,
    /// The base address leads elsewhere.
    Moved,
    /// It says nothing: whether what was asked was done is not known.
    Unclear,
}

/// What a status means where nothing else is known of the vendor (RFC 9110 §15, RFC 6585 §4).
#[must_use]
pub fn by_status(answer: &Answer) -> Meaning {
    match answer.status {
        401 => Meaning::Unauthorized,
        403 => Meaning::Forbidden,
        429 => Meaning::Limited(None),
        301 | 302 | 307 | 308 => Meaning::Moved,
        // A request that did not arrive whole in time may have been acted upon by a vendor that streams.
        408 | 425 => Meaning::Unclear,
        200..=299 | 400..=499 => Meaning::Clear,
        _ => Meaning::Unclear,
    }
}

/// What an answer means at a vendor that answers in this form. Of what is not whole, or is not in its form, only the status
/// counts: a page that somebody in between put there must not be read as the vendor's "not found".
pub(super) fn of(answer: &Answer, form: Form, meaning: fn(&Answer) -> Meaning) -> Meaning {
    let is_in_form = match form {
        Form::Json => answer.is_json_or_nothing(),
        Form::Words => answer.is_json_or_nothing() || answer.is_words(),
        Form::Any => true,
    };
    match answer.complete && is_in_form {
        true => meaning(answer),
        false => match by_status(answer) {
            Meaning::Clear => Meaning::Unclear,
            other => other,
        },
    }
}

/// How long an account is left alone that says it was asked too often, and not for how long.
const LEFT_ALONE: Duration = Duration::from_secs(60);
/// The longest that an answer is believed: who is still limited afterwards says so again.
const BELIEVED: Duration = Duration::from_secs(3_600);

/// How long an account, or an operation of it, is left alone after such an answer, in microseconds.
pub(super) fn pause(said: Option<Duration>, retry_after: Option<Duration>) -> i64 {
    let pause = said.or(retry_after).unwrap_or(LEFT_ALONE).min(BELIEVED);
    i64::try_from(pause.as_micros()).unwrap_or(i64::MAX).max(SECOND)
}

/// What was asked may have been done, or not: nobody said. A look has done nothing.
pub(super) const fn unclear(writes: bool) -> Trouble {
    if writes { Trouble::Unknown } else { Trouble::Later(None) }
}

/// What an answer that is not clear means. `until` is when the vendor may be asked again, if it said so.
pub(super) fn trouble(meaning: Meaning, account: &str, operation: &str, writes: bool, until: Option<Time>) -> Trouble {
    match meaning {
        Meaning::Limited(_) | Meaning::Spent(_) => Trouble::Later(until),
        Meaning::Unauthorized => Trouble::Misconfigured(format!(
            "The account {account} is not let in by its vendor (401): check its credentials in the configuration."
        )),
        Meaning::Forbidden => Trouble::Misconfigured(format!(
            "The account {account} may not do this at its vendor ({operation}, 403): give its key the permission, or allow \
             this server's address there."
        )),
        Meaning::Moved => Trouble::Misconfigured(format!(
            "The base address of the account {account} leads elsewhere: set it to where its vendor answers itself."
        )),
        Meaning::Unclear | Meaning::Clear if writes => Trouble::Unknown,
        Meaning::Unclear | Meaning::Clear => Trouble::Later(until),
    }
}

/// What it means that there was no answer.
pub(super) fn silence(error: EgressError, account: &str, writes: bool) -> Trouble {
    match error {
        EgressError::BadUrl(_) | EgressError::NotPublic => Trouble::Misconfigured(format!(
            "The account {account} cannot be asked with this base address and these credentials: a character in them does \
             not fit into a request."
        )),
        // Nothing was sent.
        EgressError::Unresolved | EgressError::Connect | EgressError::Tls | EgressError::Ours => Trouble::Later(None),
        EgressError::Timeout | EgressError::Other => unclear(writes),
    }
}

/// Whether it is the vendor that does not answer, rather than this machine that cannot ask.
pub(super) const fn is_theirs(error: EgressError) -> bool {
    match error {
        EgressError::Unresolved
        | EgressError::Connect
        | EgressError::Tls
        | EgressError::Timeout
        | EgressError::Other => true,
        EgressError::BadUrl(_) | EgressError::NotPublic | EgressError::Ours => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::answer::made::answer;
    use super::*;
    use crate::egress::UrlFault;

    fn meaning(status: u16, body: &str) -> Meaning {
        of(&answer(status, &[], body), Form::Json, by_status)
    }

    #[test]
    fn a_status_means_what_the_field_says() {
        for (status, meant) in [
            (200, Meaning::Clear),
            (202, Meaning::Clear),
            (400, Meaning::Clear),
            (404, Meaning::Clear),
            (409, Meaning::Clear),
            (422, Meaning::Clear),
            (401, Meaning::Unauthorized),
            (403, Meaning::Forbidden),
            (429, Meaning::Limited(None)),
            (302, Meaning::Moved),
            (304, Meaning::Unclear),
            (408, Meaning::Unclear),
            (500, Meaning::Unclear),
            (503, Meaning::Unclear),
            (999, Meaning::Unclear),
        ] {
            assert_eq!(meaning(status, "{}"), meant, "{status}");
        }
    }

    #[test]
    fn what_somebody_in_between_says_is_not_the_vendors_word() {
        assert_eq!(meaning(404, "<h1>Not Found</h1>"), Meaning::Unclear);
        assert_eq!(meaning(200, r#"{"data":[{"id"#), Meaning::Unclear);
        assert_eq!(meaning(429, "slow down"), Meaning::Limited(None));
        assert_eq!(of(&answer(404, &[], "Not Found"), Form::Any, by_status), Meaning::Clear);
        let words = |body: &str| of(&answer(200, &[], body), Form::Words, by_status);
        assert_eq!((words("Suspended."), words(r#"{"ok":true}"#)), (Meaning::Clear, Meaning::Clear));
        for page in ["<h1>Welcome</h1>", r#"{"data":[{"id"#, &"long ".repeat(100)] {
            assert_eq!(words(page), Meaning::Unclear, "{page}");
        }
        let half = Answer { complete: false, ..answer(200, &[], "{}") };
        assert_eq!(of(&half, Form::Any, by_status), Meaning::Unclear);
        assert_eq!(of(&half, Form::Json, |_| Meaning::Clear), Meaning::Unclear, "an adapter is not asked about a half");
        let enveloped = of(&answer(200, &[], r#"{"status":"ERROR"}"#), Form::Json, |_| Meaning::Spent(None));
        assert_eq!(enveloped, Meaning::Spent(None), "an adapter knows better");
    }

    #[test]
    fn a_write_without_a_clear_answer_is_unknown_and_one_that_was_not_sent_is_later() {
        let to = |error, writes| silence(error, "main", writes);
        for error in [EgressError::Connect, EgressError::Unresolved, EgressError::Tls, EgressError::Ours] {
            assert_eq!((to(error, true), to(error, false)), (Trouble::Later(None), Trouble::Later(None)), "{error:?}");
        }
        for error in [EgressError::Timeout, EgressError::Other] {
            assert_eq!((to(error, true), to(error, false)), (Trouble::Unknown, Trouble::Later(None)), "{error:?}");
        }
        let Trouble::Misconfigured(words) = to(EgressError::BadUrl(UrlFault::Malformed), true) else { panic!() };
        assert!(words.contains("main"));
        assert!(is_theirs(EgressError::Timeout) && !is_theirs(EgressError::Ours));
    }

    #[test]
    fn the_operator_is_told_which_account_and_what_to_do() {
        for (meaning, word) in
            [(Meaning::Unauthorized, "credentials"), (Meaning::Forbidden, "register"), (Meaning::Moved, "base address")]
        {
            let Trouble::Misconfigured(words) = trouble(meaning, "main", "register", true, None) else { panic!() };
            assert!(words.contains("main") && words.contains(word), "{words}");
        }
    }

    #[test]
    fn a_pause_is_what_was_said_within_reason() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(pause(seconds(5), seconds(90)), 5 * SECOND);
        assert_eq!(pause(None, seconds(90)), 90 * SECOND);
        assert_eq!(pause(None, None), 60 * SECOND);
        assert_eq!(pause(seconds(0), None), SECOND);
        assert_eq!(pause(seconds(u64::MAX), None), 3_600 * SECOND);
    }

    proptest! {
        #[test]
        fn no_write_is_ever_told_as_not_done_by_an_answer_that_is_not_clear(
            status in 0..1_000_u16, body in "\\PC{0,40}", complete: bool
        ) {
            let answer = Answer { complete, writes: true, ..answer(status, &[], &body) };
            let meaning = of(&answer, Form::Json, by_status);
            let trouble = trouble(meaning, "main", "buy", true, None);
            if meaning == Meaning::Unclear || meaning == Meaning::Clear {
                prop_assert_eq!(trouble, Trouble::Unknown);
            }
            prop_assert!(status < 500 || meaning == Meaning::Unclear);
        }
    }
}

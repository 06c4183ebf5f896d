//! What a vendor answered.

use std::borrow::Cow;
use std::fmt;

use model::clock::Time;
use serde::de::DeserializeOwned;

use super::meaning::unclear;
use super::request::Request;
use crate::egress::{Incoming, RetryAfter};
use crate::trouble::Trouble;

/// Headers by which a vendor finds a request in its own logs, the usual ones first.
const REQUEST_IDS: [&str; 5] = ["x-request-id", "request-id", "x-amzn-requestid", "x-correlation-id", "cf-ray"];

/// An answer that says something clear, of whatever status.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// Its headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// Its body.
    pub(super) body: Vec<u8>,
    /// Whether that is all of it.
    pub(super) complete: bool,
    /// How long it wants to be left alone.
    pub(super) retry_after: Option<RetryAfter>,
    /// Whether what was asked may have changed something.
    pub(super) writes: bool,
    /// What it was asked for.
    pub(super) operation: &'static str,
}

impl Answer {
    pub(super) fn new(incoming: Incoming, request: &Request) -> Self {
        let Incoming { reply, headers } = incoming;
        let (body, complete, retry_after) = (reply.body, reply.complete, reply.retry_after);
        let (writes, operation) = (request.writes, request.operation);
        Self { status: reply.status, headers, body, complete, retry_after, writes, operation }
    }

    /// Whether its status is a 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The first header of this name; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// How the vendor calls this request in its own logs.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.header(name))
    }

    /// What the vendor's clock said when it answered (RFC 9110, section 6.6.1).
    #[must_use]
    pub fn date(&self) -> Option<Time> {
        self.header("date").and_then(Time::parse_http)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body, read as what is expected of this answer.
    ///
    /// # Errors
    /// What an answer that nobody understands means: `Unknown` when something may have been done, `Later` when it was
    /// only a look.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The reader's own words would quote what it read.
            let (line, column, kind) = (error.line(), error.column(), error.classify());
            tracing::warn!(
                operation = self.operation,
                status = self.status,
                ?kind,
                line,
                column,
                "a vendor's answer has another shape than expected"
            );
            self.unclear()
        })
    }

    /// What it means that this answer says nothing: for an adapter that finds a contradiction in it.
    #[must_use]
    pub const fn unclear(&self) -> Trouble {
        unclear(self.writes)
    }

    /// Whether the body is a few plain words: neither markup nor the beginning of something else.
    pub(super) fn is_words(&self) -> bool {
        const LONGEST: usize = 300;
        let is_short = self.body.len() <= LONGEST;
        is_short && std::str::from_utf8(&self.body).is_ok_and(|text| !text.contains(['<', '{', '[']))
    }

    /// Whether the body is JSON or there is none.
    pub(super) fn is_json_or_nothing(&self) -> bool {
        self.body.iter().all(u8::is_ascii_whitespace)
            || serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_ok()
    }
}

/// The body is not shown: it may hold a secret.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("bytes", &self.body.len())
            .field("complete", &self.complete)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod made {
    use super::Answer;

    /// An answer to a look, whole.
    pub(in super::super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer {
            status,
            headers,
            body: body.into(),
            complete: true,
            retry_after: None,
            writes: false,
            operation: "look",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::made::answer;
    use super::*;

    #[test]
    fn another_shape_is_unclear_and_what_it_held_is_not_shown() {
        let look = answer(200, &[("cf-ray", "8a"), ("x-request-id", "r1")], r#"{"password":"hush"}"#);
        assert_eq!(look.json::<Vec<u8>>(), Err(Trouble::Later(None)));
        let write = Answer { writes: true, ..look.clone() };
        assert_eq!(write.json::<Vec<u8>>(), Err(Trouble::Unknown));
        assert_eq!(look.request_id(), Some("r1"));
        assert!(!format!("{look:?}").contains("hush"));
        assert!(look.is_success() && look.json::<serde_json::Value>().is_ok());
    }

    #[test]
    fn what_is_not_json_is_told_apart_whatever_its_type_says() {
        for (body, is) in
            [("{}", true), ("", true), (" \n", true), ("<html>", false), (r#"{"a":"#, false), ("{} {}", false)]
        {
            assert_eq!(answer(200, &[("content-type", "text/html")], body).is_json_or_nothing(), is, "{body}");
        }
    }
}

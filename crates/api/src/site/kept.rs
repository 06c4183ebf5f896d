//! Answers that are the same for everybody until the next version: made once, packed once, asked for by their mark.
//!
//! See RFC 9110, sections 8.8.3 (`ETag`), 12.5.3 (`Accept-Encoding`) and 13.1.2 (`If-None-Match`). Only what is public is
//! packed: packing what holds a secret beside what a stranger chose would tell the secret's letters by the length.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// An answer that is kept.
pub(crate) struct Kept {
    kind: &'static str,
    text: Bytes,
    /// What it is known by: a digest of its text.
    mark: String,
    packed: OnceLock<Option<Bytes>>,
}

/// How long others may keep an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// They ask each time whether it is still the same.
    Asked,
    /// For good: another text has another address.
    Forever,
}

impl Kept {
    /// Keeps a text of a media type.
    pub(crate) fn new(kind: &'static str, text: impl Into<Bytes>) -> Self {
        let text = text.into();
        let mut mark = String::new();
        for byte in Sha256::digest(&text).iter().take(12) {
            // Writing into a String cannot fail.
            _ = write!(mark, "{byte:02x}");
        }
        Self { kind, text, mark, packed: OnceLock::new() }
    }

    /// A page for browsers.
    pub(crate) fn page(html: String) -> Self {
        Self::new("text/html; charset=utf-8", html)
    }

    /// What it is known by.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// The text itself.
    pub(crate) const fn text(&self) -> &Bytes {
        &self.text
    }

    /// What a request with these headers is answered.
    pub(crate) fn answer(&self, asked: &HeaderMap, lasting: Lasting) -> Response<Body> {
        let packed = if takes_gzip(asked) { self.packed() } else { None };
        let mark = format!("\"{}{}\"", self.mark, if packed.is_some() { "-gzip" } else { "" });
        let is_known = list(asked, &IF_NONE_MATCH).any(|one| one == "*" || one.trim_start_matches("W/") == mark);
        let mut answer = Response::new(Body::empty());
        let mut say = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        };
        say(ETAG, &mark);
        say(VARY, "accept-encoding");
        say(
            CACHE_CONTROL,
            if lasting == Lasting::Forever { "public, max-age=31536000, immutable" } else { "no-cache" },
        );
        if is_known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        say(CONTENT_TYPE, self.kind);
        if packed.is_some() {
            say(CONTENT_ENCODING, "gzip");
        }
        *answer.body_mut() = packed.unwrap_or_else(|| self.text.clone()).into();
        answer
    }

    /// The text, packed; `None` where that gains nothing.
    fn packed(&self) -> Option<Bytes> {
        let packed = self.packed.get_or_init(|| {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            let bytes = packer.write_all(&self.text).and_then(|()| packer.finish()).ok()?;
            (bytes.len() < self.text.len()).then(|| bytes.into())
        });
        packed.clone()
    }
}

/// The members of a header that is a list.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let weight_of = |coding: &str| {
        list(asked, &ACCEPT_ENCODING).find_map(|one| {
            let (name, parameters) = one.split_once(';').unwrap_or((one, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case(coding).then_some(weight.unwrap_or(0.0))
        })
    };
    weight_of("gzip").or_else(|| weight_of("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn it_is_packed_for_those_who_can_unpack_it() {
        for (said, expected) in [
            ("gzip", true),
            ("GZIP;q=0.5, br", true),
            ("br, *", true),
            ("br, deflate", false),
            ("gzip;q=0", false),
            ("*;q=0", false),
            ("*, gzip; q=0", false),
            ("gzip;q=nonsense", false),
            ("identity", false),
        ] {
            assert_eq!(takes_gzip(&asked(ACCEPT_ENCODING, said)), expected, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let kept = Kept::new("text/plain", "word ".repeat(100));
        let first = kept.answer(&HeaderMap::new(), Lasting::Asked);
        let mark = first.headers()[ETAG].to_str().unwrap().to_owned();
        for (said, status) in [(mark.as_str(), 304), (&format!("W/{mark}, \"x\""), 304), ("*", 304), ("\"x\"", 200)] {
            let again = kept.answer(&asked(IF_NONE_MATCH, said), Lasting::Asked);
            assert_eq!(again.status().as_u16(), status, "{said}");
            assert_eq!(again.headers()[ETAG], mark.as_str());
        }
        let packed = kept.answer(&asked(ACCEPT_ENCODING, "gzip"), Lasting::Asked);
        assert_ne!(packed.headers()[ETAG], mark.as_str(), "other bytes, another mark");
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
    }

    #[test]
    fn what_does_not_get_smaller_stays_as_it_is() {
        let kept = Kept::new("text/plain", "a");
        assert!(!kept.answer(&asked(ACCEPT_ENCODING, "gzip"), Lasting::Asked).headers().contains_key(CONTENT_ENCODING));
    }
}

//! What vendors have really said, which others have published. It is not in this repository.

use std::path::PathBuf;

use serde::Deserialize;

/// Where it lies; `None`, and a word about it, where it does not.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "where the data lies is a word between the build server and the tests")]
pub(crate) fn folder() -> Option<PathBuf> {
    let is_required = std::env::var("REQUIRE_VENDOR_DATA").is_ok_and(|value| value == "1");
    match std::env::var_os("VENDOR_DATA") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => {
            assert!(!is_required, "VENDOR_DATA does not say where the vendors' answers are, and they are required");
            eprintln!("skipped: no vendor data");
            None
        }
    }
}

/// An exchange with a vendor as it was recorded.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) status: u16,
    pub(crate) response: String,
}

impl Recorded {
    /// The answer as it went over the wire. This vendor's `Content-Type` is as it was, which may be a page's.
    pub(crate) fn answer(&self, content_type: &str) -> Vec<u8> {
        let (status, body) = (self.status, &self.response);
        let length = body.len();
        format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}").into()
    }
}

/// Every exchange with a vendor that was recorded.
pub(crate) fn recorded(vendor: &str) -> Option<Vec<Recorded>> {
    let path = folder()?.join(format!("recorded/{vendor}.json"));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

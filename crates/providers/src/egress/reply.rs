//! What came back, cut to the size that was asked for.

use reqwest::Response;
use reqwest::header::{AsHeaderName, CONTENT_TYPE, RETRY_AFTER};

/// An answer of any status; redirects are answers too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// `Retry-After` in seconds. The form with a date is not read: it depends on the clock of the other side.
    pub retry_after: Option<u64>,
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
            retry_after: header(&response, RETRY_AFTER).and_then(|text| text.trim().parse().ok()),
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

//! Exchanges as a test may see them.

/// An exchange without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The account.
    pub account: String,
    /// What it was for.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// What was sent as headers.
    pub request_headers: Vec<(String, String)>,
    /// What was sent; empty when nothing was.
    pub request_body: String,
    /// What came back; `None` when nothing did, or nobody waited for it.
    pub answer: Option<Answered>,
}

/// What came back, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status code.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body, as much as was read.
    pub body: String,
    /// Whether that is all of it.
    pub complete: bool,
}

/// Who is shown each exchange when it is over.
pub trait Recorder: Send + Sync {
    /// Takes note of one.
    fn record(&self, exchange: Exchange);
}

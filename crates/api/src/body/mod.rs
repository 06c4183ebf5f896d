//! Bodies: read once as JSON, then field by field, so that every fault is told at its place.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::refusal::{Code, Fault, Refusal};
use serde_json::{Map, Value};

use crate::problem::{Problem, too_large};

mod canonical;
mod encoding;
mod fields;
mod normal;
mod report;
mod spot;
mod unique;

pub(crate) use fields::Fields;
use report::{Found, Report};
pub(crate) use spot::{LARGEST, Spot};
use unique::Unique;

/// The most that a body may have, in bytes.
pub(crate) const LIMIT: usize = 1 << 20;

/// Refuses a body that is announced too large, before anything else is looked at. What is not
/// announced is counted while it is read.
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|text| text.parse::<u64>().ok()) {
        Some(length) if length > LIMIT as u64 => Problem::from(too_large()).into_response(),
        _ => next.run(request).await,
    }
}

/// What happens to fields that a call does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// They are refused.
    Refused,
    /// They are passed over.
    Ignored,
}

/// The JSON object of a body. A call without a body has an empty one.
pub(crate) struct Payload(Map<String, Value>);

impl Payload {
    /// What stands in a file, as it would stand in a body.
    pub(crate) fn of_text(text: &str) -> Result<Self, Refusal> {
        Self::parsed(text.as_bytes()).map_err(Refusal::from)
    }

    fn parsed(bytes: &[u8]) -> Result<Self, Fault> {
        match serde_json::from_slice(bytes) {
            Ok(Unique(Value::Object(fields))) => Ok(Self(fields)),
            Ok(Unique(other)) => {
                let message = format!("The body must be a JSON object; {} was sent.", spot::kind(&other));
                Err(Fault::new(Code::InvalidRequest, message))
            }
            Err(error) => Err(not_json(&error)),
        }
    }

    /// Reads it with `read`, which makes its value only of a body without faults.
    pub(crate) fn read<T>(&self, unknown: Unknown, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, Refusal> {
        let (value, strangers, faults) = self.taken_apart(read);
        let strangers = if unknown == Unknown::Ignored { Found::default() } else { strangers };
        Refusal::unless_empty(strangers.and(faults))?;
        value.ok_or_else(unreadable)
    }

    /// Reads it, and hands over the faults that did not keep `read` from making its value. Unknown fields
    /// are among them when they are not refused here: another call may refuse them.
    pub(crate) fn read_leniently<T>(
        &self,
        unknown: Unknown,
        read: impl FnOnce(&Fields<'_>) -> Option<T>,
    ) -> Result<(T, Vec<Fault>), Refusal> {
        let (value, strangers, faults) = self.taken_apart(read);
        match (value, unknown, strangers.told.is_empty()) {
            (Some(value), Unknown::Ignored, _) | (Some(value), _, true) => Ok((value, strangers.and(faults))),
            (_, refused, _) => {
                let strangers = if refused == Unknown::Ignored { Found::default() } else { strangers };
                Refusal::unless_empty(strangers.and(faults))?;
                Err(unreadable())
            }
        }
    }

    fn taken_apart<T>(&self, read: impl FnOnce(&Fields<'_>) -> Option<T>) -> (Option<T>, Found, Found) {
        let report = Report::default();
        let value = Fields::top(&self.0, &report, read);
        let (strangers, faults) = report.parts();
        (value, strangers, faults)
    }

    /// Checks the body of a call that needs none.
    pub(crate) fn nothing(&self, unknown: Unknown) -> Result<(), Refusal> {
        self.read(unknown, |_| Some(()))
    }

    /// What the body means, as text: equal for bodies that mean the same.
    pub(crate) fn meaning(&self) -> String {
        canonical::object(&normal::body(&self.0))
    }

    /// The body as it was sent, as text that does not depend on the order of fields or on white space.
    pub(crate) fn as_sent(&self) -> String {
        canonical::object(&self.0)
    }
}

impl<S: Send + Sync> FromRequest<S> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status().as_u16() {
                413 => too_large(),
                _ => Fault::new(Code::InvalidRequest, "The body did not arrive whole. Send the request again."),
            })?;
        let bytes = encoding::unpacked(&headers, &bytes)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        if !is_json(&headers) {
            let message = "The body must be JSON. Send it with `Content-Type: application/json`.";
            return Err(Fault::new(Code::UnsupportedMediaType, message).into());
        }
        Ok(Self::parsed(&bytes)?)
    }
}

fn unreadable() -> Refusal {
    Fault::new(Code::InvalidRequest, "The body cannot be read.").into()
}

fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The parser's own words name what it expected and where, and never what was sent.
fn not_json(error: &serde_json::Error) -> Fault {
    Fault::new(Code::InvalidRequest, format!("The body is not valid JSON: {error}."))
        .with("line", error.line())
        .with("column", error.column())
}

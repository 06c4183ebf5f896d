//! Every error code of the API, and the value that says no.

use serde_json::{Map, Value, json};

use crate::named::named;
use crate::shown;

named! {
    /// What went wrong: branch on it. New ones may be added.
    // Append-only: it has left the process.
    #[expect(missing_docs, reason = "`meaning` documents each, and docs/errors.md is made from it")]
    pub enum Code {
        InvalidRequest "invalid_request",
        Unauthorized "unauthorized",
        Forbidden "forbidden",
        NotFound "not_found",
        MethodNotAllowed "method_not_allowed",
        UnsupportedMediaType "unsupported_media_type",
        PayloadTooLarge "payload_too_large",
        OrderShapeConflict "order_shape_conflict",
        DomainCountMismatch "domain_count_mismatch",
        DomainProviderMismatch "domain_provider_mismatch",
        DomainUnavailable "domain_unavailable",
        PriceChanged "price_changed",
        BundleArchived "bundle_archived",
        AlreadyExists "already_exists",
        Conflict "conflict",
        IdempotencyConflict "idempotency_conflict",
        SpendLimitExceeded "spend_limit_exceeded",
        QuotaExceeded "quota_exceeded",
        RateLimited "rate_limited",
        CursorLost "cursor_lost",
        Busy "busy",
        ProviderNotConfigured "provider_not_configured",
        BuyingPaused "buying_paused",
        Internal "internal",
    }
}

impl Code {
    /// The HTTP status it is answered with.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// When it is answered, for the documentation.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (u16, &'static str) {
        match self {
            Self::InvalidRequest => {
                (400, "something is missing, of the wrong type, out of range or malformed; `field` says where")
            }
            Self::Unauthorized => (401, "the API key is missing, malformed, unknown or revoked"),
            Self::Forbidden => (403, "the key's preset or environment does not allow this call"),
            Self::NotFound => (404, "no such record for this partner and environment, or no such path"),
            Self::MethodNotAllowed => (405, "the path exists, but not with this method; `Allow` lists those it has"),
            Self::UnsupportedMediaType => {
                (415, "the body is not sent as application/json, or packed otherwise than by gzip")
            }
            Self::PayloadTooLarge => (413, "the body is over 1 MiB"),
            Self::OrderShapeConflict => (400, "a bundle and licence counts together, or neither"),
            Self::DomainCountMismatch => (400, "too few or too many domains; `details` has the counts"),
            Self::DomainProviderMismatch => (400, "too few names that the provider can use; `details` lists those"),
            Self::DomainUnavailable => {
                (409, "a name cannot be registered now, or is already in an order; nothing was bought")
            }
            Self::PriceChanged => (409, "the total is over `max_total_cents`, or a quote no longer holds"),
            Self::BundleArchived => (409, "the bundle is archived and takes no new orders"),
            Self::AlreadyExists => (409, "a record with that unique value exists; `details.id` names it"),
            Self::Conflict => (409, "the record's state does not allow it; `details.reason` says why"),
            Self::IdempotencyConflict => (409, "the `Idempotency-Key` was used with another call or body"),
            Self::SpendLimitExceeded => {
                (402, "it would go over a monthly spend limit; `details.scope` says whether the key's or the partner's")
            }
            Self::QuotaExceeded => (409, "the premium swap quota is used up"),
            Self::RateLimited => (429, "too many requests; wait `details.retry_after_seconds`"),
            Self::CursorLost => (410, "`after` is not known any more; go on after `details.go_on_after`"),
            Self::Busy => (
                503,
                "more waits than can be taken, and nothing was done; or the database did not answer, and `message` says that it may have been; \
                wait `details.retry_after_seconds` and send the same again, with the same `Idempotency-Key`",
            ),
            Self::ProviderNotConfigured => {
                (503, "the operator has configured no provider for this in the live environment")
            }
            Self::BuyingPaused => {
                (503, "the operator has paused buying and takes no orders meanwhile; nothing was done")
            }
            Self::Internal => (500, "our fault; quote the request id to the operator"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of wrong.
    pub code: Code,
    /// Where, as a path such as `domains[2]`.
    pub field: Option<String>,
    /// What is wrong and what to do next, in one sentence or two.
    pub message: String,
    /// Machine-readable facts.
    pub details: Map<String, Value>,
}

/// The most characters of a sentence.
const LONGEST_MESSAGE: usize = 1_000;
/// The most characters of a field's path.
const LONGEST_FIELD: usize = 200;

impl Fault {
    /// A fault of the whole request. Whatever a sentence quotes, it stays one that can be read.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = shown::cut(&message.into(), LONGEST_MESSAGE).into_owned();
        Self { code, field: None, message, details: Map::new() }
    }

    /// An `invalid_request` at a field.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message).at(field)
    }

    /// More is waiting than we take on: nothing was looked at.
    #[must_use]
    pub fn busy() -> Self {
        let message = "More is waiting than the server takes. Nothing was done. Send the same request again in 1 s.";
        Self::new(Code::Busy, message).with("retry_after_seconds", 1)
    }

    /// Nobody knows whether it was done: the database did not answer, or began anew.
    #[must_use]
    pub fn unanswered() -> Self {
        let message = "The database did not answer in time, so that this may have been done or not. Send the same request again \
            in 1 s, with the same Idempotency-Key where it had one: what was done is not done again.";
        Self::new(Code::Busy, message).with("retry_after_seconds", 1)
    }

    /// The same fault, placed at a field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(shown::cut(&field.into(), LONGEST_FIELD).into_owned());
        self
    }

    /// The same fault with one more fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.into(), value.into());
        self
    }
}

/// A request that is refused, with every fault of the stage that refused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    first: Box<Fault>,
    more: Vec<Fault>,
}

impl Refusal {
    /// Collects faults; `Ok` when there are none.
    ///
    /// # Errors
    /// The refusal that carries all of them.
    pub fn unless_empty(faults: Vec<Fault>) -> Result<(), Self> {
        let mut faults = faults.into_iter();
        match faults.next() {
            None => Ok(()),
            Some(first) => Err(Self { first: Box::new(first), more: faults.collect() }),
        }
    }

    /// The fault that names the answer's code.
    #[must_use]
    pub fn first(&self) -> &Fault {
        &self.first
    }

    /// Every fault.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&*self.first).chain(&self.more)
    }

    /// The `error` object of the answer.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut details = self.first.details.clone();
        if !self.more.is_empty() {
            details.insert("errors".into(), self.faults().map(short).collect());
        }
        let mut error = short(&self.first);
        if !details.is_empty() {
            error["details"] = Value::Object(details);
        }
        json!({ "error": error })
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { first: Box::new(fault), more: vec![] }
    }
}

fn short(fault: &Fault) -> Value {
    let mut row = json!({ "code": fault.code.as_str(), "message": fault.message });
    if let Some(field) = &fault.field {
        row["field"] = json!(field);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_named_like_their_variants() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        for (code, name) in Code::ALL.iter().zip(&names) {
            assert_eq!(serde_json::to_value(code).unwrap(), *name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_of_the_contract_has_its_status() {
        let contract = [
            ("invalid_request", 400),
            ("unauthorized", 401),
            ("forbidden", 403),
            ("not_found", 404),
            ("method_not_allowed", 405),
            ("unsupported_media_type", 415),
            ("payload_too_large", 413),
            ("order_shape_conflict", 400),
            ("domain_count_mismatch", 400),
            ("domain_provider_mismatch", 400),
            ("domain_unavailable", 409),
            ("price_changed", 409),
            ("bundle_archived", 409),
            ("already_exists", 409),
            ("conflict", 409),
            ("idempotency_conflict", 409),
            ("spend_limit_exceeded", 402),
            ("quota_exceeded", 409),
            ("rate_limited", 429),
            ("cursor_lost", 410),
            ("busy", 503),
            ("provider_not_configured", 503),
            ("buying_paused", 503),
            ("internal", 500),
        ];
        let ours: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
        assert_eq!(ours, contract);
    }

    #[test]
    fn whatever_is_quoted_a_fault_can_be_read() {
        let fault = Fault::invalid("x".repeat(70_000), format!("There is no \u{202e}{}.", "y".repeat(70_000)));
        assert_eq!(fault.field.unwrap().chars().count(), LONGEST_FIELD + 1);
        assert!(fault.message.starts_with("There is no \\u202ey"));
        assert!(fault.message.chars().count() < LONGEST_MESSAGE + 10);
    }

    #[test]
    fn several_faults_are_all_listed_and_the_first_leads() {
        let faults = vec![Fault::invalid("name", "Send a name."), Fault::invalid("domains[2]", "Not a domain.")];
        let refusal = Refusal::unless_empty(faults).unwrap_err();
        let body = refusal.body();
        assert_eq!(body["error"]["field"], "name");
        assert_eq!(body["error"]["details"]["errors"][1]["field"], "domains[2]");
    }
}

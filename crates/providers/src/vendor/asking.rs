//! A request that is under way, until it is known what came of it: then that is counted, logged, recorded and remembered.

use std::time::Duration;

use model::clock::Time;
use model::metric;
use tokio::time::Instant;
use tracing::Span;
use url::Url;

use super::answer::Answer;
use super::breaker::Pass;
use super::hints;
use super::meaning::{self, Meaning};
use super::recorder::{Answered, Exchange};
use super::redact::Redactor;
use super::request::Request;
use super::settings::Counted;
use super::{Turn, Vendor, locked};
use crate::egress::EgressError;
use crate::trouble::Trouble;

/// What came of a call that was answered, in metrics.
pub(crate) const ANSWERED: &str = "ok";
/// What came of a call that the vendor said no to.
pub(crate) const NO: &str = "no";
/// What came of a call that got no answer.
pub(crate) const SILENT: &str = "silent";
/// What came of a call that nobody waited for any longer.
const GIVEN_UP: &str = "unanswered";
/// What came of a call that was not sent.
pub(crate) const HELD: &str = "held";

/// How much of a vendor's words a line of the log has, in characters.
const WORDS: usize = 500;

/// A request that is under way. Whoever waits for it may give it up at any moment: that is an end too.
pub(super) struct Asking<'a> {
    vendor: &'a Vendor,
    operation: &'static str,
    writes: bool,
    pass: Pass,
    /// When its turn was.
    at: Time,
    span: Span,
    began: Instant,
    deadline: Duration,
    /// What a recorder is shown; `None` when there is no recorder.
    exchange: Option<Exchange>,
    /// Who knows what this request carries; `None` where it carries nothing secret.
    own: Option<Redactor>,
    is_private: bool,
    is_over: bool,
}

impl<'a> Asking<'a> {
    pub(super) fn begin(vendor: &'a Vendor, request: &Request, url: &Url, turn: &Turn<'_>, span: Span) -> Self {
        let own = (!request.hidden.is_empty()).then(|| vendor.redactor.and(&request.hidden));
        let redactor = own.as_ref().unwrap_or(&vendor.redactor);
        let exchange = vendor.settings.recorder.is_some().then(|| Exchange {
            account: vendor.settings.account.clone(),
            operation: request.operation,
            method: request.method.to_string(),
            url: redactor.url(url),
            request_headers: redactor.headers(&vendor.headers(request)),
            request_body: request.body.as_ref().map_or_else(String::new, |body| redactor.sent(body)),
            answer: None,
        });
        let (operation, writes, is_private) = (request.operation, request.writes, request.is_private);
        let deadline = request.deadline.unwrap_or(vendor.settings.deadline);
        Self {
            vendor,
            operation,
            writes,
            pass: turn.pass,
            at: turn.at,
            span,
            began: Instant::now(),
            deadline,
            exchange,
            own,
            is_private,
            is_over: false,
        }
    }

    /// There was an answer, or part of one.
    pub(super) fn answered(mut self, answer: Answer) -> Result<Answer, Trouble> {
        let vendor = self.vendor;
        let now = vendor.clock.now();
        locked(&vendor.pacer).answered(self.operation, self.writes, self.at, now);
        if let Some(room) = hints::room(&answer.headers, now) {
            match vendor.settings.counted {
                Counted::Account => locked(&vendor.pacer).heard(room, vendor.under_way().saturating_sub(1), now),
                Counted::Operation if room.left == 0 => {
                    vendor.leave_alone(Some(self.operation), room.resets_in);
                }
                Counted::Operation => {}
            }
        }
        self.record(&answer);
        self.span.record("status", answer.status);
        let meant = meaning::of(&answer, vendor.settings.form, vendor.settings.meaning);
        vendor.note(self.pass, Some(meant != Meaning::Unclear));
        if meant == Meaning::Clear {
            self.end(if answer.is_success() { ANSWERED } else { NO });
            self.log(&answer, meant);
            return Ok(answer);
        }
        let retry_after = answer.retry_after.map(|after| Duration::from_secs(after.seconds(vendor.clock.wall())));
        let until = match meant {
            Meaning::Limited(said) => Some(vendor.leave_alone(None, meaning::pause(said, retry_after))),
            Meaning::Spent(said) => Some(vendor.leave_alone(Some(self.operation), meaning::pause(said, retry_after))),
            // "Service unavailable, come back in a minute".
            _ => retry_after.map(|after| vendor.leave_alone(None, meaning::pause(Some(after), None))),
        };
        let trouble = meaning::trouble(meant, &vendor.settings.account, self.operation, self.writes, until);
        self.end(trouble.name());
        self.log(&answer, meant);
        Err(trouble)
    }

    /// There was no answer.
    pub(super) fn silent(mut self, error: EgressError) -> Trouble {
        let vendor = self.vendor;
        vendor.note(self.pass, meaning::is_theirs(error).then_some(false));
        let trouble = meaning::silence(error, &vendor.settings.account, self.writes);
        self.end(if matches!(trouble, Trouble::Misconfigured(_)) { trouble.name() } else { SILENT });
        tracing::warn!(
            account = vendor.settings.account,
            operation = self.operation,
            outcome = trouble.name(),
            "a vendor did not answer: {error}"
        );
        trouble
    }

    fn log(&self, answer: &Answer, meant: Meaning) {
        let (account, operation, status) = (&self.vendor.settings.account, self.operation, answer.status);
        let request_id = answer.request_id().unwrap_or_default();
        if answer.is_success() && meant == Meaning::Clear {
            tracing::debug!(account, operation, status, request_id, "a vendor answered");
            return;
        }
        let words: String = match self.is_private {
            true => format!("({} bytes, not shown)", answer.body.len()),
            false => self.redactor().body(&answer.body).chars().take(WORDS).collect(),
        };
        match meant {
            Meaning::Clear => tracing::info!(account, operation, status, request_id, words, "a vendor said no"),
            _ => tracing::warn!(
                account,
                operation,
                status,
                request_id,
                words,
                ?meant,
                "a vendor did not do what it was asked"
            ),
        }
    }

    fn record(&mut self, answer: &Answer) {
        let redactor = self.redactor();
        let answered = self.exchange.is_some().then(|| Answered {
            status: answer.status,
            headers: redactor.headers(&answer.headers),
            body: redactor.body(&answer.body),
            complete: answer.complete,
        });
        if let Some(exchange) = &mut self.exchange {
            exchange.answer = answered;
        }
    }

    fn redactor(&self) -> &Redactor {
        self.own.as_ref().unwrap_or(&self.vendor.redactor)
    }

    fn end(&mut self, outcome: &'static str) {
        self.is_over = true;
        let account = &self.vendor.settings.account;
        self.span.record("outcome", outcome);
        metrics::histogram!(metric::VENDOR_EXCHANGE_SECONDS, "account" => account.clone()).record(self.began.elapsed());
        count(account, self.operation, outcome);
        if let (Some(recorder), Some(exchange)) = (&self.vendor.settings.recorder, self.exchange.take()) {
            recorder.record(exchange);
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // Who gives up at once has not waited for the vendor.
            let was_long = self.began.elapsed() >= self.deadline / 2;
            self.vendor.note(self.pass, was_long.then_some(false));
            self.end(GIVEN_UP);
        }
    }
}

pub(crate) fn count(account: &str, operation: &'static str, outcome: &'static str) {
    metrics::counter!(
        metric::VENDOR_EXCHANGES, "account" => account.to_owned(), "operation" => operation, "outcome" => outcome
    )
    .increment(1);
}

/// Says that an account does not answer any more, or does again.
pub(crate) fn tell_silence(account: &str, is_silent: bool) {
    metrics::gauge!(metric::VENDOR_SILENT, "account" => account.to_owned()).set(if is_silent { 1.0 } else { 0.0 });
    match is_silent {
        true => tracing::warn!(account, "a vendor does not answer: it is asked again in a while"),
        false => tracing::info!(account, "a vendor answers again"),
    }
}

//! The one client for vendors: what every adapter asks its vendor through.
//!
//! An adapter says what it asks and reads what was answered. Here is everything that is the same for all: where the vendor
//! is and how it knows us, how long and how often it may be asked, how many calls may be under way, what an answer or the
//! lack of one means, and what of it may be seen. Nothing is ever sent twice: who tries again, and when, is the business of
//! the task's schedule. The vendor's words are in the log and nowhere else.

mod answer;
pub(crate) mod asking;
pub(crate) mod breaker;
mod hints;
mod keyed;
mod meaning;
mod pace;
mod promise;
mod recorder;
mod redact;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::clock::{Clock, Time};
use secrecy::ExposeSecret as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::{Instrument as _, Span};
use url::Url;

use self::asking::{Asking, HELD};
use self::breaker::{Breaker, Pass};
use self::pace::Pacer;
use self::redact::Redactor;
use self::request::Body;
use crate::egress::{Egress, Limits, Outgoing, Trust};
use crate::trouble::Trouble;

pub use self::answer::Answer;
pub use self::keyed::Keyed;
pub use self::meaning::{Meaning, by_status};
pub use self::pace::Pace;
pub(crate) use self::promise::Promise;
pub use self::recorder::{Answered, Exchange, Recorder};
pub use self::request::{Method, Request};
pub use self::settings::{Auth, Counted, Form, SettingsFault, VendorSettings};
pub(crate) use self::token::{KeptToken, Token};

/// An account at a vendor. Build one for each account and share it among the roles that it plays: what is known of the
/// account, and what it is allowed, is in here.
pub struct Vendor {
    settings: VendorSettings,
    base: Url,
    redactor: Redactor,
    egress: Egress,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    pacer: Mutex<Pacer>,
    breaker: Mutex<Breaker>,
}

/// Leave to send one request, now.
struct Turn<'a> {
    _place: SemaphorePermit<'a>,
    pass: Pass,
    at: Time,
}

impl Vendor {
    /// The client of an account. Times are told by this clock; an account is for worlds whose time is the server's.
    ///
    /// # Errors
    /// What of the settings will not do, in words for the operator.
    pub fn new(settings: VendorSettings, egress: Egress, clock: Arc<dyn Clock>) -> Result<Self, SettingsFault> {
        let base = settings.base()?;
        Ok(Self::at(base, settings, egress, clock))
    }

    /// The client of an account whose base address is checked already.
    fn at(base: Url, settings: VendorSettings, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        Self {
            base,
            redactor: Redactor::new(&settings.auth),
            egress,
            clock,
            places: Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS)),
            pacer: Mutex::new(Pacer::new(&settings.paces)),
            breaker: Mutex::new(Breaker::new()),
            settings,
        }
    }

    /// The account's name in the configuration.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.settings.account
    }

    /// The account's clock.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// How often the account is asked, in words for the operator: what the vendor has published, and what it has said is left.
    pub(crate) fn limits(&self) -> Vec<String> {
        let at_once = format!("{} calls at once", self.settings.max_in_flight);
        let left = locked(&self.pacer).left(self.clock.now()).map(|left| format!("{left} left now"));
        [at_once].into_iter().chain(self.settings.paces.iter().map(Pace::words)).chain(left).collect()
    }

    /// Whether the account has not answered for some time, and is asked only now and then.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        locked(&self.breaker).is_silent()
    }

    /// Asks, once. An answer is one that says something about what was asked, a no included.
    ///
    /// It may be dropped at any time; what was asked may have been done then.
    ///
    /// # Errors
    /// `Later` when it is certain that nothing was done: nothing was sent, the vendor said that it was too often, or it was
    /// only a look. It has a time where that is known, and none where the account does not answer. `Unknown` when something
    /// may have been done and nobody said. `Misconfigured` when the vendor does not let the account do it.
    pub async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        let span = tracing::info_span!(
            "exchange",
            account = self.settings.account,
            operation = request.operation,
            status = tracing::field::Empty,
            outcome = tracing::field::Empty,
        );
        self.ask(request, &span).instrument(span.clone()).await
    }

    async fn ask(&self, request: Request, span: &Span) -> Result<Answer, Trouble> {
        let Some(url) = self.url(&request) else {
            tracing::error!(?request, "a request to a vendor has an empty part in its path, and was not sent");
            return Err(Trouble::Misconfigured(format!(
                "A request to the account {} was made wrongly, and was not sent: please report this.",
                self.settings.account
            )));
        };
        let turn = match self.turn(&request).await {
            Ok(turn) => turn,
            Err(trouble) => {
                asking::count(&self.settings.account, request.operation, HELD);
                span.record("outcome", HELD);
                return Err(trouble);
            }
        };
        let asking = Asking::begin(self, &request, &url, &turn, span.clone());
        let limits = Limits {
            bytes: self.settings.max_answer,
            timeout: request.deadline.unwrap_or(self.settings.deadline),
            trust: Trust::Operator,
        };
        let sent = self.egress.exchange(self.outgoing(&request, &url), limits).await;
        match sent {
            Ok(incoming) => asking.answered(Answer::new(incoming, &request)),
            Err(error) => Err(asking.silent(error)),
        }
    }

    /// Waits for leave to send, within the account's patience.
    async fn turn(&self, request: &Request) -> Result<Turn<'_>, Trouble> {
        // Nobody stands in line for somebody who does not answer.
        if !locked(&self.breaker).would_let(self.clock.now()) {
            return Err(Trouble::Later(None));
        }
        let patience = micros(self.settings.patience);
        let place = match tokio::time::timeout(self.settings.patience, self.places.acquire()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) | Err(_) => return Err(Trouble::Later(Some(self.clock.now().plus(patience)))),
        };
        let now = self.clock.now();
        let at = self.paced(request, now).map_err(|at| Trouble::Later(Some(at)))?;
        if at > now {
            let wait = u64::try_from(at.0 - now.0).unwrap_or(0);
            tokio::time::sleep(Duration::from_micros(wait)).await;
        }
        let pass = locked(&self.breaker).let_through(self.clock.now());
        pass.map_or(Err(Trouble::Later(None)), |pass| Ok(Turn { _place: place, pass, at }))
    }

    /// When the pace lets a request through that was promised, or that leaves room for those that are.
    fn paced(&self, request: &Request, now: Time) -> Result<Time, Time> {
        let patience = self.patience();
        let mut pacer = locked(&self.pacer);
        match request.promise.as_ref().is_some_and(|promise| promise.is_used()) {
            true => {
                pacer.keep(1);
                pacer.take(request.operation, request.writes, now, patience)
            }
            false => pacer.turn(request.operation, request.writes, now, patience),
        }
    }

    fn url(&self, request: &Request) -> Option<Url> {
        let mut url = request.url(&self.base)?;
        if let Auth::Query(named) = &self.settings.auth {
            let named = named.iter().map(|(name, secret)| (*name, secret.expose_secret()));
            url.query_pairs_mut().extend_pairs(named);
        }
        Some(url)
    }

    fn outgoing<'a>(&self, request: &Request, url: &'a Url) -> Outgoing<'a> {
        let body = request.body.as_ref().map(Body::bytes);
        Outgoing { method: request.method.clone(), url: url.as_str(), headers: self.headers(request), body }
    }

    fn headers(&self, request: &Request) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = match &self.settings.auth {
            Auth::Nobody | Auth::Query(_) => vec![],
            Auth::Bearer(secret) => vec![("authorization".into(), format!("Bearer {}", secret.expose_secret()))],
            Auth::Basic(user, secret) => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{}", secret.expose_secret()));
                vec![("authorization".into(), format!("Basic {pair}"))]
            }
            Auth::Headers(named) => {
                named.iter().map(|(name, secret)| ((*name).into(), secret.expose_secret().into())).collect()
            }
        };
        if self.settings.form != Form::Any {
            headers.push(("accept".into(), "application/json".into()));
        }
        if let Some(body) = &request.body {
            headers.push(("content-type".into(), body.media_type().into()));
        }
        let more = self.settings.headers.iter().chain(&request.headers);
        headers.extend(more.map(|(name, value)| ((*name).to_owned(), value.clone())));
        headers
    }

    /// As many calls are under way, this one included.
    fn under_way(&self) -> u64 {
        let most = self.settings.max_in_flight;
        u64::try_from(most.saturating_sub(self.places.available_permits())).unwrap_or(0)
    }

    /// The account is left alone for a while, in microseconds, or an operation of it; answers until when.
    fn leave_alone(&self, operation: Option<&'static str>, pause: i64) -> Time {
        let until = self.clock.now().plus(pause);
        match operation {
            Some(operation) => locked(&self.pacer).spend(operation, until),
            None => locked(&self.pacer).close(until),
        }
        until
    }

    /// It is known now whether the vendor answers; `None` when this machine could not ask.
    fn note(&self, pass: Pass, did_answer: Option<bool>) {
        let now = self.clock.now();
        let mut breaker = locked(&self.breaker);
        let was_silent = breaker.is_silent();
        match did_answer {
            Some(true) => breaker.answered(),
            Some(false) => breaker.failed(pass, now),
            None => breaker.learnt_nothing(pass, now),
        }
        let is_silent = breaker.is_silent();
        drop(breaker);
        if is_silent != was_silent {
            asking::tell_silence(&self.settings.account, is_silent);
        }
    }
}

/// What is secret of the account is not shown.
impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor")
            .field("settings", &self.settings)
            .field("is_silent", &self.is_silent())
            .finish_non_exhaustive()
    }
}

/// Nobody who holds one of these waits for anything, and what panics leaves it whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

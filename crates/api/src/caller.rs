//! Who calls, what the key may do, and whose rows the request sees.

use std::marker::PhantomData;
use std::sync::Arc;

use app::{Actor, By, permitted, unknown_key};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::audit::Origin;
use model::clock::{Clock, Now};
use model::id::{Ids, KeyId, RequestId};
use model::partner::{ApiKey, Partner, Preset};
use model::refusal::{Code, Fault};
use model::trace::TraceParent;
use model::world::{Environment, Scope};
use store::{Kind, keys, on_behalf_of};

use crate::failed::{ClientAddress, Failures};
use crate::limit::{Exceeded, Limiter};
use crate::problem::Problem;
use crate::request_log::KnownKey;
use crate::state::App;

/// What stands before every call of the partner API.
#[derive(Clone)]
pub(crate) struct Gate {
    /// Reads the keys.
    pub(crate) app: Arc<App>,
    /// Counts the requests.
    pub(crate) limiter: Arc<Limiter>,
    /// Counts those without a good key.
    pub(crate) failures: Arc<Failures>,
}

/// A caller that was let in: key, limit. What the key may do is looked at by [`Caller`].
#[derive(Clone)]
struct Admitted {
    key: ApiKey,
    partner: Partner,
    now: Now,
    clock: Arc<dyn Clock>,
    ids: Ids,
}

/// Lets a request in: its key must be good and its bucket not empty. Every answer to it says what is
/// left in the bucket.
pub(crate) async fn admit(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let writes = !request.method().is_safe();
    // Looked at before it has cost anything, a look at the key included.
    if writes && gate.app.store.is_full() {
        return Problem::from(Fault::busy()).into_response();
    }
    let admitted = match identify(&gate.app, request.headers()).await {
        Ok(admitted) => admitted,
        Err(problem) => return gate.turn_away(problem, &request),
    };
    if writes && !gate.app.store.has_place(&admitted.partner.id, admitted.key.environment) {
        return Problem::from(Fault::busy()).into_response();
    }
    let span = tracing::Span::current();
    span.record("partner", tracing::field::display(&admitted.partner.id));
    span.record("key", tracing::field::display(&admitted.key.id));
    let own = admitted.key.rate_per_minute.map(|rate| u32::try_from(rate.max(0)).unwrap_or(u32::MAX));
    match gate.limiter.take(&admitted.key.id, own.unwrap_or(gate.app.settings.rate_per_minute)) {
        Err(exceeded) => too_many(exceeded),
        Ok(allowance) => {
            let (partner, environment) = (admitted.partner.id.clone(), admitted.key.environment);
            request.extensions_mut().insert(Arc::new(admitted));
            let mut response = on_behalf_of(Kind::Request, Some((&partner, environment)), next.run(request)).await;
            response.extensions_mut().insert(KnownKey(partner));
            if let Some(allowance) = allowance {
                allowance.tell(response.headers_mut());
            }
            response
        }
    }
}

impl Gate {
    /// Answers a request without a good key. The database's troubles are not the sender's.
    fn turn_away(&self, problem: Problem, request: &Request) -> Response {
        let counted = match &problem {
            Problem::Refused(_) => self.failures.count(request.extensions().get::<ClientAddress>().copied()),
            Problem::Broken(_) => Ok(()),
        };
        let Err(seconds) = counted else { return problem.into_response() };
        let message = format!(
            "Too many requests without a good API key came from this address. Wait {seconds} s, and send a key that the operator gave you."
        );
        let fault = Fault::new(Code::RateLimited, message).with("retry_after_seconds", seconds);
        Problem::from(fault).into_response()
    }
}

async fn identify(app: &App, headers: &HeaderMap) -> Result<Admitted, Problem> {
    let key = presented(headers).map_err(|message| Fault::new(Code::Unauthorized, message))?;
    let known = keys::authenticate(&mut app.store.read().await?, key).await?;
    let (key, partner) = known.ok_or_else(unknown_key)?;
    let now = Now { server: app.clock.now(), offset: partner.offset(key.environment) };
    Ok(Admitted { key, partner, now, clock: app.clock.clone(), ids: app.ids.clone() })
}

/// The key in the one place where it is looked for.
fn presented(headers: &HeaderMap) -> Result<&str, &'static str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| NOT_BEARER)?,
        (None, _) => return Err("The API key is missing. Send it as `Authorization: Bearer pk_…`."),
        (Some(_), Some(_)) => return Err("Send one Authorization header, not several."),
    };
    let (scheme, key) = value.split_once(' ').ok_or(NOT_BEARER)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(NOT_BEARER);
    }
    if !(key.starts_with("pk_live_") || key.starts_with("pk_test_")) || key.len() > LONGEST {
        return Err("This is not an API key. Keys begin with pk_live_ or pk_test_.");
    }
    Ok(key)
}

/// No key is nearly that long.
const LONGEST: usize = 128;

const NOT_BEARER: &str = "The API key cannot be read. Send it as `Authorization: Bearer pk_…`.";

fn too_many(exceeded: Exceeded) -> Response {
    let seconds = exceeded.retry_after_seconds;
    let fault = Fault::new(Code::RateLimited, format!("Too many requests with this key. Wait {seconds} s."))
        .with("retry_after_seconds", seconds);
    let mut response = Problem::from(fault).into_response();
    exceeded.allowance.tell(response.headers_mut());
    response
}

/// Which presets may make a call.
pub(crate) trait Permission: Send + Sync + 'static {
    /// The presets, as a message spells them.
    const PRESETS: &'static [Preset];
    /// Whether only the sandbox has such a call.
    const SANDBOX: bool = false;
}

/// Any key may.
pub(crate) struct Read;
/// `limited` and `full` keys may.
pub(crate) struct Limited;
/// Only `full` keys may.
pub(crate) struct Full;
/// Only `full` keys of the sandbox may.
pub(crate) struct Sandbox;

impl Permission for Read {
    const PRESETS: &'static [Preset] = &[Preset::Read, Preset::Limited, Preset::Full];
}
impl Permission for Limited {
    const PRESETS: &'static [Preset] = &[Preset::Limited, Preset::Full];
}
impl Permission for Full {
    const PRESETS: &'static [Preset] = &[Preset::Full];
}
impl Permission for Sandbox {
    const PRESETS: &'static [Preset] = &[Preset::Full];
    const SANDBOX: bool = true;
}

/// The caller of a handler that needs permission `P`. A handler that asks for one cannot be reached
/// with a key that has not got it.
///
/// It is who called when the headers came. A body may come much later: whatever is written is decided for the
/// [`app::Present`] one.
pub(crate) struct Caller<P> {
    /// The key's record.
    pub(crate) key: KeyId,
    /// Whose rows the request sees.
    pub(crate) scope: Scope,
    /// Both times of the request's beginning.
    pub(crate) now: Now,
    /// The world the key speaks for.
    pub(crate) environment: Environment,
    /// What the key may do.
    pub(crate) preset: Preset,
    /// Whether there may be a limit that a purchase counts against.
    limited: bool,
    /// The partner's name.
    pub(crate) partner_name: String,
    /// Where in a trace the request stands.
    pub(crate) trace: Option<TraceParent>,
    /// From where.
    origin: Origin,
    /// Server time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Makes every id.
    pub(crate) ids: Ids,
    permission: PhantomData<P>,
}

impl<P: Permission, S: Sync> FromRequestParts<S> for Caller<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Fault::new(Code::Unauthorized, "The API key is missing.");
        let admitted = parts.extensions.get::<Arc<Admitted>>().ok_or_else(missing)?;
        let (key, partner) = (&admitted.key, &admitted.partner);
        if P::SANDBOX && key.environment == Environment::Live {
            let message = "Only the sandbox has this call. Use a test key (pk_test_…).";
            return Err(Fault::new(Code::Forbidden, message).into());
        }
        permitted(key.preset, P::PRESETS)?;
        Ok(Self {
            key: key.id.clone(),
            scope: partner.scope(key.environment),
            now: admitted.now,
            environment: key.environment,
            preset: key.preset,
            // The live world's partner is not held where something is bought.
            limited: key.environment == Environment::Live
                || key.spend_limit_cents.or(partner.spend_limit_cents).is_some(),
            partner_name: partner.name.clone(),
            trace: parts.extensions.get::<TraceParent>().copied(),
            origin: Origin {
                request: parts.extensions.get::<RequestId>().cloned(),
                address: parts.extensions.get::<ClientAddress>().map(|client| client.0),
                ..Origin::default()
            },
            clock: admitted.clock.clone(),
            ids: admitted.ids.clone(),
            permission: PhantomData,
        })
    }
}

impl<P: Permission> Caller<P> {
    /// The same, as use cases know it.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            by: By::Key(self.key.clone()),
            scope: self.scope.clone(),
            environment: self.environment,
            limited: self.limited,
            presets: P::PRESETS,
            origin: self.origin.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}

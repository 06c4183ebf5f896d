//! One id for each request: in both headers of its answer and in every log line; and where in a trace it stands.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use model::id::{DomainId, Id, OrderId, RequestId};
use model::shown::short;
use model::trace::{self, TraceParent};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

use crate::consent;
use crate::measure::Measure;
use crate::request_log::{KnownKey, Lines};
use crate::state::App;

/// The published header.
pub(crate) const PEEKER_REQUEST_ID: HeaderName = HeaderName::from_static("peeker-request-id");
/// The same value under the usual name.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is tagged by.
#[derive(Clone)]
pub(crate) struct Tagger {
    app: Arc<App>,
    lines: Arc<Lines>,
}

impl Tagger {
    /// A tagger of this app's requests.
    pub(crate) fn new(app: Arc<App>) -> Self {
        let lines = Arc::new(Lines::new(app.clock.clone()));
        Self { app, lines }
    }
}

/// Gives the request its id, its span and its last log line. Query strings are not logged: they can
/// hold e-mail addresses.
pub(crate) async fn tag(State(tagger): State<Tagger>, mut request: Request, next: Next) -> Response {
    let id: RequestId = tagger.app.ids.next();
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        method = %short(request.method().as_str()),
        path = &*short(shown(request.uri().path())),
        partner = field::Empty,
        key = field::Empty,
        order = field::Empty,
        domain = field::Empty,
        trace_id = field::Empty,
    );
    request.uri().path().split('/').for_each(|part| mention(&span, part));
    if let Some(place) = traces::arrive(&span, said(request.headers())) {
        traces::tell(&span, "trace_id", Some(place.trace_id()));
        request.extensions_mut().insert(place);
    }
    let mut response = answer(&tagger, request, next).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(PEEKER_REQUEST_ID, value.clone());
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// A path as it is logged: whoever has the rest of a link can follow it.
fn shown(path: &str) -> &str {
    if path.starts_with(consent::PATH) { consent::PATH } else { path }
}

/// Where the caller says that it stands in a trace. What is no such thing, or said twice, is as if it were not there.
fn said(headers: &HeaderMap) -> Option<TraceParent> {
    let mut values = headers.get_all(trace::HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

/// Puts the id of an order or a domain into a request's span; other texts are left alone.
pub(crate) fn mention(span: &Span, id: &str) {
    for (field, prefix) in [("order", OrderId::PREFIX), ("domain", DomainId::PREFIX)] {
        if id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_')) {
            traces::tell(span, field, Some(short(id)));
        }
    }
}

async fn answer(tagger: &Tagger, request: Request, next: Next) -> Response {
    let (measure, began) = (Measure::of(&request), Instant::now());
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status();
    trace_answer(&measure, status);
    let known = response.extensions().get::<KnownKey>();
    measure.answered(status, took, known.map(|KnownKey(partner)| partner));
    let millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    if let Some(left_out) = tagger.lines.next(status, known.is_some()) {
        let left_out = (left_out > 0).then_some(left_out);
        tracing::info!(status = status.as_u16(), millis, left_out, "answered");
    }
    response
}

/// What collectors call these things (OpenTelemetry's semantic conventions for HTTP).
fn trace_answer(measure: &Measure, status: StatusCode) {
    let span = Span::current();
    traces::note(&span, "http.route", measure.route().to_owned());
    traces::note(&span, "http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        traces::fail(&span, "our own trouble");
    }
}

//! `GET /events` as a stream of server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use model::event::{Event, EventKind};
use model::id::{EventId, Id as _, KeyId};
use model::world::{Environment, Scope};
use store::{Db, StoreError, events, keys};

use super::list::unknown;
use crate::app::App;
use crate::caller::{Caller, Read};
use crate::problem::Problem;
use crate::streams::Place;

/// How often we look for new events.
const LOOK: Duration = Duration::from_millis(300);

/// How often a silent stream says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How many events are read at once.
const CHUNK: i64 = 100;

/// What stands before every event.
const BEGINNING: &str = "evt_00000000000000000000000000";

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Whether the caller asks for a stream.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Opens a stream. Where it begins is settled before the answer does: what is told from then on is in it.
pub(super) async fn open(
    app: Arc<App>,
    caller: Caller<Read>,
    headers: &HeaderMap,
    after: Option<String>,
    kind: Option<EventKind>,
) -> Result<Response, Problem> {
    let place = app.streams.enter(&caller.key)?;
    let reconnected = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty());
    let from = match (reconnected, after) {
        (Some(id), _) => From::Reconnected(EventId::opaque(id)),
        (None, Some(id)) => From::After(EventId::opaque(id)),
        (None, None) => From::Now,
    };
    let last = begin(&mut app.store.read().await?, &caller.scope, from).await?;
    let (scope, environment, key) = (caller.scope, caller.environment, caller.key);
    let mark = Some(last.as_ref().map_or_else(|| BEGINNING.to_owned(), ToString::to_string));
    let feed = Feed { app, key, environment, scope, kind, mark, last, waiting: VecDeque::new(), place };
    let stream = stream::unfold(feed, async |mut feed| {
        let block = match feed.mark.take() {
            Some(mark) => sse::Event::default().id(mark),
            None => {
                let event = feed.next().await?;
                sse::Event::default().id(event.id.as_str()).event(event.kind.as_str()).data(event.body())
            }
        };
        Some((Ok::<_, Infallible>(block), feed))
    });
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Some proxies would collect the events before they pass them on.
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// Where a stream begins.
enum From {
    /// With what is told from now on.
    Now,
    /// After an event that the address names.
    After(EventId),
    /// After the last event of a stream that broke off.
    Reconnected(EventId),
}

/// The last event that is not shown; `None` to begin with the first there is.
async fn begin(db: &mut Db, scope: &Scope, from: From) -> Result<Option<EventId>, Problem> {
    let (id, again) = match from {
        From::Now => return Ok(events::newest(db, scope).await?),
        From::After(id) => (id, false),
        From::Reconnected(id) => (id, true),
    };
    if id.as_str() == BEGINNING {
        return Ok(None);
    }
    match events::get(db, scope, &id).await? {
        Some(_) => Ok(Some(id)),
        // Only a reset of the sandbox takes events away: everything in it is new.
        None if again && scope.world.environment() == Environment::Test => Ok(None),
        None => Err(unknown(&id).into()),
    }
}

/// A caller who listens.
struct Feed {
    app: Arc<App>,
    key: KeyId,
    environment: Environment,
    scope: Scope,
    kind: Option<EventKind>,
    /// The id that the stream begins after: told first, so that whoever loses the connection before the first
    /// event can go on there.
    mark: Option<String>,
    last: Option<EventId>,
    waiting: VecDeque<Event>,
    place: Place,
}

impl Feed {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.place.is_stopped() {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            match self.look().await {
                Ok(Looked::Found) => {}
                Ok(Looked::Nothing) => tokio::select! {
                    () = self.place.stopped() => return None,
                    () = tokio::time::sleep(LOOK) => {}
                },
                Ok(Looked::Revoked) => return None,
                Err(error) => {
                    tracing::error!(%error, "an event stream ends because the store failed");
                    return None;
                }
            }
        }
    }

    /// Every event moves the mark on, those that are filtered out too: what was read once is not read again.
    async fn look(&mut self) -> Result<Looked, StoreError> {
        let mut db = self.app.store.read().await?;
        let Some(partner) = keys::partner_of(&mut db, &self.key).await? else { return Ok(Looked::Revoked) };
        let scope = partner.scope(self.environment);
        if scope != self.scope {
            // The sandbox was reset: its new world is shown from its beginning.
            (self.scope, self.last) = (scope, None);
        }
        let read = events::after(&mut db, &self.scope, None, self.last.as_ref(), CHUNK).await?;
        let Some(newest) = read.last() else { return Ok(Looked::Nothing) };
        self.last = Some(newest.id.clone());
        self.waiting.extend(read.into_iter().filter(|event| self.kind.is_none_or(|kind| kind == event.kind)));
        Ok(Looked::Found)
    }
}

/// What a look brought.
enum Looked {
    /// Events, though perhaps none that is wanted.
    Found,
    /// No event yet.
    Nothing,
    /// The key is no longer good.
    Revoked,
}

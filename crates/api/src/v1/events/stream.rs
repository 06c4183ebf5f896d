//! `GET /events` as a stream.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use model::event::{Event, EventKind};
use model::id::{EventId, Id as _, KeyId};
use model::world::{Environment, Scope};
use store::{Db, StoreError, events, keys};

use crate::caller::{Caller, Read};
use crate::problem::Problem;
use crate::state::App;
use crate::stream::{self, Message, Resumption, Source, Update};

/// How many events are read at once.
const CHUNK: usize = 100;

/// What stands before every event.
const BEGINNING: &str = "evt_00000000000000000000000000";

/// Opens a stream. Where it begins is settled before the answer does: what is told from then on is in it.
pub(super) async fn open(
    app: Arc<App>,
    caller: Caller<Read>,
    headers: &HeaderMap,
    after: Option<String>,
    kind: Option<EventKind>,
) -> Result<Response, Problem> {
    let place = app.streams.enter(&caller.key)?;
    let from = match (Resumption::read(headers).id(), after) {
        (Some(id), _) => From::Reconnected(EventId::opaque(id)),
        (None, Some(id)) => From::After(EventId::opaque(id)),
        (None, None) => From::Now,
    };
    let last = begin(&mut app.store.read().await?, &caller.scope, from).await?;
    // Told first, so that whoever loses the connection before the first event can go on there.
    let mark = last.as_ref().map_or(BEGINNING, EventId::as_str).to_owned();
    let first = Update { messages: vec![Message::default()], id: mark, more: true, last: false };
    let (scope, environment, key) = (caller.scope, caller.environment, caller.key);
    Ok(stream::answer(first, Feed { app, key, environment, scope, kind, last }, place))
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
    if events::get(db, scope, &id).await?.is_some() {
        return Ok(Some(id));
    }
    if again && scope.world.environment() == Environment::Test && events::before(db, scope, &id).await?.is_none() {
        // The sandbox was reset since: everything in it is new.
        return Ok(None);
    }
    Err(app::events::lost(db, scope, &id).await?.into())
}

/// The events of a key's environment.
struct Feed {
    app: Arc<App>,
    key: KeyId,
    environment: Environment,
    scope: Scope,
    kind: Option<EventKind>,
    last: Option<EventId>,
}

impl Source for Feed {
    /// Every event moves the mark on, those that are filtered out too: what was read once is not read again.
    async fn look(&mut self) -> Result<Update, StoreError> {
        let mut db = self.app.store.read().await?;
        let Some(partner) = keys::partner_of(&mut db, &self.key).await? else {
            // The key was revoked.
            return Ok(Update { last: true, ..Update::default() });
        };
        let scope = partner.scope(self.environment);
        if scope != self.scope {
            // The sandbox was reset: its new world is shown from its beginning.
            (self.scope, self.last) = (scope, None);
        }
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let read = events::after(&mut db, &self.scope, None, self.last.as_ref(), limit).await?;
        if let Some(newest) = read.last() {
            self.last = Some(newest.id.clone());
        }
        let wanted = read.iter().filter(|event| self.kind.is_none_or(|kind| kind == event.kind));
        Ok(Update { messages: wanted.map(message).collect(), more: read.len() == CHUNK, ..Update::default() })
    }
}

fn message(event: &Event) -> Message {
    Message { id: Some(event.id.to_string()), name: event.kind.as_str(), data: event.body() }
}

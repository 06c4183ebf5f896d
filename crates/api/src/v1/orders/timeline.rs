//! `GET /orders/{id}/timeline`

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use model::id::{KeyId, OrderId};
use model::timeline::updates;
use model::view::{self, Timeline};
use model::world::Scope;
use store::{StoreError, keys, timelines};

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;
use crate::stream::{self, Message, Resumption, Source, Update};
use crate::v1::id::PathId;
use app::not_found;

/// Follow an order
///
/// Per domain and step: what has happened, what happens now, who has to act, and when it is tried again.
/// `estimate` says when the order's domains will work, going by how long the newest 200 domains took that
/// do: half of them no longer than until `p50_at`, nine of ten no longer than until `p90_at`.
///
/// With `Accept: text/event-stream` the answer goes on until nothing is left to do. First come a `domain`
/// event for each domain (`data` is an entry of `domains`) and an `order` event (`data` is the timeline
/// without its domains); then a `domain` event whenever a domain or one of its runs has changed, an `order`
/// event whenever the order's status has, and at last `end`. Whatever has changed at one moment is told
/// together, and its last event carries the `id`: the timeline's `change`. A client that comes back with it
/// in `Last-Event-ID` is told nothing that it knows; with any other id it is told everything again, which
/// changes nothing where it was known. After an hour a stream ends without `end`: come back. A key has at
/// most 16 streams.
#[utoipa::path(get, path = "/orders/{id}/timeline", operation_id = "get_order_timeline", tag = "Orders",
    params(
        ("id" = String, Path, description = "The order's id.", example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0"),
        Resumption),
    responses(
        (status = 200, description = "How the order gets on.", content(
            (Data<view::Timeline> = "application/json"),
            (String = "text/event-stream", example = "event: order\ndata: {\"order_id\":\"ord_01JTZ8A1B2C3D4E5F6G7H8J9K0\",\"status\":\"completed\",\"change\":812,\"estimate\":null}\nid: 812\n\n"))),
        (status = 404, description = "`not_found`: no such order.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Read>,
    State(app): State<Arc<App>>,
    id: PathId<OrderId>,
    headers: HeaderMap,
) -> Answer {
    let mut followed = Followed { app, key: caller.key, scope: caller.scope, order: id.0, known: None };
    let Some(timeline) = followed.read().await? else { return Err(not_found("order", &followed.order).into()) };
    let response = if stream::is_asked_for(&headers) {
        let place = followed.app.streams.enter(&followed.key)?;
        if Resumption::read(&headers).is_at(&timeline.change.to_string()) {
            followed.known = Some(timeline.clone());
        }
        stream::answer(followed.tell(timeline), followed, place)
    } else {
        answer::ok(timeline)
    };
    Ok(stream::varying(response))
}

/// An order that somebody follows.
struct Followed {
    app: Arc<App>,
    key: KeyId,
    scope: Scope,
    order: OrderId,
    /// What the client has been told.
    known: Option<Timeline>,
}

impl Followed {
    async fn read(&self) -> Result<Option<Timeline>, StoreError> {
        let mut db = self.app.store.read_at_once().await?;
        let facts = timelines::facts(&mut db, &self.scope, &self.order).await?;
        Ok(facts.map(|facts| Timeline::of(&facts, self.app.clock.now())))
    }

    async fn is_revoked(&self) -> Result<bool, StoreError> {
        Ok(keys::partner_of(&mut self.app.store.read().await?, &self.key).await?.is_none())
    }

    /// Whether the order is as the client knows it.
    async fn is_unchanged(&self) -> Result<bool, StoreError> {
        let Some(known) = &self.known else { return Ok(false) };
        let mut db = self.app.store.read().await?;
        Ok(timelines::change(&mut db, &self.scope, &self.order).await? == Some(known.change))
    }

    /// What the client does not know yet.
    fn tell(&mut self, timeline: Timeline) -> Update {
        let messages = updates(self.known.as_ref(), &timeline).iter().map(message).collect();
        let (id, last) = (timeline.change.to_string(), timeline.has_ended());
        self.known = Some(timeline);
        Update { messages, id, last, more: false }
    }
}

impl Source for Followed {
    async fn look(&mut self) -> Result<Update, StoreError> {
        let gone = || Update { last: true, ..Update::default() };
        if self.is_revoked().await? {
            return Ok(gone());
        }
        if self.is_unchanged().await? {
            return Ok(Update::default());
        }
        // A sandbox that was emptied takes its orders with it.
        Ok(self.read().await?.map_or_else(gone, |timeline| self.tell(timeline)))
    }
}

fn message(update: &model::timeline::Update<'_>) -> Message {
    Message { id: None, name: update.name(), data: view::text(update) }
}

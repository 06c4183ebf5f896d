//! Events. Inserting one inserts its deliveries and their tasks: see `apply`.

use std::collections::HashSet;
use std::fmt::Write as _;

use model::clock::Time;
use model::delivery::Endpoint;
use model::event::{Event, EventKind};
use model::id::{EndpointId, EventId};
use model::world::{Scope, World};
use sqlx::AssertSqlSafe;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::feed;
use crate::page::Page;
use crate::record::{LIST, push_places};
use crate::table::table;

table! {
    Event in "events"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        kind: Name,
        order_id from order: Option<Key>,
        domain_id from domain: Option<Key>,
        data: String,
    }
}

/// An event of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &EventId) -> Result<Option<Event>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// Those of some events that there still are, in no order.
pub async fn load_all(db: &mut Db, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
    db.find_those(ids).await
}

/// The events told after one (or from the beginning), oldest first: for catching up. On PostgreSQL an event
/// is shown only when every writer of ours that may still tell an earlier one has ended, so that none is ever
/// passed over.
pub async fn after(
    db: &mut Db,
    scope: &Scope,
    kind: Option<EventKind>,
    last: Option<&EventId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let mut rest = "WHERE partner = $1 AND world = $2".to_owned();
    let mut values = args![&scope.partner, scope.world.as_str()];
    if let Some(bound) = feed::bound(db).await? {
        values.push(Value::from(bound));
        let _ = write!(rest, " AND position < ${}", values.len());
    }
    if let Some(kind) = kind {
        values.push(Value::from(kind.as_str()));
        let _ = write!(rest, " AND kind = ${}", values.len());
    }
    if let Some(last) = last {
        let Some(position) = position_of(db, scope, last).await? else { return Ok(vec![]) };
        values.extend(args![position, last]);
        let _ = write!(rest, " AND (position, id) > (${}, ${})", values.len() - 1, values.len());
    }
    values.push(Value::from(limit));
    let _ = write!(rest, " ORDER BY position, id LIMIT ${}", values.len());
    db.find_all(&rest, values).await
}

/// Where an event stands in the feed. It is asked for beforehand: with a subquery in its place SQLite enters the
/// index by the position alone, which is the same for all its events.
async fn position_of(db: &mut Db, scope: &Scope, id: &EventId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT position FROM events WHERE id = $1 AND partner = $2 AND world = $3";
    let row = db.one(sql, args![id, &scope.partner, scope.world.as_str()]).await?;
    row.map(|row| Cells::new("events", &row).int()).transpose()
}

/// The last event that [`after`] would show: whoever goes on after it sees everything that is told from now on.
pub async fn newest(db: &mut Db, scope: &Scope) -> Result<Option<EventId>, StoreError> {
    let mut rest = "WHERE partner = $1 AND world = $2".to_owned();
    let mut values = args![&scope.partner, scope.world.as_str()];
    if let Some(bound) = feed::bound(db).await? {
        values.push(Value::from(bound));
        rest.push_str(" AND position < $3");
    }
    rest.push_str(" ORDER BY position DESC, id DESC LIMIT 1");
    let newest: Option<Event> = db.find(&rest, values).await?;
    Ok(newest.map(|event| event.id))
}

/// The event to go on after for a reader who has an event that is not known any more: of those that stand before
/// everything that was told later than it, the last. Nothing that the reader has not seen is passed over.
pub async fn before(db: &mut Db, scope: &Scope, lost: &EventId) -> Result<Option<EventId>, StoreError> {
    let mut rest = "WHERE partner = $1 AND world = $2".to_owned();
    let mut values = args![&scope.partner, scope.world.as_str()];
    if let Some(bound) = feed::bound(db).await? {
        values.push(Value::from(bound));
        let _ = write!(rest, " AND position < ${}", values.len());
    }
    let sql =
        "SELECT position, id FROM events WHERE partner = $1 AND world = $2 AND id > $3 ORDER BY position, id LIMIT 1";
    if let Some(later) = db.one(sql, args![&scope.partner, scope.world.as_str(), lost]).await? {
        let mut cells = Cells::new("events", &later);
        values.extend(args![cells.int()?, cells.text()?]);
        let _ = write!(rest, " AND (position, id) < (${}, ${})", values.len() - 1, values.len());
    }
    rest.push_str(" ORDER BY position DESC, id DESC LIMIT 1");
    let before: Option<Event> = db.find(&rest, values).await?;
    Ok(before.map(|event| event.id))
}

/// Events that an endpoint was not told, and how far was looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// The events, oldest first.
    pub events: Vec<EventId>,
    /// The last event that was looked at, when there may be more after it.
    pub go_on_after: Option<EventId>,
}

/// From where, and how far, to look for events that an endpoint was not told.
#[derive(Clone, Debug)]
pub struct Search {
    /// Only events from this partner time on.
    pub since: Time,
    /// Only events after this one, and when it happened.
    pub after: Option<(Time, EventId)>,
    /// How many events to look at, at most.
    pub look: i64,
    /// How many to find, at most.
    pub find: usize,
}

/// The events that an endpoint wants and has no delivery for that is delivered or on its way.
pub async fn untold(db: &mut Db, scope: &Scope, endpoint: &Endpoint, search: &Search) -> Result<Untold, StoreError> {
    let mut values = args![&scope.partner, scope.world.as_str(), search.since, &endpoint.id, search.look];
    // One bound and not two, so that the index is entered where the search goes on.
    let begin = match &search.after {
        Some((at, after)) if *at >= search.since => {
            values[2] = Value::from(*at);
            values.push(Value::from(after));
            "(created_at, id) > ($3, $6)"
        }
        _ => "created_at >= $3",
    };
    // An event has few deliveries, an endpoint many.
    let column = db.backend().passed_over("d.endpoint_id");
    let sql = format!(
        "SELECT e.id, e.kind, (
            SELECT COUNT(*) FROM deliveries d WHERE d.partner = $1 AND d.world = $2 AND d.event_id = e.id
            AND {column} = $4 AND d.status <> 'failed'
        ) FROM (
            SELECT id, kind, created_at FROM events WHERE partner = $1 AND world = $2 AND {begin}
            ORDER BY created_at, id LIMIT $5
        ) e ORDER BY e.created_at, e.id"
    );
    let rows = db.all(AssertSqlSafe(sql), values).await?;
    let mut untold = Untold { events: vec![], go_on_after: None };
    let mut last = None;
    for row in &rows {
        if untold.events.len() == search.find {
            untold.go_on_after = last;
            return Ok(untold);
        }
        let mut cells = Cells::new("events", row);
        let (id, kind) = (cells.id::<EventId>()?, cells.named(EventKind::parse)?);
        if cells.int()? == 0 && endpoint.wants(kind) {
            untold.events.push(id.clone());
        }
        last = Some(id);
    }
    let all_seen = i64::try_from(rows.len()).unwrap_or(i64::MAX) < search.look;
    untold.go_on_after = last.filter(|_| !all_seen);
    Ok(untold)
}

/// Those of some events that an endpoint still has no delivery for that is delivered or on its way.
pub async fn still_untold(
    db: &mut Db,
    scope: &Scope,
    endpoint: &EndpointId,
    events: &[EventId],
) -> Result<Vec<EventId>, StoreError> {
    let (mut told, column) = (HashSet::new(), db.backend().passed_over("endpoint_id"));
    for events in events.chunks(LIST) {
        let mut sql = format!(
            "SELECT event_id FROM deliveries WHERE partner = $1 AND world = $2 AND {column} = $3
             AND status <> 'failed' AND event_id IN ("
        );
        push_places(&mut sql, 4, events.len() + 3);
        sql.push(')');
        let mut values = args![&scope.partner, scope.world.as_str(), endpoint];
        values.extend(events.iter().map(Value::from));
        for row in db.all(AssertSqlSafe(sql), values).await? {
            told.insert(Cells::new("deliveries", &row).id::<EventId>()?);
        }
    }
    Ok(events.iter().filter(|id| !told.contains(*id)).cloned().collect())
}

/// A page of events, newest first.
pub async fn list(db: &mut Db, scope: &Scope, kind: Option<EventKind>, page: &Page) -> Result<Vec<Event>, StoreError> {
    page.find(db, scope, &[("kind", kind.map(|kind| kind.as_str().to_owned()))]).await
}

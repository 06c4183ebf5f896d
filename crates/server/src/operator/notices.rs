//! `GET /notices`: what only the operator can mend or should know.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use model::id::{Id as _, NoticeId};
use model::notice::{Notice, Shown};
use model::refusal::{Fault, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};
use store::StoreError;
use store::notices::{self, Filter};
use tokio::time::{Duration, timeout};

use crate::wire::Wired;

/// How many notices an answer has unless it is asked for another number.
pub const USUAL: i64 = 100;
/// The most.
pub const MOST: i64 = 1_000;
/// How long the database may take: what this process has seen is shown without it.
const PATIENCE: Duration = Duration::from_secs(3);

/// What can be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    status: Option<String>,
    before: Option<String>,
    limit: Option<i64>,
}

/// Answers with the notices, newest first, and with the id that the next page is `before`. What could not be written down
/// has no id; where the database does not answer, `complete` is false and there is nothing else.
pub(super) async fn handler(State(wired): State<Wired>, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let read = asked
        .map_err(|_| Fault::invalid("", "Ask by status, before and limit."))
        .and_then(|Query(asked)| filter(&asked));
    let (filter, limit) = match read {
        Ok(read) => read,
        Err(fault) => return (StatusCode::BAD_REQUEST, Json(Refusal::from(fault).body())).into_response(),
    };
    let reading = async {
        let mut db = wired.store.read().await?;
        Ok::<_, StoreError>((notices::list(&mut db, &filter, limit).await?, notices::open(&mut db).await?))
    };
    let read = timeout(PATIENCE, reading).await;
    let is_complete = matches!(read, Ok(Ok(_)));
    let (listed, open) = read.ok().and_then(Result::ok).unwrap_or_default();
    let wants_open = filter.is_open != Some(false) && filter.before.is_none();
    let beside = if wants_open { wired.board.beside(&open) } else { vec![] };
    let beside: Vec<_> = beside.iter().map(|one| one.finding.shown(one.since)).collect();
    let shown: Vec<Shown<'_>> = beside.into_iter().chain(listed.iter().map(Notice::shown)).collect();
    Json(body(&shown, is_complete, next(&listed, limit))).into_response()
}

fn body(shown: &[Shown<'_>], is_complete: bool, next: Option<&str>) -> Value {
    json!({ "data": shown, "complete": is_complete, "next_before": next })
}

fn next(listed: &[Notice], limit: i64) -> Option<&str> {
    listed.last().filter(|_| listed.len() as i64 == limit).map(|notice| notice.id.as_str())
}

fn filter(asked: &Asked) -> Result<(Filter, i64), Fault> {
    let is_open = match asked.status.as_deref() {
        None | Some("open") => Some(true),
        Some("closed") => Some(false),
        Some("all") => None,
        Some(_) => return Err(Fault::invalid("status", "Send open, closed or all.")),
    };
    let limit = asked.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Fault::invalid("limit", "Send 1 to 1000."));
    }
    match &asked.before {
        Some(text) if text.contains('\0') => Err(Fault::invalid("before", "Send an id.")),
        before => Ok((Filter { is_open, before: before.clone().map(NoticeId::opaque) }, limit)),
    }
}

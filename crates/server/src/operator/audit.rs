//! `GET /audit`: who did what, newest first.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use model::audit::Entry;
use model::clock::Time;
use model::id::{AuditId, Id as _, PartnerId};
use model::refusal::{Code, Fault, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Store;
use store::audit::{self, Filter};

/// How many entries an answer has unless it is asked for another number, and at most.
pub const USUAL: i64 = 100;
/// The most.
pub const MOST: i64 = 1_000;

/// An entry as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    /// When, server time.
    pub at: Time,
    /// Everything else.
    #[serde(flatten)]
    pub said: Said<'a>,
}

/// What an entry says.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "see `Entry`")]
pub struct Said<'a> {
    pub id: &'a str,
    pub act: &'static str,
    pub who: &'static str,
    pub key: Option<&'a str>,
    pub partner: Option<&'a str>,
    pub environment: Option<&'static str>,
    pub subject: Option<&'a str>,
    pub request: Option<&'a str>,
    pub address: Option<String>,
    pub command: Option<&'a str>,
    pub system_user: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// The view of an entry.
    #[must_use]
    pub fn of(entry: &'a Entry) -> Self {
        let origin = &entry.origin;
        let said = Said {
            id: entry.id.as_str(),
            act: entry.act.as_str(),
            who: entry.who.as_str(),
            key: entry.key.as_ref().map(|id| id.as_str()),
            partner: entry.partner.as_ref().map(|id| id.as_str()),
            environment: entry.environment.map(|one| one.as_str()),
            subject: entry.subject.as_deref(),
            request: origin.request.as_ref().map(|id| id.as_str()),
            address: origin.address.map(|address| address.to_string()),
            command: origin.command.as_deref(),
            system_user: origin.system_user.as_deref(),
        };
        Self { at: entry.at, said }
    }
}

/// What can be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    partner: Option<String>,
    subject: Option<String>,
    before: Option<String>,
    since: Option<String>,
    until: Option<String>,
    limit: Option<i64>,
}

/// Answers with the entries, and with the id that the next page is `before`.
pub(super) async fn handler(
    State(store): State<Store>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let read = asked
        .map_err(|_| Fault::invalid("", "Ask by partner, subject, before, since, until and limit."))
        .and_then(|Query(asked)| {
            let limit = asked.limit.unwrap_or(USUAL);
            let fits = (1..=MOST).contains(&limit);
            let limit = fits.then_some(limit).ok_or_else(|| Fault::invalid("limit", "Send 1 to 1000."))?;
            Ok((filter(&asked)?, limit))
        });
    let (filter, limit) = match read {
        Ok(read) => read,
        Err(fault) => return (StatusCode::BAD_REQUEST, Json(Refusal::from(fault).body())).into_response(),
    };
    let listed = async { audit::list(&mut store.read().await?, &filter, limit).await };
    match listed.await {
        Ok(entries) => {
            let next = entries.last().filter(|_| entries.len() as i64 == limit).map(|entry| entry.id.as_str());
            Json(json!({ "data": entries.iter().map(Shown::of).collect::<Vec<_>>(), "next_before": next }))
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the audit trail cannot be read");
            let fault = Fault::new(Code::Internal, "The audit trail cannot be read now. The log says why.");
            (StatusCode::SERVICE_UNAVAILABLE, Json(Refusal::from(fault).body())).into_response()
        }
    }
}

fn filter(asked: &Asked) -> Result<Filter, Fault> {
    let time = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            Time::parse(text).map(Some).ok_or_else(|| Fault::invalid(name, "Send a time such as 2026-05-08T12:00:00Z."))
        }
    };
    let plain = |name: &str, text: &Option<String>| match text {
        Some(text) if text.contains('\0') => Err(Fault::invalid(name, "Send an id.")),
        other => Ok(other.clone()),
    };
    Ok(Filter {
        partner: plain("partner", &asked.partner)?.map(PartnerId::opaque),
        subject: plain("subject", &asked.subject)?,
        before: plain("before", &asked.before)?.map(AuditId::opaque),
        since: time("since", &asked.since)?,
        until: time("until", &asked.until)?,
    })
}

//! `GET /domains/import`

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use model::import::{Entry, distinct};
use model::refusal::{Code, Fault};
use model::view;
use store::imports;
use url::form_urlencoded;
use utoipa::IntoParams;

use crate::answer::{self, Answer, Data};
use crate::caller::{Caller, Read};
use crate::state::App;

/// The most names that a job can hold.
const MOST: usize = 500;

/// Which job is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `names` reads")]
pub(crate) struct Held {
    /// Names that the job holds, all of them, with commas between.
    #[param(min_length = 1, pattern = "[^\\s,]", example = "acme-mail.com,acme-team.com")]
    domains: String,
}

/// Find the import of some names
///
/// Answers with the newest job that holds all of the names.
#[utoipa::path(get, path = "/domains/import", operation_id = "get_import_of_domains", tag = "Imports", params(Held),
    responses(
        (status = 200, description = "The job as it is now.", body = Data<view::Import>),
        (status = 400, description = "`invalid_request`: `domains` is missing.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no job holds all of them.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, uri: OriginalUri) -> Answer {
    let names = names(uri.query().unwrap_or_default())?;
    let mut db = app.store.read().await?;
    let found = imports::newest_with(&mut db, &caller.scope, &names).await?;
    let import = found.ok_or_else(|| {
        let message = "There is no import in this environment that holds all of these names. Check them and the key.";
        Fault::new(Code::NotFound, message).at("domains")
    })?;
    let (import, rows) = imports::in_full(&mut db, import).await?;
    Ok(answer::ok(view::Import::of(&import, &rows)))
}

/// The names that were sent, each once, as jobs keep them.
fn names(query: &str) -> Result<Vec<String>, Fault> {
    let sent = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "domains");
    let texts: Vec<_> = sent
        .flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>())
        .filter(|text| !text.trim().is_empty())
        .collect();
    let names: Vec<_> = distinct(&texts).iter().map(Entry::text).map(str::to_owned).collect();
    match names.len() {
        0 => Err(Fault::invalid("domains", "Send the names of the job, with commas between: ?domains=a.com,b.com.")),
        1..=MOST => Ok(names),
        many => Err(Fault::invalid("domains", format!("Send at most {MOST} names; there are {many}."))),
    }
}

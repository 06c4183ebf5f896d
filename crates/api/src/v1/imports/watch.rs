//! Waiting until a job can say which nameservers its names need.

use std::time::Duration;

use app::{Reply, id_in};
use model::id::{Id as _, ImportId};
use model::import::{Import, ImportRow, ImportRowStatus};
use model::view;
use model::world::Scope;
use store::{StoreError, imports};
use tokio::time::{Instant, sleep_until};

use crate::call::Call;
use crate::caller::Full;
use crate::problem::Problem;
use crate::state::App;
use app::not_found;

/// How often the rows are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Watches the job that an answer tells of until every name has a zone or has ended, the time is up or the server
/// stops. Between two looks it holds nothing. Whoever has lost its key or its sandbox meanwhile is told nothing.
pub(super) async fn watch(call: &Call<Full>, begun: &Reply) -> Result<view::Import, Problem> {
    let (app, caller) = (&call.app, &call.caller);
    let id = ImportId::opaque(id_in(&begun.body).unwrap_or_default());
    let end = Instant::now() + app.settings.import_wait;
    loop {
        let job = read(app, &caller.scope, &id).await?;
        let known = job.as_ref().is_none_or(|(_, rows)| rows.iter().all(knows_its_nameservers));
        if known || Instant::now() >= end || app.stop.is_cancelled() {
            call.actor.recheck(&mut app.store.read().await?).await?;
            let (import, rows) = job.ok_or_else(|| not_found("import", &id))?;
            return Ok(view::Import::of(&import, &rows));
        }
        tokio::select! {
            biased;
            () = app.stop.cancelled() => {}
            () = sleep_until(end.min(Instant::now() + LOOK)) => {}
        }
    }
}

fn knows_its_nameservers(row: &ImportRow) -> bool {
    row.status != ImportRowStatus::WaitingForNameservers || !row.nameservers.is_empty()
}

/// A job of this scope as it stands.
pub(super) async fn read(
    app: &App,
    scope: &Scope,
    id: &ImportId,
) -> Result<Option<(Import, Vec<ImportRow>)>, StoreError> {
    let mut db = app.store.read().await?;
    match imports::get(&mut db, scope, id).await? {
        Some(import) => imports::in_full(&mut db, import).await.map(Some),
        None => Ok(None),
    }
}

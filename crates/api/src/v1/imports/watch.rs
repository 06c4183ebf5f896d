//! Waiting until a job can say which nameservers its names need.

use std::time::Duration;

use model::id::ImportId;
use model::import::{Import, ImportRow, ImportRowStatus};
use model::view;
use model::world::Scope;
use store::{StoreError, imports};
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::problem::Problem;

/// How often the rows are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Watches a job until every name has a zone or has ended, the time is up or the server stops. Between two
/// looks it holds nothing.
pub(super) async fn watch(
    app: &App,
    scope: &Scope,
    mut job: (Import, Vec<ImportRow>),
) -> Result<view::Import, Problem> {
    let end = Instant::now() + app.settings.import_wait;
    while !job.1.iter().all(knows_its_nameservers) && Instant::now() < end {
        tokio::select! {
            () = app.stop.cancelled() => break,
            () = sleep_until(end.min(Instant::now() + LOOK)) => {}
        }
        if let Some(newer) = read(app, scope, &job.0.id).await? {
            job = newer;
        }
    }
    Ok(view::Import::of(&job.0, &job.1))
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

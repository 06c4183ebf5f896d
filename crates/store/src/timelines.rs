//! What an order's timeline is made of.

use model::id::OrderId;
use model::run::{Run, RunKind, RunState};
use model::timeline::{Facts, NEWEST_RUNS};
use model::world::{Scope, World};

use crate::db::{Cells, Db, args};
use crate::error::StoreError;
use crate::{acme, actions, domains, evidence, orders, partners, runs};

/// The change counter of a scope's order: see [`Facts::change`]. One statement, for those who look again
/// and again.
pub async fn change(db: &mut Db, scope: &Scope, order: &OrderId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT o.version
               + COALESCE((SELECT CAST(SUM(d.version) AS BIGINT) FROM domains d WHERE d.order_id = o.id), 0)
               + COALESCE((SELECT CAST(SUM(r.version) AS BIGINT) FROM runs r WHERE r.order_id = o.id), 0)
               FROM orders o WHERE o.id = $1 AND o.partner = $2 AND o.world = $3";
    let row = db.one(sql, args![order, &scope.partner, scope.world.as_str()]).await?;
    row.map(|row| Cells::new("orders", &row).int()).transpose()
}

/// Everything about an order of a scope. Belongs on a connection of [`crate::Store::read_at_once`], so that
/// all of it is of one moment.
pub async fn facts(db: &mut Db, scope: &Scope, order: &OrderId) -> Result<Option<Facts>, StoreError> {
    let Some(order) = orders::get(db, scope, order).await? else { return Ok(None) };
    let domains = domains::of_order(db, &order.id).await?;
    let runs = runs::of_order(db, &order.id).await?;
    let actions = actions::open_of_order(db, scope, &order.id).await?;
    let history = if runs.iter().any(is_provisioning) { durations(db, &scope.world).await? } else { vec![] };
    let partner = partners::get(db, &scope.partner).await?;
    let offset = partner.map_or(0, |partner| partner.offset(scope.world.environment()));
    let https_troubles = acme::troubles_of_order(db, scope, &order.id).await?;
    let looks = evidence::summaries(db, &order.id).await?;
    Ok(Some(Facts { order, domains, runs, actions, history, https_troubles, looks, offset }))
}

fn is_provisioning(run: &Run) -> bool {
    run.kind == RunKind::Provision && run.finished_at.is_none()
}

/// How long the newest provisioning runs of a world took that have ended well, in microseconds.
async fn durations(db: &mut Db, world: &World) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT finished_at - created_at FROM runs WHERE world = $1 AND kind = $2 AND state = $3
               ORDER BY finished_at DESC LIMIT $4";
    let (kind, done) = (RunKind::Provision.as_str(), RunState::Done.as_str());
    let rows = db.all(sql, args![world.as_str(), kind, done, NEWEST_RUNS]).await?;
    rows.iter().map(|row| Cells::new("runs", row).int()).collect()
}

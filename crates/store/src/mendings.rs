//! Leave to put right what was found at domains: so many in an hour, and no more, so that a fault of ours, or of whoever we
//! ask, is not written into every zone before somebody sees it.

use model::clock::{HOUR, Time};
use model::id::PartnerId;
use model::world::World;

use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};

/// How many domains may be put right in an hour in any case, however few there are.
const LEAST: i64 = 10;

/// Takes leave for one domain of a world, of which at most `percent` of its zones are given in an hour. `now` is server time.
/// Answers whether there was leave.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &mut Tx, partner: &PartnerId, world: &World, percent: i64, now: Time) -> Result<bool, Halt> {
    let hour = now.0.div_euclid(HOUR);
    let most = LEAST.max(zones(tx, world).await? * percent / 100);
    let sql =
        "INSERT INTO mendings (partner, world, hour, taken, most) VALUES ($1, $2, $3, 1, $4) ON CONFLICT (world, hour)
        DO UPDATE SET taken = mendings.taken + 1, most = excluded.most WHERE mendings.taken < excluded.most";
    let taken = tx.run(sql, args![partner, world.as_str(), hour, most]).await?;
    tx.run("DELETE FROM mendings WHERE world = $1 AND hour < $2", args![world.as_str(), hour]).await?;
    Ok(taken == 1)
}

/// How many zones a world has.
async fn zones(tx: &mut Tx, world: &World) -> Result<i64, Halt> {
    let sql = "SELECT COUNT(*) FROM zones WHERE world = $1 AND removed_at IS NULL";
    let row = tx.one(sql, args![world.as_str()]).await?;
    Ok(row.map_or(Ok(0), |row| Cells::new("zones", &row).int())?)
}

/// How many domains of the real world were given leave in the hour of `now`, where that was all there was.
///
/// # Errors
/// When the database fails.
pub async fn used_up(db: &mut Db, now: Time) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT taken FROM mendings WHERE world = $1 AND hour = $2 AND taken >= most";
    let row = db.one(sql, args![World::live().as_str(), now.0.div_euclid(HOUR)]).await?;
    row.map(|row| Cells::new("mendings", &row).int()).transpose()
}

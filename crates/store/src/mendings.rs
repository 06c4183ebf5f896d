//! Leave to put right what was found at domains: so many in an hour, and no more, so that a fault of ours, or of whoever we
//! ask, is not written into every zone before somebody sees it.

use model::clock::{HOUR, Time};
use model::id::PartnerId;
use model::world::World;

use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};
use crate::row::Row;

/// How many domains may be put right in an hour in any case, however few there are.
const LEAST: i64 = 10;

/// Takes leave for one domain of a partner's world, of whose zones at most `percent` of a hundred are given it in an hour. `now`
/// is server time. Answers whether there was leave.
///
/// # Errors
/// When the database fails.
pub async fn take(tx: &mut Tx, partner: &PartnerId, world: &World, percent: i64, now: Time) -> Result<bool, Halt> {
    let hour = hour(now);
    // How much there is was worked out by whoever came first in this hour.
    let sql = "UPDATE mendings SET taken = taken + 1 WHERE partner = $1 AND world = $2 AND hour = $3 AND taken < most";
    if tx.run(sql, args![partner, world.as_str(), hour.as_str()]).await? == 1 {
        return Ok(true);
    }
    let most = LEAST.max(zones(tx, partner, world).await? * percent / 100);
    let sql = "INSERT INTO mendings (partner, world, hour, taken, most) VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (partner, world, hour) DO UPDATE SET taken = mendings.taken + 1 WHERE mendings.taken < mendings.most";
    let taken = tx.run(sql, args![partner, world.as_str(), hour.as_str(), most]).await?;
    let sql = "DELETE FROM mendings WHERE partner = $1 AND world = $2 AND hour <> $3";
    tx.run(sql, args![partner, world.as_str(), hour.as_str()]).await?;
    Ok(taken == 1)
}

fn hour(now: Time) -> String {
    now.0.div_euclid(HOUR).to_string()
}

/// How many zones a partner has in a world.
async fn zones(tx: &mut Tx, partner: &PartnerId, world: &World) -> Result<i64, Halt> {
    let sql = "SELECT COUNT(*) FROM zones WHERE partner = $1 AND world = $2 AND removed_at IS NULL";
    let row = tx.one(sql, args![partner, world.as_str()]).await?;
    Ok(row.map_or(Ok(0), |row| Cells::new("zones", &row).int())?)
}

/// Partners whose leave of the hour of `now` is used up in the real world, with how many domains had it.
///
/// # Errors
/// When the database fails.
pub async fn used_up(db: &mut Db, now: Time) -> Result<Vec<(PartnerId, i64)>, StoreError> {
    let sql = "SELECT partner, taken FROM mendings WHERE world = $1 AND hour = $2 AND taken >= most ORDER BY partner";
    let rows = db.all(sql, args![World::live().as_str(), hour(now).as_str()]).await?;
    let one = |row: &Row| {
        let mut cells = Cells::new("mendings", row);
        Ok((cells.id()?, cells.int()?))
    };
    rows.iter().map(one).collect()
}

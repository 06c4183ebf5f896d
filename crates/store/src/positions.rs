//! Where events stand in the feed, after their database was moved to another PostgreSQL.
//!
//! An event's position is the number of a transaction (see [`Backend::feed_position`]). Numbers of another cluster mean
//! nothing here: while they are ahead of this one's, their events look as if somebody were still writing them, and so
//! does everything that is told after them. A dump, or a logical migration, carries them over.

use crate::db::{Cells, Db, args};
use crate::dialect::Backend;
use crate::error::StoreError;

/// The feeds with a position that no transaction of this cluster can have given, and their highest one. One look at
/// the end of each feed; the index is hopped through from feed to feed. Numbers and rows are seen at one moment, so
/// that what others tell meanwhile is never taken for foreign.
const FOREIGN: &str = "WITH RECURSIVE feeds(partner, world) AS (
        (SELECT partner, world FROM events ORDER BY partner, world LIMIT 1)
        UNION ALL
        SELECT beyond.partner, beyond.world FROM feeds CROSS JOIN LATERAL (
            SELECT e.partner, e.world FROM events e WHERE (e.partner, e.world) > (feeds.partner, feeds.world)
            ORDER BY e.partner, e.world LIMIT 1
        ) beyond
    ), ends(partner, world, position) AS (
        SELECT feeds.partner, feeds.world, (
            SELECT MAX(e.position) FROM events e WHERE e.partner = feeds.partner AND e.world = feeds.world
        ) FROM feeds
    )
    SELECT partner, world, position FROM ends
    WHERE position >= CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)";

/// A feed whose positions are another cluster's.
struct Foreign {
    partner: String,
    world: String,
    highest: i64,
}

/// Whether there are events of another cluster, which the next start puts in order.
pub(crate) async fn are_foreign(db: &mut Db) -> Result<bool, StoreError> {
    Ok(db.backend() == Backend::Postgres && !foreign(db).await?.is_empty())
}

/// Puts the events of another cluster before everything that is told from now on. Their order among themselves stays,
/// so that a reader goes on where it stopped. Several processes may do this at once.
pub(crate) async fn adopt(db: &mut Db) -> Result<(), StoreError> {
    if !are_foreign(db).await? {
        return Ok(());
    }
    db.control("BEGIN").await?;
    // Who tells meanwhile would take the place after the highest. The second of two finds nothing left to do.
    db.control("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE").await?;
    for feed in foreign(db).await? {
        let sql = "UPDATE events SET position = position - $1 WHERE partner = $2 AND world = $3";
        let events = db.run(sql, args![feed.highest, feed.partner.as_str(), feed.world.as_str()]).await?;
        let (partner, world) = (feed.partner, feed.world);
        tracing::warn!(partner, world, events, "the events come from another database; their feed was put in order");
    }
    db.control("COMMIT").await
}

async fn foreign(db: &mut Db) -> Result<Vec<Foreign>, StoreError> {
    let rows = db.all(FOREIGN, vec![]).await?;
    let read = |row| {
        let mut cells = Cells::new("events", row);
        Ok(Foreign { partner: cells.text()?, world: cells.text()?, highest: cells.int()? })
    };
    rows.iter().map(read).collect()
}

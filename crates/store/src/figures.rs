//! How much there is of what the operator watches. Nothing here grows with what has been done: only with what waits.

use model::action::ActionReason;
use model::clock::Time;
use model::named::Named;
use model::task::Lane;

use crate::backup::LAST_BACKUP;
use crate::db::{Cells, Db, args};
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::{migrate, tasks};

/// Nothing is counted further.
pub const MOST: i64 = 10_000;

/// The tasks of no more shares of a lane are counted.
const SHARES: usize = 200;

/// What waits, and how large the database is.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The tasks that are due.
    pub lanes: Vec<LaneFigures>,
    /// Open pending actions by what they ask, those that there are.
    pub actions: Vec<(ActionReason, i64)>,
    /// The size of the database.
    pub bytes: i64,
    /// When a backup was last made, server time.
    pub last_backup: Option<Time>,
    /// The number of its last migration.
    pub schema: i64,
}

/// What is due in a lane.
#[derive(Clone, Copy, Debug)]
pub struct LaneFigures {
    /// Which.
    pub lane: Lane,
    /// How many tasks, up to [`MOST`], of the 200 shares that have waited longest.
    pub due: i64,
    /// Since when the oldest of them has been due, server time.
    pub oldest: Option<Time>,
}

/// Reads them.
///
/// # Errors
/// When the database does not answer.
pub async fn read(db: &mut Db, now: Time) -> Result<Figures, StoreError> {
    let mut lanes = vec![];
    for &lane in Lane::ALL {
        lanes.push(due(db, lane, now).await?);
    }
    Ok(Figures {
        lanes,
        actions: actions(db).await?,
        bytes: bytes(db).await?,
        last_backup: last_backup(db).await?,
        schema: migrate::applied(db).await?,
    })
}

/// Counts share by share, the longest waiting first, so that what is planned for later is not looked at.
async fn due(db: &mut Db, lane: Lane, now: Time) -> Result<LaneFigures, StoreError> {
    let shares = tasks::due_buckets(db, lane, now).await?;
    let mut due = 0;
    for share in shares.iter().take(SHARES) {
        let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM
            (SELECT 1 FROM tasks WHERE lane = $1 AND bucket = $2 AND due_at <= $3 LIMIT $4) due";
        let row = db.one(sql, args![lane.as_str(), share.name.as_str(), now, MOST - due]).await?;
        due += row.map_or(Ok(0), |row| Cells::new("tasks", &row).int())?;
        if due >= MOST {
            break;
        }
    }
    Ok(LaneFigures { lane, due, oldest: shares.first().map(|share| share.due_at) })
}

async fn actions(db: &mut Db) -> Result<Vec<(ActionReason, i64)>, StoreError> {
    let sql = format!(
        "SELECT reason, CAST(COUNT(*) AS BIGINT) FROM (SELECT reason FROM actions WHERE open = 1 LIMIT {MOST}) waiting
            GROUP BY reason ORDER BY reason"
    );
    let mut counted = vec![];
    for row in db.all(sqlx::AssertSqlSafe(sql), vec![]).await? {
        let mut cells = Cells::new("actions", &row);
        let (reason, count) = (cells.text()?, cells.int()?);
        counted.extend(ActionReason::named(&reason).map(|reason| (reason, count)));
    }
    Ok(counted)
}

async fn bytes(db: &mut Db) -> Result<i64, StoreError> {
    let sql = match db.backend() {
        Backend::Sqlite => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        Backend::Postgres => "SELECT pg_database_size(current_database())",
    };
    let row = db.one(sql, vec![]).await?;
    row.map_or(Ok(0), |row| Cells::new("pages", &row).int())
}

/// When a backup was last made, server time.
///
/// # Errors
/// When the database does not answer.
pub async fn last_backup(db: &mut Db) -> Result<Option<Time>, StoreError> {
    let row = db.one("SELECT CAST(value AS BIGINT) FROM meta WHERE key = $1", args![LAST_BACKUP]).await?;
    row.map_or(Ok(None), |row| Cells::new("meta", &row).time_or_null())
}

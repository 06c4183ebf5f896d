//! The queue: one table. A claim moves a task's due time to the end of its lease, so that a task
//! whose holder died is simply due again.

use std::collections::{HashMap, HashSet};

use model::action::Look;
use model::clock::Time;
use model::id::{Id, LeaseId, PartnerId, RunId, TaskId};
use model::task::{Lane, Task};
use model::world::{Environment, World};
use sqlx::AssertSqlSafe;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::dialect::Backend;
use crate::error::{Halt, StoreError};
use crate::record::{LIST, Record, place, push_places};
use crate::table::table;

table! {
    Task in "tasks"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        lane: Name,
        bucket: String,
        subject: String,
        due_at: Time,
        lease: Option<String>,
        attempts: i64,
    }
}

/// A share of the queue that has something due: a partner in one environment, or one of its endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What shares are counted by.
    pub name: String,
    /// Whose.
    pub partner: PartnerId,
    /// In which environment.
    pub environment: Environment,
    /// How long its oldest task has been due since.
    pub due_at: Time,
}

/// The shares of a lane that have something due, the longest waiting first.
///
/// The index is hopped through from one share to the next, so that a share with a million tasks
/// costs no more than one with a single task. Shares with nothing due are hopped over as well: see [`next_due_buckets`].
pub async fn due_buckets(db: &mut Db, lane: Lane, now: Time) -> Result<Vec<Bucket>, StoreError> {
    let sql = "WITH RECURSIVE shares(bucket) AS (
            SELECT MIN(bucket) FROM tasks WHERE lane = $1
            UNION ALL
            SELECT (SELECT MIN(t.bucket) FROM tasks t WHERE t.lane = $1 AND t.bucket > shares.bucket)
            FROM shares WHERE shares.bucket IS NOT NULL
        ), oldest(bucket, due_at) AS (
            SELECT bucket, (SELECT MIN(t.due_at) FROM tasks t WHERE t.lane = $1 AND t.bucket = shares.bucket)
            FROM shares WHERE bucket IS NOT NULL
        )
        SELECT o.bucket, (SELECT t.partner FROM tasks t WHERE t.lane = $1 AND t.bucket = o.bucket LIMIT 1),
            (SELECT t.world FROM tasks t WHERE t.lane = $1 AND t.bucket = o.bucket LIMIT 1), o.due_at
        FROM oldest o WHERE o.due_at <= $2 ORDER BY o.due_at";
    let rows = db.all(sql, args![lane.as_str(), now]).await?;
    rows.iter().map(|row| bucket(&mut Cells::new("tasks", row))).collect()
}

/// The shares that the next `most` due tasks of a lane belong to, the longest waiting first, and whether nothing else is due.
///
/// What is not due costs nothing, however much of it there is and of however many shares.
pub async fn next_due_buckets(
    db: &mut Db,
    lane: Lane,
    now: Time,
    most: i64,
) -> Result<(Vec<Bucket>, bool), StoreError> {
    let sql = "WITH few(bucket, due_at) AS (
            SELECT bucket, due_at FROM tasks WHERE lane = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3
        ), shares(bucket, due_at, due) AS (
            SELECT bucket, MIN(due_at), CAST(COUNT(*) AS BIGINT) FROM few GROUP BY bucket
        )
        SELECT o.bucket, (SELECT t.partner FROM tasks t WHERE t.lane = $1 AND t.bucket = o.bucket LIMIT 1),
            (SELECT t.world FROM tasks t WHERE t.lane = $1 AND t.bucket = o.bucket LIMIT 1), o.due_at, o.due
        FROM shares o ORDER BY o.due_at";
    let rows = db.all(sql, args![lane.as_str(), now, most]).await?;
    let (mut buckets, mut due) = (vec![], 0);
    for row in &rows {
        let mut cells = Cells::new("tasks", row);
        buckets.push(bucket(&mut cells)?);
        due += cells.int()?;
    }
    Ok((buckets, due < most))
}

fn bucket(cells: &mut Cells<'_>) -> Result<Bucket, StoreError> {
    let (name, partner, world) = (cells.text()?, cells.id()?, World::stored(cells.text()?));
    Ok(Bucket { name, partner, environment: world.environment(), due_at: cells.time()? })
}

/// How many tasks one transaction brings forward or removes at most.
pub const BATCH: i64 = 500;

/// How far the clock of a world (its partner, its name) is ahead now; 0 for the live one and one that was left.
fn clock_of(partner: &str, world: &str) -> String {
    format!("COALESCE((SELECT p.test_offset FROM partners p WHERE p.id = {partner} AND {}), 0)", is_current(world))
}

/// Whether a world is the sandbox of partner `p` that a reset has not left behind.
fn is_current(world: &str) -> String {
    format!("{world} = 'test:' || p.id || ':' || p.test_epoch")
}

/// Queues tasks. Each remembers how far its world's clock is ahead now: that clock is held, or does not matter to
/// what is due at once.
pub(crate) async fn queue(tx: &mut Tx, tasks: &[Task]) -> Result<(), Halt> {
    const PARTNER: usize = place::<Task>("partner");
    const WORLD: usize = place::<Task>("world");
    let columns = Task::COLUMNS.len();
    for chunk in tasks.chunks(tx.rows_at_once(columns)) {
        let mut rows = String::new();
        tx.backend().push_rows(&mut rows, chunk.len(), columns);
        let clock = clock_of(&format!("new.column{PARTNER}"), &format!("new.column{WORLD}"));
        let names = Task::COLUMNS.join(", ");
        let sql = format!("INSERT INTO tasks ({names}, clock) SELECT new.*, {clock} FROM (VALUES {rows}) new");
        let values = chunk.iter().flat_map(|task| task.values(&tx.vault)).collect();
        tx.insert_later(sql, values, chunk.len()).await?;
    }
    Ok(())
}

/// Takes up to `limit` due tasks of a share, the longest due first, on a lease until `until`. Those of a sandbox that
/// a reset has left behind are nobody's any more, and are removed.
///
/// The rows are chosen in a materialized part: PostgreSQL may run a plain subquery once for every row of
/// the table, and a limit that is counted anew each time is none.
pub async fn claim(
    tx: &mut Tx,
    lane: Lane,
    bucket: &str,
    limit: i64,
    now: Time,
    until: Time,
    lease: &LeaseId,
) -> Result<Vec<Task>, Halt> {
    let sql = format!(
        "WITH due AS MATERIALIZED (
            SELECT id FROM tasks WHERE lane = $3 AND bucket = $4 AND due_at <= $5 ORDER BY due_at LIMIT $6{}
        )
        UPDATE tasks SET due_at = $1, lease = $2, attempts = attempts + CASE WHEN lease IS NULL THEN 0 ELSE 1 END
        WHERE id IN (SELECT id FROM due) RETURNING {}, CASE WHEN world = 'live' OR EXISTS (
            SELECT 1 FROM partners p WHERE p.id = tasks.partner AND {}
        ) THEN 0 ELSE 1 END",
        tx.backend().skip_locked(),
        Task::COLUMNS.join(", "),
        is_current("tasks.world")
    );
    let values = args![until, lease, lane.as_str(), bucket, now, limit];
    let (mut claimed, mut left) = (vec![], vec![]);
    for row in tx.all(AssertSqlSafe(sql), values).await? {
        let mut cells = Cells::new(Task::TABLE, &row);
        let task = Task::read(&mut cells)?;
        if cells.flag()? { left.push(task.id) } else { claimed.push(task) }
    }
    for id in left {
        tx.run("DELETE FROM tasks WHERE id = $1", args![&id]).await?;
    }
    Ok(claimed)
}

/// Makes sure that a task is still on our lease, and holds it until the commit.
///
/// # Errors
/// [`Halt::Lost`] when somebody else has it, or it is gone.
pub async fn still_mine(tx: &mut Tx, id: &TaskId, lease: &str) -> Result<(), Halt> {
    let sql = format!("SELECT 1 FROM tasks WHERE id = $1 AND lease = $2{}", tx.backend().for_update());
    match tx.one(AssertSqlSafe(sql), args![id, lease]).await? {
        Some(_) => Ok(()),
        None => Err(Halt::Lost),
    }
}

/// Those of some tasks that are still on the lease that each is given with, held until the commit.
pub async fn still_mine_of(tx: &mut Tx, tasks: &[(TaskId, String)]) -> Result<HashSet<TaskId>, Halt> {
    let mut mine = HashSet::new();
    for some in tasks.chunks(LIST) {
        let mut sql = "SELECT id, lease FROM tasks WHERE lease IS NOT NULL AND id IN (".to_owned();
        push_places(&mut sql, 1, some.len());
        // Two who hold some of the same ones wait for each other in one order.
        sql.push_str(if tx.backend() == Backend::Postgres { ") ORDER BY id FOR UPDATE" } else { ")" });
        let leases: HashMap<_, _> = some.iter().map(|(id, lease)| (id, lease)).collect();
        for row in tx.all(AssertSqlSafe(sql), some.iter().map(|(id, _)| Value::from(id)).collect()).await? {
            let mut cells = Cells::new(Task::TABLE, &row);
            let (id, lease): (TaskId, _) = (cells.id()?, cells.text()?);
            if leases.get(&id).is_some_and(|ours| **ours == lease) {
                mine.insert(id);
            }
        }
    }
    Ok(mine)
}

/// Removes tasks that the caller holds.
pub async fn finish_all(tx: &mut Tx, held: &[TaskId]) -> Result<(), Halt> {
    for some in held.chunks(LIST) {
        let mut sql = "DELETE FROM tasks WHERE id IN (".to_owned();
        push_places(&mut sql, 1, some.len());
        sql.push(')');
        tx.run(AssertSqlSafe(sql), some.iter().map(Value::from).collect()).await?;
    }
    Ok(())
}

/// When the lease on a task ends, server time; `None` when somebody else has it, or it is gone.
pub async fn leased_until(db: &mut Db, id: &TaskId, lease: &str) -> Result<Option<Time>, StoreError> {
    let row = db.one("SELECT due_at FROM tasks WHERE id = $1 AND lease = $2", args![id, lease]).await?;
    row.map(|row| Cells::new("tasks", &row).time()).transpose()
}

/// Whether somebody is working on a run, as it stays until the commit. Nobody is waited for: whose task cannot be had at
/// once is at work. To be asked after the partner's clock is held and before the order is locked.
pub async fn look_at(tx: &mut Tx, run: &RunId, now: Time) -> Result<Look, StoreError> {
    let skip = tx.backend().skip_locked();
    let sql = format!("SELECT attempts, due_at FROM tasks WHERE subject = $1 AND lease IS NULL{skip}");
    if let Some(row) = tx.one(AssertSqlSafe(sql), args![run]).await? {
        let mut cells = Cells::new("tasks", &row);
        return Ok(match (cells.int()?, cells.time()?) {
            (0, due_at) if due_at > now => Look::Over,
            (0, _) => Look::Due,
            _ => Look::Unclear,
        });
    }
    let task = tx.one("SELECT 1 FROM tasks WHERE subject = $1", args![run]).await?;
    Ok(if task.is_some() { Look::UnderWay } else { Look::Over })
}

/// Holds a task for longer: its work is still under way, or its next step begins.
pub async fn extend(tx: &mut Tx, id: &TaskId, lease: &str, until: Time) -> Result<(), Halt> {
    let sql = "UPDATE tasks SET due_at = $1 WHERE id = $2 AND lease = $3";
    held(tx.run(sql, args![until, id, lease]).await?)
}

/// Makes sure that a task that the caller holds stays held for some time: until `until`, unless it is held beyond `enough` anyway.
pub async fn prolong(tx: &mut Tx, id: &TaskId, enough: Time, until: Time) -> Result<(), Halt> {
    tx.run("UPDATE tasks SET due_at = $1 WHERE id = $2 AND due_at < $3", args![until, id, enough]).await?;
    Ok(())
}

/// The same for several.
pub async fn prolong_all(tx: &mut Tx, held: &[TaskId], enough: Time, until: Time) -> Result<(), Halt> {
    for some in held.chunks(LIST) {
        let mut sql = "UPDATE tasks SET due_at = $1 WHERE due_at < $2 AND id IN (".to_owned();
        push_places(&mut sql, 3, some.len() + 2);
        sql.push(')');
        let values = args![until, enough].into_iter().chain(some.iter().map(Value::from)).collect();
        tx.run(AssertSqlSafe(sql), values).await?;
    }
    Ok(())
}

/// Gives a task back, to be due at a server time that was computed by the clock as it is now.
pub async fn postpone(tx: &mut Tx, id: &TaskId, lease: &str, due_at: Time) -> Result<(), Halt> {
    let sql = format!(
        "UPDATE tasks SET due_at = $1, lease = NULL, attempts = 0, clock = {} WHERE id = $2 AND lease = $3",
        clock_of("tasks.partner", "tasks.world")
    );
    held(tx.run(AssertSqlSafe(sql), args![due_at, id, lease]).await?)
}

/// Gives a task back after a try that told us nothing, and counts the try.
pub async fn retry(tx: &mut Tx, id: &TaskId, lease: &str, due_at: Time) -> Result<(), Halt> {
    let sql = "UPDATE tasks SET due_at = $1, lease = NULL, attempts = attempts + 1 WHERE id = $2 AND lease = $3";
    held(tx.run(sql, args![due_at, id, lease]).await?)
}

/// Makes the tasks of runs due at once; one that is being worked on comes back by itself.
pub(crate) async fn make_due(tx: &mut Tx, runs: &[RunId], now: Time) -> Result<(), Halt> {
    for run in runs {
        let sql = "UPDATE tasks SET due_at = $1 WHERE subject = $2 AND lease IS NULL AND due_at > $1";
        tx.run(sql, args![now, run]).await?;
    }
    Ok(())
}

/// Removes a task: its work is done or given up; the history is in runs and deliveries.
pub async fn finish(tx: &mut Tx, id: &TaskId, lease: &str) -> Result<(), Halt> {
    held(tx.run("DELETE FROM tasks WHERE id = $1 AND lease = $2", args![id, lease]).await?)
}

const fn held(rows: u64) -> Result<(), Halt> {
    if rows == 0 { Err(Halt::Lost) } else { Ok(()) }
}

/// Makes every task of a lane due whose lease ends between two times, and counts the try whose end nobody knows: only for the
/// one process that may work on this database. What was held until before is due anyway, and whoever claims it counts the same.
pub async fn void_leases(tx: &mut Tx, lane: Lane, (now, until): (Time, Time)) -> Result<u64, Halt> {
    let sql = "UPDATE tasks SET due_at = $1, lease = NULL, attempts = attempts + 1 WHERE id IN (
            SELECT id FROM tasks WHERE lane = $2 AND due_at > $1 AND due_at <= $3 AND lease IS NOT NULL
        )";
    Ok(tx.run(sql, args![now, lane.as_str(), until]).await?)
}

/// Gives back tasks whose work was cut off, due at once, and counts the try: a process that stops in good order.
pub async fn release(tx: &mut Tx, held: &[(TaskId, String)], now: Time) -> Result<(), Halt> {
    for (task, lease) in held {
        let sql = "UPDATE tasks SET due_at = $1, lease = NULL, attempts = attempts + 1 WHERE id = $2 AND lease = $3";
        tx.run(sql, args![now, task, lease.as_str()]).await?;
    }
    Ok(())
}

/// Gives back tasks that nobody has begun to work on, due at once.
pub async fn give_back(tx: &mut Tx, held: &[(TaskId, String)], now: Time) -> Result<(), Halt> {
    for (task, lease) in held {
        let sql = "UPDATE tasks SET due_at = $1, lease = NULL WHERE id = $2 AND lease = $3";
        tx.run(sql, args![now, task, lease.as_str()]).await?;
    }
    Ok(())
}

/// Makes open tasks of a world due earlier whose due time was computed when its clock was less far ahead than
/// `offset`, up to [`BATCH`] of them. Answers whether there may be more. What is being worked on is settled by the
/// new clock; what is queued meanwhile remembers which clock it was computed by, so that pieces and workers may
/// alternate.
pub async fn bring_forward(tx: &mut Tx, world: &World, offset: i64) -> Result<bool, Halt> {
    let sql = format!(
        "WITH behind AS MATERIALIZED (
            SELECT id FROM tasks WHERE world = $1 AND clock < $2 AND lease IS NULL LIMIT $3{}
        )
        UPDATE tasks SET due_at = due_at - ($2 - clock), clock = $2 WHERE id IN (SELECT id FROM behind)",
        tx.backend().for_update()
    );
    let moved = tx.run(AssertSqlSafe(sql), args![world.as_str(), offset, BATCH]).await?;
    Ok(i64::try_from(moved).unwrap_or(BATCH) == BATCH)
}

/// Removes tasks of a world that is being left behind, up to [`BATCH`] of them, also those being worked on: their
/// holders find that they are gone. The rest is nobody's any more either, see [`claim`], and goes with the world's
/// other rows. Nobody is waited for who holds one at this moment: it waits for the partner, whom the caller holds.
pub async fn remove_world(tx: &mut Tx, world: &World) -> Result<u64, Halt> {
    let skip = tx.backend().skip_locked();
    let sql = format!(
        "WITH gone AS MATERIALIZED (SELECT id FROM tasks WHERE world = $1 LIMIT $2{skip})
        DELETE FROM tasks WHERE id IN (SELECT id FROM gone)"
    );
    Ok(tx.run(AssertSqlSafe(sql), args![world.as_str(), BATCH]).await?)
}

/// When the next task of a lane is due; leased ones count at the end of their lease, and the next look of a domain's daily ones
/// does not: nobody waits for it.
pub async fn next_due(db: &mut Db, lane: Lane) -> Result<Option<Time>, StoreError> {
    let sql = "SELECT MIN(due_at) FROM tasks WHERE lane = $1 AND NOT EXISTS (SELECT 1 FROM runs
        WHERE runs.id = tasks.subject AND runs.kind = 'watch' AND runs.memory LIKE '%\"is_planned\":true%')";
    let row = db.one(sql, args![lane.as_str()]).await?;
    row.map_or(Ok(None), |row| Cells::new("tasks", &row).time_or_null())
}

/// How many tasks there are: for tests and the operator.
pub async fn count(db: &mut Db) -> Result<i64, StoreError> {
    let row = db.one("SELECT CAST(COUNT(*) AS BIGINT) FROM tasks", vec![]).await?;
    row.map_or(Ok(0), |row| Cells::new("tasks", &row).int())
}

/// A task by id.
pub async fn load(db: &mut Db, id: &TaskId) -> Result<Option<Task>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The task of a subject.
pub async fn of_subject(db: &mut Db, subject: &impl Id) -> Result<Option<Task>, StoreError> {
    db.find("WHERE subject = $1", args![subject.as_str()]).await
}

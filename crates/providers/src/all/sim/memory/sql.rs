//! All SQL about what the sandbox remembers, in words that SQLite and PostgreSQL both understand.

use std::collections::HashMap;

use model::clock::Time;
use model::domain::DomainName;
use model::world::World;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Row, Transaction, query};

use super::Dialect;
use super::page::{Entry, Key};
use crate::all::sim::error::SimError;
use crate::all::sim::ledger::Effect;

/// One number for the whole sandbox: its writers take turns, as they do on SQLite. The lock function answers
/// nothing, and nothing is a type that the driver cannot read.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock(5500110056) AS TEXT)";
const LOAD: &str = "SELECT world, name, memory FROM estate WHERE (world, name) IN (VALUES ";
const KNOWN: &str = "SELECT name, memory FROM estate WHERE world = ";
const ALL: &str = "SELECT name, memory FROM estate WHERE world = $1 ORDER BY name";
const SAVE: &str = "INSERT INTO estate (world, name, memory) VALUES ";
const SAVE_AGAIN: &str = " ON CONFLICT (world, name) DO UPDATE SET memory = excluded.memory";
const APPEND: &str =
    "INSERT INTO effect (at, partner_at, world, role, effect, subject, reference, price_cents) VALUES ";
const LEDGER: &str =
    "SELECT at, partner_at, world, role, effect, subject, reference, price_cents FROM effect ORDER BY seq";
const LATEST: &str = "SELECT at, partner_at, world, role, effect, subject, reference, price_cents FROM effect
    ORDER BY seq DESC LIMIT $1";
const LEDGER_OF: &str = "SELECT at, partner_at, world, role, effect, subject, reference, price_cents FROM effect
    WHERE world = $1 ORDER BY seq";

/// Rows in one statement: below both databases' limits on parameters.
const ROWS_AT_ONCE: usize = 64;

/// Begins a transaction. Until it ends no other process writes: a reader that turns into a writer half way
/// would be refused.
pub(super) async fn begin(connection: &mut AnyConnection, dialect: Dialect) -> Result<Transaction<'_, Any>, SimError> {
    match dialect {
        Dialect::Sqlite => Ok(connection.begin_with("BEGIN IMMEDIATE").await?),
        Dialect::Postgres => {
            let mut transaction = connection.begin().await?;
            query(LOCK).execute(&mut *transaction).await?;
            Ok(transaction)
        }
    }
}

/// What is remembered of those of the names that anything is remembered of.
pub(super) async fn load(
    connection: &mut AnyConnection,
    dialect: Dialect,
    keys: &[Key],
) -> Result<HashMap<Key, String>, SimError> {
    let mut found = HashMap::new();
    for keys in pieces(keys) {
        let sql = format!("{LOAD}{})", dialect.places(1, 2, keys.len()));
        let query = keys
            .iter()
            .fold(query(AssertSqlSafe(sql)), |query, (world, name)| query.bind(world.as_str()).bind(name.as_str()));
        for row in query.fetch_all(&mut *connection).await? {
            let (key, memory) = remembered(&row)?;
            found.insert(key, memory);
        }
    }
    Ok(found)
}

fn remembered(row: &AnyRow) -> Result<(Key, String), SimError> {
    let (world, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    Ok(((World::stored(world), DomainName::stored(name)), row.try_get(2)?))
}

/// Remembers these names anew.
pub(super) async fn save(
    connection: &mut AnyConnection,
    dialect: Dialect,
    memories: &[(&Key, &str)],
) -> Result<(), SimError> {
    for memories in pieces(memories) {
        let sql = format!("{SAVE}{}{SAVE_AGAIN}", dialect.places(1, 3, memories.len()));
        let query = memories.iter().fold(query(AssertSqlSafe(sql)), |query, ((world, name), memory)| {
            query.bind(world.as_str()).bind(name.as_str()).bind(*memory)
        });
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Adds to the ledger, at this server time.
pub(super) async fn append(
    connection: &mut AnyConnection,
    dialect: Dialect,
    entries: &[Entry],
    at: Time,
) -> Result<(), SimError> {
    for entries in pieces(entries) {
        let sql = format!("{APPEND}{}", dialect.places(1, 8, entries.len()));
        let query = entries.iter().fold(query(AssertSqlSafe(sql)), |query, entry| {
            let Entry { world, partner_at, reference, line } = entry;
            let query = query.bind(at.0).bind(partner_at.0).bind(world.as_str());
            let query = query.bind(line.deed.role()).bind(line.deed.as_str()).bind(line.subject.as_str());
            query.bind(reference.as_str()).bind(line.price)
        });
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// What is remembered of those of a world's names that anything is remembered of.
pub(super) async fn known(
    pool: &AnyPool,
    dialect: Dialect,
    world: &World,
    names: &[DomainName],
) -> Result<Vec<(String, String)>, SimError> {
    if names.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!("{KNOWN}{} AND name IN {}", dialect.places(1, 1, 1), dialect.places(2, names.len(), 1));
    let query = query(AssertSqlSafe(sql)).bind(world.as_str());
    let query = names.iter().fold(query, |query, name| query.bind(name.as_str()));
    let rows = query.fetch_all(pool).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What is remembered of every name of a world.
pub(super) async fn all(pool: &AnyPool, world: &World) -> Result<Vec<(String, String)>, SimError> {
    let rows = query(ALL).bind(world.as_str()).fetch_all(pool).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The ledger of a world, or of all, oldest first.
pub(super) async fn ledger(pool: &AnyPool, world: Option<&World>) -> Result<Vec<Effect>, SimError> {
    let query = match world {
        Some(world) => query(LEDGER_OF).bind(world.as_str()),
        None => query(LEDGER),
    };
    query.fetch_all(pool).await?.iter().map(effect).collect()
}

/// The last rows of the ledger, newest first.
pub(super) async fn latest(pool: &AnyPool, rows: u32) -> Result<Vec<Effect>, SimError> {
    query(LATEST).bind(i64::from(rows)).fetch_all(pool).await?.iter().map(effect).collect()
}

fn effect(row: &AnyRow) -> Result<Effect, SimError> {
    Ok(Effect {
        at: Time(row.try_get(0)?),
        partner_at: row.try_get::<Option<i64>, _>(1)?.map(Time),
        world: row.try_get(2)?,
        role: row.try_get(3)?,
        effect: row.try_get(4)?,
        subject: row.try_get(5)?,
        reference: row.try_get(6)?,
        price_cents: row.try_get(7)?,
    })
}

/// Rows in pieces of which each has a power of two: so few different statements that each stays prepared.
fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let fitting = (1..=rows.len().min(ROWS_AT_ONCE)).rfind(|count| count.is_power_of_two())?;
        let (piece, rest) = rows.split_at(fitting);
        rows = rest;
        Some(piece)
    })
}

impl Dialect {
    /// `($1, $2), ($3, $4)…`: `count` rows of `width` places, the first of them numbered `first`. SQLite takes `$1` for a name, and looks
    /// through all names for each value: it counts by itself.
    pub(super) fn places(self, first: usize, width: usize, count: usize) -> String {
        let place = |n: usize| match self {
            Self::Sqlite => "?".to_owned(),
            Self::Postgres => format!("${n}"),
        };
        let row = |start: usize| {
            let places: Vec<_> = (start..start + width).map(place).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<_> = (0..count).map(|n| row(first + n * width)).collect();
        rows.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::clock::{HandClock, Time};
    use model::patience::Patience;

    use super::super::Memory;
    use super::*;

    #[test]
    fn however_many_rows_there_are_few_statements_write_them() {
        let rows: Vec<_> = (0..201).collect();
        let pieces: Vec<_> = pieces(&rows).collect();
        assert_eq!(pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>(), [64, 64, 64, 8, 1]);
        assert_eq!(pieces.concat(), rows);
        assert_eq!(super::pieces::<i32>(&[]).next(), None);
        assert_eq!(Dialect::Sqlite.places(1, 2, 2), "(?, ?), (?, ?)");
        assert_eq!(Dialect::Postgres.places(3, 2, 2), "($3, $4), ($5, $6)");
    }

    #[tokio::test]
    async fn the_ledger_of_a_world_is_read_by_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
        let memory = Memory::open(&url, HandClock::at(Time(0)) as Arc<_>, Patience::default()).await.unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {LEDGER_OF}");
        let plan = query(AssertSqlSafe(explain)).bind("test:org_1:0").fetch_all(&memory.pool).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.try_get("detail").unwrap()).collect();
        assert_eq!(plan, ["SEARCH effect USING INDEX effect_world (world=?)"]);
    }
}

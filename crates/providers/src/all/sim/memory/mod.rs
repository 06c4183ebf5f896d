//! The sandbox's memory: its only SQL, in words that SQLite and PostgreSQL both understand.

use model::clock::Time;
use model::domain::DomainName;
use model::world::World;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction};

use super::error::SimError;
use super::ledger::{Effect, Line};
use super::made_up;
use crate::call::Call;

mod open;

/// `pg_advisory_xact_lock` answers nothing, and nothing is a type that the driver cannot read.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)";
const LOAD: &str = "SELECT memory FROM estate WHERE world = $1 AND name = $2";
const SAVE: &str = "INSERT INTO estate (world, name, memory) VALUES ($1, $2, $3)
                    ON CONFLICT (world, name) DO UPDATE SET memory = excluded.memory";
const APPEND: &str = "INSERT INTO effect (at, world, role, effect, subject, reference) VALUES ";
const LEDGER: &str = "SELECT at, world, role, effect, subject, reference FROM effect ORDER BY seq";
const LEDGER_OF: &str = "SELECT at, world, role, effect, subject, reference FROM effect WHERE world = $1 ORDER BY seq";

/// Effects in one statement: below both databases' limits on parameters.
const EFFECTS_AT_ONCE: usize = 1_000;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Where the vendors remember. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pool: AnyPool,
    dialect: Dialect,
}

impl Memory {
    /// Opens `sqlite:<path>` or `postgres://…`, making what is missing.
    pub(super) async fn open(url: &str) -> Result<Self, SimError> {
        let dialect = Dialect::of(url)?;
        Ok(Self { pool: dialect.open(url).await?, dialect })
    }

    /// Begins the one transaction of a call. Until it ends nobody else touches that name, in any process.
    pub(super) async fn begin(&self, call: &Call) -> Result<Session, SimError> {
        let (world, name) = (call.world.as_str(), call.subject.as_str());
        let transaction = match self.dialect {
            Dialect::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => {
                let mut transaction = self.pool.begin().await?;
                let key = made_up::number(&["mailwright_sandbox", world, name]).cast_signed();
                sqlx::query(LOCK).bind(key).execute(&mut *transaction).await?;
                transaction
            }
        };
        Ok(Session { transaction })
    }

    /// What is remembered of those of the names that anything is remembered of.
    pub(super) async fn known(&self, world: &World, names: &[DomainName]) -> Result<Vec<(String, String)>, SimError> {
        if names.is_empty() {
            return Ok(vec![]);
        }
        let places = places(2, names.len());
        let sql = format!("SELECT name, memory FROM estate WHERE world = $1 AND name IN ({places})");
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(world.as_str());
        let query = names.iter().fold(query, |query, name| query.bind(name.as_str()));
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The ledger of a world, or of all, oldest first.
    pub(super) async fn ledger(&self, world: Option<&World>) -> Result<Vec<Effect>, SimError> {
        let query = match world {
            Some(world) => sqlx::query(LEDGER_OF).bind(world.as_str()),
            None => sqlx::query(LEDGER),
        };
        query.fetch_all(&self.pool).await?.iter().map(effect).collect()
    }
}

/// The transaction of one call. Dropped without [`Session::keep`], nothing happened.
pub(super) struct Session {
    transaction: Transaction<'static, Any>,
}

impl Session {
    /// What is remembered of the call's name; `None` when nobody has asked for it yet.
    pub(super) async fn load(&mut self, call: &Call) -> Result<Option<String>, SimError> {
        let query = sqlx::query_scalar(LOAD).bind(call.world.as_str()).bind(call.subject.as_str());
        Ok(query.fetch_optional(&mut *self.transaction).await?)
    }

    /// Commits: the new memory where it changed, and the effects, at this server time.
    pub(super) async fn keep(
        mut self,
        call: &Call,
        memory: Option<&str>,
        lines: &[Line],
        at: Time,
    ) -> Result<(), SimError> {
        if let Some(memory) = memory {
            let query = sqlx::query(SAVE).bind(call.world.as_str()).bind(call.subject.as_str()).bind(memory);
            query.execute(&mut *self.transaction).await?;
        }
        for lines in lines.chunks(EFFECTS_AT_ONCE) {
            self.append(call, lines, at).await?;
        }
        Ok(self.transaction.commit().await?)
    }

    async fn append(&mut self, call: &Call, lines: &[Line], at: Time) -> Result<(), SimError> {
        let rows: Vec<_> = (0..lines.len()).map(|n| format!("($1, $2, {}, $3)", places(4 + 3 * n, 3))).collect();
        let sql = format!("{APPEND}{}", rows.join(", "));
        let query = sqlx::query(AssertSqlSafe(sql)).bind(at.0).bind(call.world.as_str()).bind(call.reference.as_str());
        let query = lines.iter().fold(query, |query, line| {
            query.bind(line.deed.role()).bind(line.deed.as_str()).bind(line.subject.as_str())
        });
        query.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

/// `$first, $first+1, …`: `count` of them.
fn places(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|n| format!("${n}")).collect();
    places.join(", ")
}

fn effect(row: &AnyRow) -> Result<Effect, SimError> {
    Ok(Effect {
        at: Time(row.try_get(0)?),
        world: row.try_get(1)?,
        role: row.try_get(2)?,
        effect: row.try_get(3)?,
        subject: row.try_get(4)?,
        reference: row.try_get(5)?,
    })
}

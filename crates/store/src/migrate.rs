//! Brings the schema up to date, and refuses one that it does not know.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::db::Db;
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::open::OpenError;

/// Number, name, SQLite text, PostgreSQL text: the same numbers and names on both.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "ground",
        include_str!("../migrations/sqlite/0001_ground.sql"),
        include_str!("../migrations/postgres/0001_ground.sql"),
    ),
    (
        2,
        "whole_contract",
        include_str!("../migrations/sqlite/0002_whole_contract.sql"),
        include_str!("../migrations/postgres/0002_whole_contract.sql"),
    ),
    (
        3,
        "gone_names",
        include_str!("../migrations/sqlite/0003_gone_names.sql"),
        include_str!("../migrations/postgres/0003_gone_names.sql"),
    ),
    (
        4,
        "bounded_work",
        include_str!("../migrations/sqlite/0004_bounded_work.sql"),
        include_str!("../migrations/postgres/0004_bounded_work.sql"),
    ),
    (
        5,
        "followed_charges",
        include_str!("../migrations/sqlite/0005_followed_charges.sql"),
        include_str!("../migrations/postgres/0005_followed_charges.sql"),
    ),
    (
        6,
        "repeated_calls",
        include_str!("../migrations/sqlite/0006_repeated_calls.sql"),
        include_str!("../migrations/postgres/0006_repeated_calls.sql"),
    ),
    (
        7,
        "answers",
        include_str!("../migrations/sqlite/0007_answers.sql"),
        include_str!("../migrations/postgres/0007_answers.sql"),
    ),
    (
        8,
        "audit",
        include_str!("../migrations/sqlite/0008_audit.sql"),
        include_str!("../migrations/postgres/0008_audit.sql"),
    ),
    (
        9,
        "swap_reasons",
        include_str!("../migrations/sqlite/0009_swap_reasons.sql"),
        include_str!("../migrations/postgres/0009_swap_reasons.sql"),
    ),
    (
        10,
        "notices",
        include_str!("../migrations/sqlite/0010_notices.sql"),
        include_str!("../migrations/postgres/0010_notices.sql"),
    ),
    (
        11,
        "order_traces",
        include_str!("../migrations/sqlite/0011_order_traces.sql"),
        include_str!("../migrations/postgres/0011_order_traces.sql"),
    ),
    (
        12,
        "intents",
        include_str!("../migrations/sqlite/0012_intents.sql"),
        include_str!("../migrations/postgres/0012_intents.sql"),
    ),
    (
        13,
        "accounts",
        include_str!("../migrations/sqlite/0013_accounts.sql"),
        include_str!("../migrations/postgres/0013_accounts.sql"),
    ),
    (
        14,
        "mail_logins",
        include_str!("../migrations/sqlite/0014_mail_logins.sql"),
        include_str!("../migrations/postgres/0014_mail_logins.sql"),
    ),
    (
        15,
        "zones",
        include_str!("../migrations/sqlite/0015_zones.sql"),
        include_str!("../migrations/postgres/0015_zones.sql"),
    ),
    (
        16,
        "redirects",
        include_str!("../migrations/sqlite/0016_redirects.sql"),
        include_str!("../migrations/postgres/0016_redirects.sql"),
    ),
    (
        17,
        "asked",
        include_str!("../migrations/sqlite/0017_asked.sql"),
        include_str!("../migrations/postgres/0017_asked.sql"),
    ),
    (
        18,
        "sequencer_keys",
        include_str!("../migrations/sqlite/0018_sequencer_keys.sql"),
        include_str!("../migrations/postgres/0018_sequencer_keys.sql"),
    ),
    (
        19,
        "evidence",
        include_str!("../migrations/sqlite/0019_evidence.sql"),
        include_str!("../migrations/postgres/0019_evidence.sql"),
    ),
    (
        20,
        "consents",
        include_str!("../migrations/sqlite/0020_consents.sql"),
        include_str!("../migrations/postgres/0020_consents.sql"),
    ),
    (
        21,
        "tenants",
        include_str!("../migrations/sqlite/0021_tenants.sql"),
        include_str!("../migrations/postgres/0021_tenants.sql"),
    ),
    (
        22,
        "next_due",
        include_str!("../migrations/sqlite/0022_next_due.sql"),
        include_str!("../migrations/postgres/0022_next_due.sql"),
    ),
];

/// Whether a database has the schema that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Schema {
    Current,
    Outdated,
    Newer,
}

pub(crate) async fn state(db: &mut Db) -> Result<Schema, StoreError> {
    let latest = latest();
    Ok(match applied(db).await? {
        n if n == latest => Schema::Current,
        n if n < latest => Schema::Outdated,
        _ => Schema::Newer,
    })
}

/// The number of the last migration that this program knows.
pub(crate) fn latest() -> i64 {
    MIGRATIONS.last().map_or(0, |(number, ..)| *number)
}

pub(crate) async fn applied(db: &mut Db) -> Result<i64, StoreError> {
    let exists = match db.backend {
        Backend::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
        Backend::Postgres => {
            "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'"
        }
    };
    if number(db, exists).await? == 0 {
        return Ok(0);
    }
    number(db, "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations").await
}

async fn number(db: &mut Db, sql: &'static str) -> Result<i64, StoreError> {
    let row = db.one(sql, vec![]).await?;
    row.map_or(Ok(0), |row| row.number())
}

pub(crate) async fn run(db: &mut Db) -> Result<(), OpenError> {
    let backend = db.backend;
    let migrations = MIGRATIONS.iter().map(|(number, name, sqlite, postgres)| {
        let sql = if backend == Backend::Sqlite { *sqlite } else { *postgres };
        Migration::new(*number, Cow::Borrowed(*name), MigrationType::Simple, sqlx::SqlSafeStr::into_sql_str(sql), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run_direct(None, db.raw()?, false).await.map_err(told)
}

fn told(error: MigrateError) -> OpenError {
    let words = error.to_string();
    match error {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => match StoreError::from(cause) {
            cause if cause.is_full() => cause.into(),
            _ => OpenError::Migration(words),
        },
        _ => OpenError::Migration(words),
    }
}

/// Whether the database has been set up at all.
pub(crate) async fn has_meta(db: &mut Db) -> Result<bool, StoreError> {
    Ok(applied(db).await? > 0)
}

//! The database: whether it opens, what is in it, and whether it can be written.

use std::sync::Arc;
use std::time::Duration;

use model::clock::SystemClock;
use model::id::Ids;
use store::look::{self, Look, Schema, Soundness};
use store::{Backend, Failure, OpenError, StoreError};
use tokio::time::timeout;

use super::check::{Check, Found, PATIENCE, State, ok, warn, within, wrong};
use super::{Seen, opening, unseen};
use crate::cli::Common;
use crate::config::Config;
use crate::wire;

/// How long all pages are looked at.
const PAGES: Duration = Duration::from_secs(10);
/// How much longer the check may take than the look.
const GRACE: Duration = Duration::from_secs(5);

/// Opens what is there.
pub(super) async fn open(config: &Config) -> (Seen, Check) {
    let (look, found) = match opened(config).await {
        Ok(look) => (Some(look), ok(format!("{} opens", place(config)))),
        Err(found) => (None, found),
    };
    (look, found.of("database"))
}

async fn opened(config: &Config) -> Result<Look, Found> {
    match timeout(PATIENCE, Look::open(&opening(config))).await {
        Ok(Ok(look)) => Ok(look),
        Ok(Err(OpenError::Store(error))) => Err(wrong(
            format!("{} cannot be read: {error}", place(config)),
            "see whether the disk can be written; if the file is damaged, put a backup in place with `mailwright restore FILE`",
        )),
        Ok(Err(error)) => Err(Found::by(State::Wrong, &error.to_string())),
        Err(_) => Err(wrong(
            format!("{} gives no answer within {} seconds", place(config), PATIENCE.as_secs()),
            "see whether it runs and can be reached from here",
        )),
    }
}

/// The same for a start that may be the first one, and the schema that it would meet.
pub(super) async fn before_a_start(config: &Config) -> (Seen, Vec<Check>) {
    let opening = store::Opening { traces: config.signs_of_a_database(), ..opening(config) };
    match timeout(PATIENCE, Look::open(&opening)).await {
        Ok(Err(OpenError::Missing(path))) => {
            (None, vec![ok(format!("{path} is made at the first start")).of("database")])
        }
        Ok(Ok(look)) => {
            let mut look = Some(look);
            let checks = vec![ok(format!("{} opens", place(config))).of("database"), met(&mut look).await];
            (look, checks)
        }
        _ => {
            let (look, check) = open(config).await;
            (look, vec![check])
        }
    }
}

/// A schema that a start brings up to date is none that keeps it from starting.
async fn met(look: &mut Seen) -> Check {
    let mut check = schema(look).await;
    let is_newer = check.seen.contains("newer");
    if check.state == State::Wrong && !is_newer {
        check.state = State::Warn;
    }
    check
}

/// Where the database is, without its password.
pub(super) fn place(config: &Config) -> String {
    look::shown(&config.database())
}

/// Whether this program knows the schema.
pub(super) async fn schema(look: &mut Seen) -> Check {
    let Some(look) = look else { return unseen().of("schema") };
    let checking = async {
        match look.schema().await {
            Ok((Schema::Current, number, _)) => ok(format!("number {number}, the one that this program knows")),
            Ok((Schema::Outdated, number, ours)) => wrong(
                format!("number {number}, older than this program's {ours}"),
                "run `mailwright migrate`, or start the server: `mailwright serve` on SQLite, with `--migrate` on PostgreSQL",
            ),
            Ok((Schema::Newer, number, ours)) => wrong(
                format!("number {number}, of a newer version of Mailwright; this one knows {ours}"),
                "install that version again, or restore the backup from before the upgrade",
            ),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "schema", checking).await
}

/// The master key's, as the database has it.
pub(super) async fn fingerprint(look: &mut Seen) -> Option<String> {
    timeout(PATIENCE, look.as_mut()?.fingerprint()).await.ok()?.ok()?
}

/// Writes something and takes it away again, in the way that the server asks itself whether it is ready.
pub(super) async fn write(config: &Config, common: &Common, look: &mut Seen, is_current: bool) -> Check {
    let Some(look) = look else { return unseen().of("database_write") };
    let checking = async {
        match look.is_standby().await {
            Ok(true) => wrong(
                "the database follows another one, and cannot be written",
                "put the address of the one that it follows into database_url",
            ),
            Ok(false) if is_current && look.has_moved().await.unwrap_or(true) => warn(
                "not tried, because the events come from another PostgreSQL and their feed is not in order yet",
                "start the server, which puts it in order before anything else",
            ),
            Ok(false) => tried(config, common).await,
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE + GRACE, "database_write", checking).await
}

async fn tried(config: &Config, common: &Common) -> Found {
    let todo = "end the program that holds it locked, make room, or correct the permissions of its folder and files";
    let store = match common.open(&opening(config)).await {
        Ok(store) => store,
        Err(
            OpenError::Outdated
            | OpenError::Newer
            | OpenError::OtherKey { .. }
            | OpenError::NoKey { .. }
            | OpenError::Key(_),
        ) => {
            return warn(
                "not tried, because no server could start on this database",
                "mend the schema or the key first",
            );
        }
        Err(error) => return Found::by(State::Wrong, &error.to_string()),
    };
    match store.try_to_write(Ids::new(Arc::new(SystemClock)).next()).await {
        Ok(()) => ok("something was written, and taken away again"),
        Err(Failure::Broken(error)) if error.is_full() => wrong("the disk of the database is full", "make room"),
        Err(failure) => wrong(format!("nothing can be written: {failure}"), todo),
    }
}

/// Whether the database is sound, as far as can be seen in a bounded time.
pub(super) async fn integrity(look: &mut Seen) -> Check {
    let Some(look) = look else { return unseen().of("integrity") };
    let backend = look.db().backend();
    let checking = async {
        match look.soundness(PAGES).await {
            Ok(Soundness::Sound) if backend == Backend::Postgres => ok("all indexes are valid"),
            Ok(Soundness::Sound) => ok("all pages were looked at, and none is damaged"),
            Ok(Soundness::Unfinished) => {
                ok(format!("no damage in {} seconds, which were not enough to look at all of it", PAGES.as_secs()))
            }
            Ok(Soundness::Damaged(complaint)) if backend == Backend::Postgres => {
                wrong(complaint, "make it anew with REINDEX")
            }
            Ok(Soundness::Damaged(complaint)) => wrong(
                format!("the database is damaged: {complaint}"),
                "stop the server, keep a copy, and put a backup in place with `mailwright restore FILE`",
            ),
            Err(error) => unreadable(&error),
        }
    };
    within(PAGES + GRACE, "integrity", checking).await
}

/// What a question that the database did not answer comes to.
pub(super) fn unreadable(error: &StoreError) -> Found {
    wrong(format!("the database does not answer: {error}"), "see whether the disk and the database are all right")
}

/// How the sandbox's database is opened.
pub(super) fn sandbox_opening(config: &Config) -> store::Opening {
    store::Opening { url: config.sandbox_database(), patience: config.patience(), ..wire::opening_beside(config) }
}

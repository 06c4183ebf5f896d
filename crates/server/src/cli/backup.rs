//! `mailwright backup`.

use std::path::PathBuf;

use clap::Args;
use model::audit::Act;
use model::clock::Time;
use rustix::process::Signal;
use serde_json::json;
use store::{Backup, BackupError};
use tokio::signal::unix::{SignalKind, signal};

use super::admin::Desk;
use super::{Common, Fail, out};

/// How much a backup lowers its priority, of 19 (`nice`(1)).
const GIVES_WAY: i32 = 10;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to make; an existing one is never overwritten
    file: PathBuf,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    // It has time, and the server beside it has not. Where that is not allowed it is made all the same.
    let _ = rustix::process::nice(GIVES_WAY);
    let desk = Desk::open(common).await?;
    let now = desk.now();
    let made = make(&desk, options, now).await?;
    if let Err(failure) = desk.put_down(Act::DatabaseBackup).await {
        tracing::warn!(%failure, "the copy is made, but could not be put down in the audit trail");
    }
    let (file, key_file) = (options.file.display(), desk.config.key_file());
    let value = json!({
        "file": file.to_string(),
        "bytes": made.bytes,
        "made_at": now,
        "newest_order_at": made.newest.order,
        "newest_event_at": made.newest.event,
        "master_key_fingerprint": made.fingerprint,
    });
    out::either(common.format, &value, || {
        format!(
            "The database as of {now} is in {file}, whole by itself ({} bytes; last order {}, last event {}).\nThe master key is not in it: keep a copy of {} (fingerprint {}) in another place. Nor is the sandbox's world.",
            made.bytes,
            or_none(made.newest.order),
            or_none(made.newest.event),
            key_file.display(),
            made.fingerprint,
        )
    })
}

/// Makes it, unless somebody says to stop.
async fn make(desk: &Desk, options: &Options, now: Time) -> Result<Backup, Fail> {
    let of = |kind| signal(kind).map_err(|error| Fail::failed(format!("no backup was made: {error}")));
    let (mut terminate, mut interrupt) = (of(SignalKind::terminate())?, of(SignalKind::interrupt())?);
    // Heard, it does not end the process: whoever writes too much is told so instead, and says it.
    let _too_large = of(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    tokio::select! {
        made = desk.store.backup(&options.file, now) => made.map_err(fail),
        _ = terminate.recv() => Err(given_up()),
        _ = interrupt.recv() => Err(given_up()),
    }
}

fn given_up() -> Fail {
    Fail::failed("no backup was made: it was stopped before it was whole, and nothing of it is left")
}

/// A time, or that there is none.
pub(super) fn or_none(at: Option<Time>) -> String {
    at.map_or_else(|| "none".to_owned(), |at| at.to_string())
}

fn fail(error: BackupError) -> Fail {
    match error {
        BackupError::Unsound(_) | BackupError::Store(_) => Fail::failed(format!("no backup was made: {error}")),
        _ => Fail::refused(error.to_string()),
    }
}

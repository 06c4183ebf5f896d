//! `mailwright restore`.

use std::path::PathBuf;

use clap::Args;
use model::audit::Act;
use model::clock::{Clock as _, SystemClock};
use serde_json::json;
use store::{RestoreError, Restored};

use super::admin::Desk;
use super::backup::or_none;
use super::{Common, Fail, Output, out, serve};
use crate::config::Flags;
use crate::wire;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The backup
    file: PathBuf,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let config = common.load(Flags::default())?;
    serve::make_data_folder(&config)?;
    let label = SystemClock.now().to_string().replace(':', "-");
    let restored = store::restore(&wire::opening(&config, false), &options.file, &label).await.map_err(fail)?;
    put_down(common).await;
    let paused = config.live.plays() && pause(common).await;
    match common.format {
        Output::Json => out::json(&value(&restored, paused))?,
        Output::Text => out::line(&text(&restored, paused, &options.file.display().to_string()))?,
    }
    match config.live.plays() && !paused {
        false => Ok(()),
        true => Err(Fail::failed(
            "the backup is in place, but buying is NOT paused: run `mailwright migrate` and `mailwright pause` before a server starts",
        )),
    }
}

/// In the trail of the database that is in place now. One of an older version has none before the server's next start.
async fn put_down(common: &Common) {
    let put = match Desk::open(common).await {
        Ok(desk) => desk.put_down(Act::DatabaseRestore).await.map_err(|failure| failure.to_string()),
        Err(fail) => Err(fail.to_string()),
    };
    if let Err(why) = put {
        tracing::warn!(why, "the backup is in place, but could not be put down in its audit trail");
    }
}

/// Nothing is bought before somebody has seen what the accounts have that the backup does not know. Whether it is so is said.
async fn pause(common: &Common) -> bool {
    let paused = match Desk::open(common).await {
        Ok(desk) => desk.pause_after_restore().await.map_err(|failure| failure.to_string()),
        Err(fail) => Err(fail.to_string()),
    };
    if let Err(why) = &paused {
        tracing::error!(why, "buying could not be paused; run `mailwright pause` before the server starts");
    }
    paused.is_ok()
}

fn value(restored: &Restored, paused: bool) -> serde_json::Value {
    json!({
        "buying_paused": paused,
        "database": restored.database,
        "made_at": restored.made_at,
        "newest_order_at": restored.newest.order,
        "newest_event_at": restored.newest.event,
        "put_aside": restored.put_aside,
    })
}

fn text(restored: &Restored, paused: bool, file: &str) -> String {
    let made = restored.made_at.map_or_else(String::new, |at| format!(", made at {at}"));
    let aside = match &restored.put_aside {
        Some(aside) => format!("What was there is kept as {}.", aside.display()),
        None => "There was no database before.".to_owned(),
    };
    let buying = match paused {
        true => {
            "\nBuying is paused: `mailwright resume` goes on once no account has a name that this database does not know; `mailwright reconcile` shows them."
        }
        false => "",
    };
    format!(
        "{} is now the backup {file}{made}: its last order is of {}, its last event of {}. What happened later is not known any more.\n{aside}\nThe start compares it with the sandbox's world; `mailwright sim ledger --unknown` lists what only that remembers.{buying}",
        restored.database.display(),
        or_none(restored.newest.order),
        or_none(restored.newest.event),
    )
}

fn fail(error: RestoreError) -> Fail {
    match error {
        RestoreError::Place { .. } | RestoreError::Store(_) => Fail::failed(error.to_string()),
        _ => Fail::refused(error.to_string()),
    }
}

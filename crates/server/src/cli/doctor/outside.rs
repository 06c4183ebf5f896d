//! The sandbox, and the way out.

use ::traces::Greeting;
use providers::egress::Egress;
use store::{OpenError, file_modes, look};

use super::check::{Check, Found, PATIENCE, State, ok, warn, within, wrong};
use super::database::sandbox_opening;
use crate::config::{Config, place};

/// Whether the sandbox's database opens.
pub(super) async fn sandbox(config: &Config) -> Check {
    let checking = async {
        let place = look::shown(&config.sandbox_database());
        let is_void = file_modes::sqlite_file(&config.sandbox_database())
            .is_some_and(|file| file.metadata().is_ok_and(|found| found.len() == 0));
        match look::opens(&sandbox_opening(config)).await {
            Ok(()) if is_void => missing(&place),
            Ok(()) => ok(format!("{place} opens")),
            Err(OpenError::Missing(path)) => missing(&path),
            Err(error) => unusable(&place, &error, config.sandbox.database_url.is_empty()),
        }
    };
    within(PATIENCE, "sandbox", checking).await
}

fn unusable(place: &str, error: &OpenError, is_ours: bool) -> Found {
    let sentence = error.to_string();
    let seen = match error {
        OpenError::Store(error) => format!("{place} cannot be read: {error}"),
        _ => sentence.split("; ").next().unwrap_or_default().to_owned(),
    };
    let todo = if is_ours {
        "see whether the disk can be written; if the file is damaged, move sandbox.db away to begin a new sandbox world"
    } else {
        "correct sandbox.database_url"
    };
    wrong(seen, todo)
}

fn missing(place: &str) -> Found {
    warn(format!("there is no sandbox world at {place}"), "start `mailwright serve`, which makes an empty one")
}

/// Whether anything can be sent at all.
pub(super) fn outgoing(config: &Config) -> Check {
    let found = match Egress::new(config.development) {
        Ok(_) => ok("this machine has the certificate roots that outgoing HTTPS needs"),
        Err(error) => wrong(format!("outgoing HTTPS cannot be set up: {error}"), "install the package ca-certificates"),
    };
    found.of("outgoing")
}

/// Whether traces could be sent, without sending anything.
pub(super) fn could_trace(config: &Config) -> Check {
    let found = match config.traces.collector() {
        Ok(None) => ok("no traces are recorded"),
        Ok(Some(_)) => ok(format!("they are sent to {}", place(&config.traces.endpoint))),
        Err(sentence) => Found::by(State::Wrong, &sentence),
    };
    found.of("traces")
}

/// Whether the collector of traces takes any.
pub(super) async fn traces(config: &Config) -> Check {
    let endpoint = place(&config.traces.endpoint);
    let checking = async {
        let greeting = match config.traces.collector() {
            Ok(Some(collector)) => collector.greet().await,
            Ok(None) => return ok("no traces are recorded"),
            Err(sentence) => return Found::by(State::Wrong, &sentence),
        };
        match greeting {
            Greeting::Fine => ok(format!("the collector at {endpoint} takes traces")),
            greeting => warn(
                format!("the collector at {endpoint} {}: traces are lost", greeting.words()),
                "start it, or correct traces.endpoint and traces.headers_file; nothing else waits for it",
            ),
        }
    };
    within(PATIENCE, "traces", checking).await
}

//! The sandbox, and the way out.

use providers::egress::Egress;
use store::{OpenError, file_modes, look};

use super::check::{Check, Found, PATIENCE, State, ok, warn, within, wrong};
use super::database::sandbox_opening;
use crate::config::Config;

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
            Err(error) if config.sandbox.database_url.is_empty() => {
                let seen = error.to_string();
                let seen = seen.split("; ").next().unwrap_or_default();
                wrong(seen, "move sandbox.db away to begin a new sandbox world")
            }
            Err(error) => Found::by(State::Wrong, &error.to_string()),
        }
    };
    within(PATIENCE, "sandbox", checking).await
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

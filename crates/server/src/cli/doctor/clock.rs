//! The machine's clock, held against what the database knows and what others say.

use std::time::Duration;

use model::clock::{Clock as _, MINUTE, SECOND, SystemClock, Time};
use model::world::Environment;
use providers::egress::{Egress, Trust};
use store::times;

use super::check::{Check, Found, PATIENCE, ok, warn, within, wrong};
use super::database::unreadable;
use super::{Seen, unseen};
use crate::config::Config;

/// How long another clock is waited for.
const ANSWER: Duration = Duration::from_secs(5);
/// What a header in whole seconds and its way here may differ by, in microseconds.
const FINE: i64 = 5 * SECOND;
/// What is too much, in microseconds: receivers of webhooks refuse signatures that are five minutes off.
const FAR: i64 = MINUTE;

/// Whether the machine's clock is behind the newest time that the database knows.
pub(super) async fn database(look: &mut Seen) -> Check {
    let Some(look) = look else { return unseen().of("clock") };
    let checking = async {
        match times::known(look.db()).await {
            Ok(known) => behind(known, SystemClock.now()),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "clock", checking).await
}

fn behind(known: Option<Time>, now: Time) -> Found {
    let Some(known) = known else { return ok("no server has kept time on this database yet") };
    let seconds = (known.0 - now.0) / SECOND;
    if known.0 - now.0 <= FAR {
        return ok(format!("not behind the newest time that the database knows, {known}"));
    }
    wrong(
        format!("this machine's clock is {seconds} seconds behind the newest time that the database knows, {known}"),
        "put the clock right with NTP; if it is right now, it was ahead before, and server time goes a tenth slower until then",
    )
}

/// Whether it agrees with the clock of a server on the network.
pub(super) async fn elsewhere(config: &Config) -> Check {
    let url = &config.doctor.time_url;
    if url.is_empty() {
        return ok("no other clock is asked; doctor.time_url names one").of("time_url");
    }
    within(PATIENCE, "time_url", asked(url, config.development)).await
}

async fn asked(url: &str, development: bool) -> Found {
    let todo = "correct doctor.time_url, or see whether this machine reaches it";
    let answered = match Egress::new(development) {
        Ok(egress) => egress.date(url, ANSWER, Trust::of(Environment::Test, development)).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(Some(there)) => apart(SystemClock.now(), there),
        Ok(None) => warn("the answer of doctor.time_url has no Date", "name another address"),
        Err(error) => warn(format!("doctor.time_url could not be asked: {error}"), todo),
    }
}

fn apart(here: Time, there: Time) -> Found {
    let micros = here.0 - there.0;
    let seconds = micros.abs() / SECOND;
    let way = if micros > 0 { "ahead of" } else { "behind" };
    let seen = format!("this machine's clock is {seconds} seconds {way} that of doctor.time_url");
    match micros.abs() {
        0..=FINE => ok("this machine's clock agrees with that of doctor.time_url"),
        off if off <= FAR => warn(seen, "put the clock right with NTP"),
        _ => wrong(seen, "put the clock right with NTP: webhooks are signed with its time"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn an_hour_is_seen_in_both_directions_and_a_header_in_seconds_is_none() {
        let at = |seconds: i64| Time(1_778_241_600 * SECOND + seconds * SECOND);
        let state = |found: Found| found.of("clock").state;
        for (off, expected) in [(0, State::Ok), (5, State::Ok), (30, State::Warn), (3_600, State::Wrong)] {
            assert_eq!(state(apart(at(off), at(0))), expected, "{off}");
            assert_eq!(state(apart(at(0), at(off))), expected, "-{off}");
        }
        assert_eq!((state(behind(None, at(0))), state(behind(Some(at(0)), at(3_600)))), (State::Ok, State::Ok));
        assert_eq!((state(behind(Some(at(60)), at(0))), state(behind(Some(at(61)), at(0)))), (State::Ok, State::Wrong));
        let said = apart(at(0), at(3_600)).of("clock").seen;
        assert!(said.contains("3600 seconds behind"), "{said}");
    }
}

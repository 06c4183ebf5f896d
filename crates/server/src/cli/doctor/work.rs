//! What waits, and what does not get on.

use model::clock::{Clock as _, DAY, MINUTE, SECOND, SystemClock, Time};
use model::id::Id as _;
use model::notice::{Notice, NoticeKind};
use store::figures::{self, LaneFigures};
use store::look::Look;
use store::{Backend, endpoints, feed, notices};

use super::check::{Check, Found, PATIENCE, ok, warn, within, wrong};
use super::database::unreadable;
use super::unseen;

/// So many of a kind are counted.
const MOST: i64 = 1_000;
/// So many of them are named.
const NAMED: usize = 3;
/// Work that has waited for this long is worth a look.
const SLOW: i64 = MINUTE;
/// Work that has waited for this long is not being done.
const STUCK: i64 = 10 * MINUTE;
/// A backup older than this is too old.
const OLD: i64 = 7 * DAY;

/// Endpoints of all partners that do not take what they are sent.
pub(super) async fn endpoints(look: &mut Option<&mut Look>) -> Check {
    let Some(look) = look else { return unseen().of("endpoints") };
    let checking = async {
        match endpoints::in_trouble(look.db(), MOST).await {
            Ok(found) => in_trouble(&found),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "endpoints", checking).await
}

fn in_trouble(found: &endpoints::InTrouble) -> Found {
    let failing: Vec<_> = found.failing.iter().map(|(id, since)| format!("{} since {since}", id.as_str())).collect();
    let disabled: Vec<_> = found.disabled.iter().map(|id| id.as_str().to_owned()).collect();
    let kinds = [("failing", failing), ("switched off after failing for too long", disabled)];
    let seen: Vec<_> =
        kinds.iter().filter(|(_, them)| !them.is_empty()).map(|(what, them)| named(what, them)).collect();
    if seen.is_empty() {
        return ok("none is failing");
    }
    let todo = "tell the partner: the address has to answer 2xx; `mailwright webhooks list --partner …` shows them";
    warn(seen.join("; "), todo)
}

fn named(what: &str, them: &[String]) -> String {
    let more = them.len().saturating_sub(NAMED);
    let rest = if more > 0 { ", …" } else { "" };
    let most = i64::try_from(them.len()).unwrap_or(MOST) >= MOST;
    let count = if most { format!("{MOST} or more") } else { them.len().to_string() };
    format!("{count} {what} ({}{rest})", them.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
}

/// For how long the oldest due task of each lane has waited.
pub(super) async fn tasks(look: &mut Option<&mut Look>) -> Check {
    let Some(look) = look else { return unseen().of("tasks") };
    let checking = async {
        let now = SystemClock.now();
        match figures::read(look.db(), now).await {
            Ok(figures) => waiting(&figures.lanes, now),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "tasks", checking).await
}

fn waiting(lanes: &[LaneFigures], now: Time) -> Found {
    let waited = |one: &LaneFigures| one.oldest.map_or(0, |since| (now.0 - since.0).max(0));
    let said: Vec<_> = lanes
        .iter()
        .map(|one| match one.oldest {
            Some(_) => {
                format!("{}: {} due, the oldest for {} seconds", one.lane.as_str(), one.due, waited(one) / SECOND)
            }
            None => format!("{}: none due", one.lane.as_str()),
        })
        .collect();
    let seen = said.join("; ");
    let todo = "see whether a server with workers runs, and what its log says of steps and deliveries";
    match lanes.iter().map(waited).max().unwrap_or(0) {
        long if long > STUCK => wrong(seen, todo),
        long if long > SLOW => warn(seen, todo),
        _ => ok(seen),
    }
}

/// Whether the event feed waits for a transaction.
pub(super) async fn feed(look: &mut Option<&mut Look>) -> Check {
    let Some(look) = look else { return unseen().of("feed") };
    let checking = async {
        match feed::waits(look.db(), 5 * SECOND).await {
            Ok(None) => ok("waits for nobody"),
            Ok(Some(wait)) => {
                let seconds = wait.micros / SECOND;
                let seen = format!(
                    "waits for connection {} ({}, database {}) since {seconds} seconds",
                    wait.pid, wait.application, wait.database
                );
                let todo = "see what that connection waits for (pg_blocking_pids), and end what holds it up";
                if wait.micros > MINUTE { wrong(seen, todo) } else { warn(seen, todo) }
            }
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "feed", checking).await
}

/// When a backup was last made.
pub(super) async fn backup(look: &mut Option<&mut Look>) -> Check {
    let Some(look) = look else { return unseen().of("backup") };
    if look.db().backend() == Backend::Postgres {
        return ok("PostgreSQL has its own means, which are not seen from here").of("backup");
    }
    let checking = async {
        match figures::last_backup(look.db()).await {
            Ok(made) => made_at(made, SystemClock.now()),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "backup", checking).await
}

fn made_at(made: Option<Time>, now: Time) -> Found {
    let todo = "run `mailwright backup FILE` every day, and keep it on another machine";
    match made {
        None => warn("none has ever been made", todo),
        Some(at) if now.0 - at.0 > OLD => {
            warn(format!("the last one is {} days old ({at})", (now.0 - at.0) / DAY), todo)
        }
        Some(at) => ok(format!("the last one was made at {at}")),
    }
}

/// What only the operator can mend.
pub(super) async fn notices(look: &mut Option<&mut Look>) -> Check {
    let Some(look) = look else { return unseen().of("notices") };
    let checking = async {
        match notices::open(look.db()).await {
            Ok(open) => open_ones(&open),
            Err(error) => unreadable(&error),
        }
    };
    within(PATIENCE, "notices", checking).await
}

fn open_ones(open: &[Notice]) -> Found {
    let count = |kind: &NoticeKind| open.iter().filter(|notice| notice.finding.kind == *kind).count();
    let kinds: Vec<_> =
        NoticeKind::ALL.iter().map(|kind| (kind.as_str(), count(kind))).filter(|(_, n)| *n > 0).collect();
    if kinds.is_empty() {
        return ok("none is open");
    }
    let said: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    warn(
        format!("{} are open: {}", open.len(), said.join(", ")),
        "run `mailwright notices`, which says of each what to do",
    )
}

#[cfg(test)]
mod tests {
    use model::id::EndpointId;
    use model::task::Lane;

    use super::super::check::State;
    use super::*;

    const NOW: Time = Time(1_778_241_600 * SECOND);

    #[test]
    fn the_lane_that_waits_longest_decides() {
        let state = |waited: Option<i64>| {
            let oldest = waited.map(|waited| NOW.plus(-waited));
            let lanes = [
                LaneFigures { lane: Lane::Step, due: 0, oldest: None },
                LaneFigures { lane: Lane::Timer, due: 1, oldest },
            ];
            waiting(&lanes, NOW).of("tasks").state
        };
        assert_eq!(
            [None, Some(SLOW), Some(SLOW + 1), Some(STUCK + 1)].map(state),
            [State::Ok, State::Ok, State::Warn, State::Wrong]
        );
    }

    #[test]
    fn a_backup_gets_old_and_many_endpoints_are_not_all_named() {
        let state = |made| made_at(made, NOW).of("backup").state;
        assert_eq!(
            [None, Some(NOW.plus(-OLD)), Some(NOW.plus(-OLD - 1))].map(state),
            [State::Warn, State::Ok, State::Warn]
        );
        let ids = (0..1_000).map(|n| EndpointId::opaque(format!("whe_{n}"))).collect();
        let said = in_trouble(&endpoints::InTrouble { failing: vec![], disabled: ids }).of("endpoints").seen;
        assert!(said.starts_with("1000 or more switched off") && said.len() < 200, "{said}");
    }
}

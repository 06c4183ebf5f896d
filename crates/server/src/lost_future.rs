//! What the sandbox's world remembers and the database does not: after a backup was restored, what happened since.
//!
//! An effect is always preceded by its run: the row is committed before a provider is asked. So an effect whose run is
//! unknown, or has not come as far as the step that made it, is from a future that the database has lost.

use std::collections::{BTreeSet, HashMap};

use api::Warning;
use model::clock::{HOUR, MINUTE, SECOND, Time};
use model::id::{Id as _, PartnerId, RunId};
use model::run::{Run, StepName};
use model::world::World;
use providers::all::sim::Effect;
use store::operator::{self, Newest};
use store::{Store, StoreError, partners};

use crate::wire::Wired;

/// So far back the start looks.
const LOOK: u32 = 1_000;

/// How much the world has gone on without the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// How many of the latest effects are unknown.
    pub effects: usize,
    /// When the last of them was.
    pub until: Time,
    /// What came last in the database.
    pub newest: Newest,
}

impl Ahead {
    /// A warning for people.
    #[must_use]
    pub fn warning(&self) -> Warning {
        let gap = match self.newest.at() {
            Some(newest) => format!("{} older than", length(self.until.0 - newest.0)),
            None => "empty, unlike".to_owned(),
        };
        let many = if self.effects == 1 { "1 effect".to_owned() } else { format!("{} effects", self.effects) };
        let message = format!(
            "The database is {gap} the sandbox's world: {many} until {}, that no order here knows of. It was probably restored from a backup; `mailwright sim ledger --unknown` lists them.",
            self.until
        );
        Warning { reason: "database_older_than_world", message }
    }
}

/// Compares the database with what the sandbox remembers last, and says so when it is older: in the log, and in what
/// `/readyz` answers.
///
/// # Errors
/// When one of the databases does not answer.
pub async fn warn(wired: &Wired) -> anyhow::Result<Option<Ahead>> {
    // The world first: whatever it has done by now, its runs were written before.
    let latest = wired.sim.latest(LOOK).await?;
    let newest = operator::newest(&mut wired.store.read().await?).await?;
    let later = latest.into_iter().filter(|effect| newest.at().is_none_or(|newest| effect.at > newest)).collect();
    let unknown = unknown(&wired.store, later).await?;
    let Some(until) = unknown.iter().map(|effect| effect.at).max() else { return Ok(None) };
    let ahead = Ahead { effects: unknown.len(), until, newest };
    let warning = ahead.warning();
    tracing::warn!(effects = ahead.effects, until = %ahead.until, "{}", warning.message);
    wired.app.readiness.warn(warning);
    Ok(Some(ahead))
}

/// Those of some effects that no row of ours knows. Sandboxes that were reset are not looked at: both sides forget them.
///
/// # Errors
/// When the database does not answer.
pub async fn unknown(store: &Store, effects: Vec<Effect>) -> Result<Vec<Effect>, StoreError> {
    let mut db = store.read().await?;
    let ids: BTreeSet<_> = effects.iter().filter_map(|effect| made_by(effect)).map(|(run, _)| run.to_owned()).collect();
    let ids: Vec<_> = ids.into_iter().map(RunId::opaque).collect();
    let runs: HashMap<_, _> =
        operator::known_runs(&mut db, &ids).await?.into_iter().map(|run| (run.id.as_str().to_owned(), run)).collect();
    let epochs: HashMap<_, _> =
        partners::all(&mut db).await?.into_iter().map(|partner| (partner.id, partner.test_epoch)).collect();
    let is_unknown = |effect: &Effect| !was_reset(effect, &epochs) && !is_known(effect, &runs);
    Ok(effects.into_iter().filter(is_unknown).collect())
}

/// The run and the step that made an effect.
fn made_by(effect: &Effect) -> Option<(&str, &str)> {
    effect.reference.split_once('/')
}

fn is_known(effect: &Effect, runs: &HashMap<String, Run>) -> bool {
    let Some((run, step)) = made_by(effect) else { return false };
    let step = StepName::parse(step);
    runs.get(run).is_some_and(|run| {
        step.is_none_or(|step| run.step == step || run.steps.iter().any(|record| record.step == step))
    })
}

fn was_reset(effect: &Effect, epochs: &HashMap<PartnerId, i64>) -> bool {
    let world = World::stored(effect.world.as_str());
    let Some((partner, epoch)) = world.as_str().strip_prefix("test:").and_then(|rest| rest.rsplit_once(':')) else {
        return false;
    };
    let current = epochs.get(&PartnerId::opaque(partner));
    current.zip(epoch.parse::<i64>().ok()).is_some_and(|(current, epoch)| epoch < *current)
}

/// A length of time in its two largest units.
fn length(micros: i64) -> String {
    let (hours, minutes, seconds) = (micros / HOUR, micros % HOUR / MINUTE, micros % MINUTE / SECOND);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        (1..48, _) => format!("{hours} h {minutes} min"),
        _ => format!("{} days {} h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_two_units() {
        let said = [5, 65, 3 * 3_600 + 1_200, 50 * 3_600].map(|seconds| length(seconds * SECOND));
        assert_eq!(said, ["5 s", "1 min 5 s", "3 h 20 min", "2 days 2 h"]);
    }
}

//! What the clerk has on the desk: a batch of jobs, and the memories that they are about.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use model::clock::Time;
use model::domain::DomainName;
use model::world::World;

use crate::all::sim::ledger::Line;
use crate::call::Call;

/// What a memory is about.
pub(super) type Key = (World, DomainName);

type Play = Box<dyn FnOnce(&Call, Option<&str>) -> Played + Send>;
type Tell = Box<dyn FnOnce() + Send>;

/// One call's wish: a plain function from what is remembered of its name to what is to be.
pub(in crate::all::sim) struct Job {
    call: Call,
    play: Play,
}

/// What became of it. Nobody hears of it before the commit, and without one nobody ever does.
pub(in crate::all::sim) struct Played {
    /// The new memory, when it changed.
    pub(in crate::all::sim) memory: Option<String>,
    /// What was done.
    pub(in crate::all::sim) lines: Vec<Line>,
    /// Tells the caller.
    pub(in crate::all::sim) tell: Tell,
}

/// A row on its way into the ledger.
pub(super) struct Entry {
    pub(super) world: World,
    pub(super) partner_at: Time,
    pub(super) reference: String,
    pub(super) line: Line,
}

impl Job {
    /// A job about the name of a call.
    pub(in crate::all::sim) fn new(
        call: Call,
        play: impl FnOnce(&Call, Option<&str>) -> Played + Send + 'static,
    ) -> Self {
        Self { call, play: Box::new(play) }
    }

    fn key(&self) -> Key {
        (self.call.world.clone(), self.call.subject.clone())
    }
}

/// The names that jobs are about, each once.
pub(super) fn keys(jobs: &[Job]) -> Vec<Key> {
    let keys: BTreeSet<_> = jobs.iter().map(Job::key).collect();
    keys.into_iter().collect()
}

/// A batch while it is worked on.
pub(super) struct Page {
    memories: HashMap<Key, String>,
    changed: BTreeSet<Key>,
    entries: Vec<Entry>,
    tells: Vec<Tell>,
}

impl Page {
    /// A page with what is remembered.
    pub(super) const fn new(memories: HashMap<Key, String>) -> Self {
        Self { memories, changed: BTreeSet::new(), entries: vec![], tells: vec![] }
    }

    /// Does one job. Those that follow see what it left.
    pub(super) fn play(&mut self, job: Job) {
        let key = job.key();
        let Job { call, play } = job;
        let before = self.memories.get(&key).map(String::as_str);
        // The one writer must outlive every call. What panicked has written nothing, and its caller hears nothing.
        let Ok(played) = catch_unwind(AssertUnwindSafe(|| play(&call, before))) else {
            tracing::error!(name = %call.subject, "a call of the sandbox panicked");
            return;
        };
        let Played { memory, lines, tell } = played;
        if let Some(memory) = memory {
            self.memories.insert(key.clone(), memory);
            self.changed.insert(key);
        }
        let entry = |line| {
            let (world, reference) = (call.world.clone(), call.reference.clone());
            Entry { world, partner_at: call.now, reference, line }
        };
        self.entries.extend(lines.into_iter().map(entry));
        self.tells.push(tell);
    }

    /// The memories that are to be written.
    pub(super) fn changed(&self) -> Vec<(&Key, &str)> {
        self.changed.iter().filter_map(|key| Some((key, self.memories.get(key)?.as_str()))).collect()
    }

    /// The ledger rows that are to be added.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Tells every caller; for after the commit.
    pub(super) fn tell(self) {
        for tell in self.tells {
            tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(play: impl FnOnce(&Call, Option<&str>) -> Played + Send + 'static) -> Job {
        let call = Call {
            world: World::stored("test:org_1:0"),
            now: Time(0),
            reference: "run_1/create_zone".into(),
            nudges: 0,
            subject: DomainName::stored("acme.com"),
            registrant: None,
            asked_at: None,
            customer: None,
            by_hand: None,
        };
        Job::new(call, play)
    }

    #[test]
    fn a_job_that_panics_leaves_no_trace_and_stops_no_other() {
        let mut page = Page::new(HashMap::new());
        page.play(job(|_, _| panic!("on purpose")));
        page.play(job(|_, before| {
            assert_eq!(before, None);
            Played { memory: Some("{}".into()), lines: vec![], tell: Box::new(|| ()) }
        }));
        assert_eq!((page.changed().len(), page.entries().len(), page.tells.len()), (1, 0, 1));
    }
}

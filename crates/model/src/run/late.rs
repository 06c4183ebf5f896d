//! What becomes of work that went on after its lease: whoever was frozen in the middle of a request may have acted all
//! the same, and nobody else knows.

use super::{Memory, Run, RunKind};
use crate::change::Change;
use crate::clock::Now;
use crate::domain::{Domain, DomainStatus};
use crate::id::Ids;
use crate::task::Task;

/// What is around a run whose work came too late, as it stands now.
#[derive(Clone, Debug)]
pub struct Late {
    /// The run.
    pub run: Run,
    /// Its domain.
    pub domain: Domain,
    /// All runs on the domain.
    pub runs: Vec<Run>,
}

/// Has it looked at again: by the run itself while it lives, otherwise by one that only looks back.
#[must_use]
pub fn look_again(facts: &Late, now: Now, ids: &Ids) -> Change {
    let Late { run, domain, runs } = facts;
    let looks_back = runs.iter().find(|one| one.kind == RunKind::LookBack && one.is_live());
    let mut change = Change::default();
    if let Some(live) = Some(run).filter(|run| run.is_live()).or(looks_back) {
        let memory = Memory { late: live.memory.late + 1, ..live.memory.clone() };
        change.runs.update.push(Run { memory, ..live.clone() });
        change.make_due.push(live.id.clone());
    } else if run.kind == RunKind::Renew || is_gone(domain) {
        change.append(plan(facts, now, ids));
    }
    // Whoever works on it looks at everything that the late work may have changed.
    change
        .make_due
        .extend(runs.iter().filter(|one| one.is_live() && one.kind == RunKind::Watch).map(|one| one.id.clone()));
    change
}

fn plan(facts: &Late, now: Now, ids: &Ids) -> Change {
    let Late { run, domain, runs } = facts;
    // A renewal is seen at the name, by the reference that bought it.
    let buyer = runs.iter().rev().find(|one| one.kind == RunKind::Provision).unwrap_or(run);
    let memory = Memory { looks_for: Some(buyer.purchase_reference()), ..Memory::default() };
    let next = Run { memory, ..Run::new(ids.next(), RunKind::LookBack, domain, now) };
    let mut change = Change::default();
    change.tasks.push(Task::for_run(ids.next(), &next.id, &next.partner, &next.world, now.server));
    change.runs.insert.push(next);
    change
}

/// Nobody works on it any more, nor will.
const fn is_gone(domain: &Domain) -> bool {
    matches!(domain.status, DomainStatus::Failed | DomainStatus::Released)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunState;
    use crate::run::tests::{NOW, domain, ids};

    fn late(status: DomainStatus, kind: RunKind, state: RunState) -> Late {
        let domain = domain(status, false);
        let run = Run { state, ..Run::new(ids().next(), kind, &domain, NOW) };
        Late { runs: vec![run.clone()], run, domain }
    }

    #[test]
    fn a_run_that_lives_looks_again_itself() {
        let facts = late(DomainStatus::Registering, RunKind::Provision, RunState::Asking);
        let change = look_again(&facts, NOW, &ids());
        assert_eq!(change.runs.update[0].memory.late, 1);
        assert_eq!((change.make_due, change.runs.insert.len()), (vec![facts.run.id], 0));
    }

    #[test]
    fn a_run_that_has_ended_is_looked_back_at_once_however_often_it_was_late() {
        let mut facts = late(DomainStatus::Released, RunKind::Provision, RunState::Failed);
        let change = look_again(&facts, NOW, &ids());
        let [back] = &change.runs.insert[..] else { panic!("{change:?}") };
        let bought_by = format!("{}/register_name", facts.run.id);
        assert_eq!((back.kind, back.memory.looks_for.as_ref()), (RunKind::LookBack, Some(&bought_by)));
        assert_eq!(change.tasks[0].due_at, NOW.server);
        facts.runs.push(back.clone());
        let again = look_again(&facts, NOW, &ids());
        assert_eq!((again.runs.insert.len(), again.runs.update[0].memory.late), (0, 1));
        assert_eq!(again.runs.update[0].id, back.id);
    }

    #[test]
    fn what_is_still_looked_after_is_looked_at_by_who_does() {
        let mut facts = late(DomainStatus::Active, RunKind::Provision, RunState::Done);
        let watch = Run::new(ids().next(), RunKind::Watch, &facts.domain, NOW);
        facts.runs.push(watch.clone());
        let change = look_again(&facts, NOW, &ids());
        assert_eq!((change.make_due, change.runs.insert.len()), (vec![watch.id], 0));
        let renewal = late(DomainStatus::Releasing, RunKind::Renew, RunState::Done);
        assert_eq!(look_again(&renewal, NOW, &ids()).runs.insert.len(), 1, "a year that was paid is looked for");
    }
}

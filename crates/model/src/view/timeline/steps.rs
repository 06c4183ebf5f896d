//! The steps of a run: those that its workflow has, with what its records say of them.

use super::{TimelineStep, TimelineStepState, TimelineWho};
use crate::action::Action;
use crate::clock::Time;
use crate::run::{Run, StepName, StepRecord, StepState, Who};

/// Every step of a run's workflow, and what was recorded of steps that it no longer has.
pub(super) fn of(run: &Run, action: Option<&Action>) -> Vec<TimelineStep> {
    let planned = run.kind.steps();
    let dropped = run.steps.iter().map(|record| record.step).filter(|step| !planned.contains(step));
    let mut turn_came_at = None;
    let steps = planned.iter().copied().chain(dropped).map(|step| {
        let record = run.steps.iter().find(|record| record.step == step);
        let shown = one(run, step, record, turn_came_at, action);
        // A step's turn comes when the one before it is done; only the first has to wait in the queue.
        turn_came_at = shown.finished_at.or(turn_came_at);
        shown
    });
    steps.collect()
}

fn one(
    run: &Run,
    step: StepName,
    record: Option<&StepRecord>,
    turn_came_at: Option<Time>,
    action: Option<&Action>,
) -> TimelineStep {
    let state = state(run, step, record);
    let begun = !matches!(state, TimelineStepState::Pending | TimelineStepState::Skipped);
    let action = action.filter(|_| state == TimelineStepState::Asking);
    TimelineStep {
        step,
        title: step.spec().title.to_owned(),
        state,
        started_at: turn_came_at.or_else(|| record.map(|record| record.started_at)).filter(|_| begun),
        finished_at: record.and_then(|record| record.finished_at),
        attempts: record.map_or(0, |record| record.attempts),
        trouble: record.and_then(|record| record.trouble.clone()),
        who: record.and_then(|record| who(state, record.who)),
        action_id: action.map(|action| action.id.to_string()),
        next_try_at: record.and_then(|record| record.next_try_at),
    }
}

fn state(run: &Run, step: StepName, record: Option<&StepRecord>) -> TimelineStepState {
    let place = |one| run.kind.steps().iter().position(|step| *step == one);
    match record.map(|record| record.state) {
        Some(StepState::Waiting) => TimelineStepState::Waiting,
        Some(StepState::Asking) => TimelineStepState::Asking,
        Some(StepState::Done) => TimelineStepState::Done,
        Some(StepState::Failed) => TimelineStepState::Failed,
        None if !run.is_live() || place(step) < place(run.step) => TimelineStepState::Skipped,
        None if step == run.step => TimelineStepState::Running,
        None => TimelineStepState::Pending,
    }
}

fn who(state: TimelineStepState, recorded: Option<Who>) -> Option<TimelineWho> {
    match (state, recorded) {
        (TimelineStepState::Waiting | TimelineStepState::Asking, Some(Who::Operator)) => Some(TimelineWho::Operator),
        (TimelineStepState::Asking, _) => Some(TimelineWho::Partner),
        (TimelineStepState::Waiting, _) => Some(TimelineWho::Provider),
        _ => None,
    }
}

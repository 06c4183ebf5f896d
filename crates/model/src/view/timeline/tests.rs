//! What a timeline shows of the rows behind it, and what a follower is told.

use super::*;
use crate::action::ActionReason;
use crate::clock::{Now, SECOND};
use crate::domain::{Domain, DomainName, Source};
use crate::id::{ActionId, DomainId, Id, OrderId, PartnerId, RunId};
use crate::order::Order;
use crate::run::{StepRecord, StepState, Who};
use crate::timeline::{Standing, Update, standing, updates};
use crate::world::{Scope, World};

const NOW: Time = at(100);

const fn at(seconds: i64) -> Time {
    Time(seconds * SECOND)
}

fn scope() -> Scope {
    Scope { partner: PartnerId::opaque("org_1"), world: World::live() }
}

fn order(status: OrderStatus) -> Order {
    Order { status, created_at: at(90), version: 3, ..crate::run::tests::order() }
}

fn domain(id: &str) -> Domain {
    let name = DomainName::stored(format!("{id}.com"));
    let new = Domain::new(DomainId::opaque(id), &scope(), name, Source::Registrar, at(90));
    Domain { order: Some(OrderId::opaque("ord_1")), version: 5, ..new }
}

fn run(domain: &Domain, state: RunState, step: StepName, steps: Vec<StepRecord>) -> Run {
    let finished_at = (!state.is_live()).then_some(at(99));
    let now = Now { server: at(90), offset: 0 };
    let new = Run::new(RunId::opaque(format!("run_{}", domain.id)), RunKind::Provision, domain, now);
    Run { state, step, steps, finished_at, version: 7, ..new }
}

fn record(step: StepName, state: StepState, finished: Option<i64>) -> StepRecord {
    StepRecord {
        step,
        state,
        started_at: at(91),
        finished_at: finished.map(at),
        attempts: 2,
        trouble: (state != StepState::Done).then(|| "Busy.".into()),
        who: None,
        next_try_at: None,
    }
}

fn done_up_to(step: StepName) -> Vec<StepRecord> {
    let before = RunKind::Provision.steps().iter().take_while(|one| **one != step);
    before.map(|one| record(*one, StepState::Done, Some(92))).collect()
}

fn facts(status: OrderStatus, domains: Vec<Domain>, runs: Vec<Run>) -> Facts {
    Facts {
        order: order(status),
        domains,
        runs,
        actions: vec![],
        history: vec![],
        https_troubles: HashMap::new(),
        looks: HashMap::new(),
        offset: 0,
    }
}

fn action(domain: &Domain) -> Action {
    Action {
        id: ActionId::opaque("act_1"),
        partner: scope().partner,
        world: scope().world,
        reason: ActionReason::AdminConsentNeeded,
        open: true,
        order: domain.order.clone(),
        domain: domain.id.clone(),
        domain_name: domain.name.to_string(),
        user: None,
        persona: None,
        message: String::new(),
        created_at: at(95),
        resolved_at: None,
        run: None,
        answered: None,
        version: 1,
    }
}

#[test]
fn why_there_is_no_https_is_said_of_the_domain_that_it_is_about() {
    let mut facts = facts(OrderStatus::Completed, vec![domain("a"), domain("b")], vec![]);
    facts.https_troubles.insert(DomainId::opaque("b"), "No.".into());
    let said: Vec<_> = Timeline::of(&facts, NOW).domains.into_iter().map(|domain| domain.https_trouble).collect();
    assert_eq!(said, [None, Some("No.".to_owned())]);
}

/// The step at a name, in a timeline of one run.
fn step_of(run: &Run, action: Option<&Action>, step: StepName) -> TimelineStep {
    TimelineRun::of(run, action).steps.into_iter().find(|one| one.step == step).expect("the workflow has it")
}

#[test]
fn all_steps_are_there_in_their_order_and_each_says_where_it_stands() {
    use TimelineStepState::{Done, Failed, Pending, Running, Skipped, Waiting};
    let here = StepName::OpenMailDomain;
    let waiting = [done_up_to(here), vec![record(here, StepState::Waiting, None)]].concat();
    let failed = [done_up_to(here), vec![record(here, StepState::Failed, Some(93))]].concat();
    for (state, records, current, rest) in [
        (RunState::Open, done_up_to(here), Running, Pending),
        (RunState::Open, waiting, Waiting, Pending),
        (RunState::Failed, failed, Failed, Skipped),
    ] {
        let shown = TimelineRun::of(&run(&domain("a"), state, here, records), None);
        let names: Vec<_> = shown.steps.iter().map(|step| step.step).collect();
        assert_eq!(names, RunKind::Provision.steps());
        let states: Vec<_> = shown.steps.iter().map(|step| step.state).collect();
        let rest = std::iter::repeat_n(rest, names.len() - 4);
        let expected: Vec<_> = [Done, Done, Done].into_iter().chain([current]).chain(rest).collect();
        assert_eq!(states, expected);
        assert_eq!(shown.current().expect("it stands somewhere").step, here);
        assert_eq!(shown.steps_done(), 3);
    }
}

#[test]
fn a_run_that_has_not_begun_waits_for_its_turn_and_a_finished_one_stands_at_its_end() {
    let queued = TimelineRun::of(&run(&domain("a"), RunState::Open, StepName::RegisterName, vec![]), None);
    let first = queued.current().expect("it stands somewhere");
    assert_eq!((first.state, first.started_at, first.attempts), (TimelineStepState::Running, None, 0));
    let last = StepName::ConfirmReady;
    let records = [done_up_to(last), vec![record(last, StepState::Done, Some(99))]].concat();
    let finished = TimelineRun::of(&run(&domain("a"), RunState::Done, last, records), None);
    assert_eq!(finished.current().expect("it stands somewhere").step, last);
    assert_eq!(finished.steps_done(), 11);
}

#[test]
fn a_step_says_when_its_turn_came_what_is_wrong_and_who_has_to_act() {
    let (domain, here) = (domain("a"), StepName::CreateZone);
    let stands = |record: StepRecord| {
        let state = if record.state == StepState::Asking { RunState::Asking } else { RunState::Open };
        let steps = [done_up_to(here), vec![record]].concat();
        step_of(&run(&domain, state, here, steps), Some(&action(&domain)), here)
    };
    let waiting = StepRecord { next_try_at: Some(at(120)), ..record(here, StepState::Waiting, None) };
    let shown = stands(waiting.clone());
    assert_eq!((shown.started_at, shown.finished_at, shown.next_try_at), (Some(at(92)), None, Some(at(120))));
    assert_eq!((shown.attempts, shown.trouble.as_deref()), (2, Some("Busy.")));
    assert_eq!((shown.who, shown.action_id), (Some(TimelineWho::Provider), None));

    let parked = stands(StepRecord { who: Some(Who::Operator), ..waiting });
    assert_eq!((parked.state, parked.who), (TimelineStepState::Waiting, Some(TimelineWho::Operator)));

    let asking = stands(StepRecord { who: Some(Who::Partner), ..record(here, StepState::Asking, None) });
    assert_eq!((asking.state, asking.who), (TimelineStepState::Asking, Some(TimelineWho::Partner)));
    assert_eq!(asking.action_id.as_deref(), Some("act_1"));

    let failed = record(here, StepState::Failed, Some(93));
    let failed = run(&domain, RunState::Failed, here, [done_up_to(here), vec![failed]].concat());
    assert_eq!(step_of(&failed, Some(&action(&domain)), here).who, None);
}

#[test]
fn a_step_without_a_record_is_skipped_when_its_turn_is_over() {
    let (domain, here) = (domain("a"), StepName::PublishRecords);
    let mut records = done_up_to(here);
    records.remove(1);
    let left_out = step_of(&run(&domain, RunState::Open, here, records), None, StepName::CreateZone);
    assert_eq!((left_out.state, left_out.started_at), (TimelineStepState::Skipped, None));
}

#[test]
fn the_counter_is_the_sum_of_all_versions() {
    let (one, two) = (domain("a"), domain("b"));
    let runs = vec![run(&one, RunState::Open, StepName::CreateZone, vec![])];
    let facts = facts(OrderStatus::InProgress, vec![one, two], runs);
    assert_eq!(Timeline::of(&facts, NOW).change, 3 + 5 + 5 + 7);
}

#[test]
fn provisioning_and_open_runs_are_always_shown_and_of_the_rest_the_newest() {
    let domain = domain("a");
    let ended = |n: usize| Run {
        id: RunId::opaque(format!("run_{n:03}")),
        // Any kind but the first, once there is another; the first is always shown.
        kind: RunKind::Rename,
        ..run(&domain, RunState::Done, StepName::ConfirmReady, vec![])
    };
    let open = Run { state: RunState::Open, finished_at: None, ..ended(0) };
    let runs: Vec<_> = std::iter::once(open).chain((1..100).map(ended)).collect();
    let shown = TimelineDomain::of(&domain, &runs.iter().collect::<Vec<_>>(), None).runs;
    let ids: Vec<_> = shown.iter().map(|run| run.id.as_str()).collect();
    assert_eq!((ids[0], *ids.last().expect("some")), ("run_000", "run_099"));
    if RunKind::ALL.len() > 1 {
        assert_eq!((shown.len(), ids[1]), (MOST_RUNS, "run_081"));
    }
}

#[test]
fn an_order_has_ended_when_it_is_at_an_end_and_nothing_is_open() {
    for (status, state, ended) in [
        (OrderStatus::InProgress, RunState::Open, false),
        (OrderStatus::ActionRequired, RunState::Asking, false),
        (OrderStatus::Completed, RunState::Open, false),
        (OrderStatus::Completed, RunState::Asking, false),
        (OrderStatus::CancelScheduled, RunState::Done, false),
        (OrderStatus::Completed, RunState::Done, true),
        (OrderStatus::Failed, RunState::Failed, true),
        (OrderStatus::Cancelled, RunState::Done, true),
    ] {
        let domain = domain("a");
        let runs = vec![run(&domain, state, StepName::ConfirmReady, vec![])];
        let timeline = Timeline::of(&facts(status, vec![domain], runs), NOW);
        assert_eq!(timeline.has_ended(), ended, "{status:?} {state:?}");
    }
}

#[test]
fn a_follower_is_told_everything_once_and_then_what_has_changed() {
    let told = |before: Option<&Timeline>, after: &Timeline| {
        let about = |updates: &Update<'_>| match updates {
            Update::Domain(domain) => format!("domain {}", domain.domain),
            Update::Order(order) => format!("order {}", order.status.as_str()),
            Update::End(order) => format!("end {}", order.status.as_str()),
        };
        updates(before, after).iter().map(about).collect::<Vec<_>>()
    };
    let (one, two) = (domain("a"), domain("b"));
    let at_step = |step| {
        let runs =
            vec![run(&one, RunState::Open, step, vec![]), run(&two, RunState::Open, StepName::RegisterName, vec![])];
        Timeline::of(&facts(OrderStatus::InProgress, vec![one.clone(), two.clone()], runs), NOW)
    };
    let first = at_step(StepName::RegisterName);
    assert_eq!(told(None, &first), ["domain a.com", "domain b.com", "order in_progress"]);
    assert_eq!(told(Some(&first), &first), Vec::<String>::new());
    let second = at_step(StepName::CreateZone);
    assert_eq!(told(Some(&first), &second), ["domain a.com"]);

    let both = [&one, &two].map(|domain| run(domain, RunState::Done, StepName::ConfirmReady, vec![]));
    let last = Timeline::of(&facts(OrderStatus::Completed, vec![one, two], both.into()), NOW);
    assert_eq!(told(Some(&second), &last), ["domain a.com", "domain b.com", "order completed", "end completed"]);
    assert_eq!(told(Some(&last), &last), ["end completed"], "whoever comes late is told that it is over");
}

#[test]
fn what_is_told_is_what_the_timeline_shows() {
    let domain = domain("a");
    let runs = vec![run(&domain, RunState::Open, StepName::RegisterName, vec![])];
    let timeline = Timeline::of(&facts(OrderStatus::InProgress, vec![domain], runs), NOW);
    let shown = serde_json::to_value(&timeline).expect("JSON");
    let told: Vec<_> = updates(None, &timeline).iter().map(|it| serde_json::to_value(it).expect("JSON")).collect();
    assert_eq!(told[0], shown["domains"][0]);
    for key in ["order_id", "status", "change", "estimate"] {
        assert_eq!(told[1][key], shown[key]);
    }
}

#[test]
fn a_domain_stands_where_its_most_urgent_open_run_does() {
    let (domain, here) = (domain("a"), StepName::CreateZone);
    let one = |state, record: Option<StepRecord>| run(&domain, state, here, record.into_iter().collect());
    let queued = one(RunState::Open, None);
    let waiting = one(RunState::Open, Some(record(here, StepState::Waiting, None)));
    let asking = one(RunState::Asking, Some(record(here, StepState::Asking, None)));
    let parked =
        one(RunState::Open, Some(StepRecord { who: Some(Who::Operator), ..record(here, StepState::Waiting, None) }));
    let done = one(RunState::Done, None);
    let failed = one(RunState::Failed, Some(record(here, StepState::Failed, Some(99))));
    for (runs, status, expected) in [
        (vec![&queued], DomainStatus::Pending, Standing::AtWork),
        (vec![&done, &waiting], DomainStatus::Active, Standing::Provider),
        (vec![&waiting, &asking, &queued], DomainStatus::ActionRequired, Standing::Partner),
        (vec![&parked, &asking], DomainStatus::ActionRequired, Standing::Operator),
        (vec![&done], DomainStatus::Active, Standing::Active),
        (vec![&done, &failed], DomainStatus::Active, Standing::Active),
        (vec![&failed], DomainStatus::Failed, Standing::Failed),
        (vec![&done, &done], DomainStatus::Released, Standing::Gone),
        (vec![], DomainStatus::Pending, Standing::AtWork),
    ] {
        let shown = TimelineDomain::of(&Domain { status, ..domain.clone() }, &runs, None);
        assert_eq!(standing(&shown).0, expected, "{status:?}");
    }
}

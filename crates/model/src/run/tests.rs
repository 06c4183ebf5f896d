//! What tries mean: tables of outcomes and what follows from them.

use std::collections::BTreeMap;

use super::*;
use crate::action::{Action, ActionReason};
use crate::change::Rows;
use crate::clock::{DAY, HandClock, MINUTE, SECOND};
use crate::domain::{DomainName, DomainStatus, MailProvider, Source, Stop};
use crate::event::EventKind;
use crate::id::{Ids, UserId};
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::ledger::{Charge, Line, LineKind, PaidFor, Sum};
use crate::money::PriceBook;
use crate::order::{Dkim, Order, OrderStatus, Sequencer};
use crate::secret::Secret;

pub(crate) const NOW: Now = Now { server: Time(1_000 * SECOND), offset: 50 * SECOND };

pub(crate) fn ids() -> Ids {
    Ids::seeded(HandClock::at(NOW.server), 1)
}

pub(crate) fn domain(status: DomainStatus, held: bool) -> Domain {
    Domain {
        id: DomainId::opaque("dom_1"),
        partner: PartnerId::opaque("org_1"),
        world: World::live(),
        name: DomainName::stored("acme.com"),
        status,
        source: Source::Registrar,
        held,
        order: Some(OrderId::opaque("ord_1")),
        position: 0,
        user: Some(UserId::opaque("usr_1")),
        usable_for: vec![MailProvider::Google],
        provider: Some(MailProvider::Google),
        licenses: 2,
        inboxes_planned: 2,
        inboxes_made: 0,
        persona_offset: 0,
        forwarding_url: None,
        price_cents: 1300,
        cost_cents: 1300,
        renewal_price_cents: 1500,
        renewal_cost_cents: 1500,
        dns: None,
        expires_at: None,
        connected_at: None,
        cancels_at: None,
        stop: None,
        left_at: None,
        swap: None,
        personas: None,
        accounts: crate::domain::Assigned::default(),
        mail_logins: None,
        created_at: Time(0),
        version: 1,
    }
}

pub(crate) fn order() -> Order {
    Order {
        id: OrderId::opaque("ord_1"),
        partner: PartnerId::opaque("org_1"),
        world: World::live(),
        user: UserId::opaque("usr_1"),
        email: "alex@acme.com".into(),
        bundle: None,
        status: OrderStatus::InProgress,
        domain_count: 1,
        total_cents: 2500,
        anchor_day: 1,
        renews_at: Time(0),
        reference: None,
        forwarding_url: None,
        personas: vec![],
        metadata: BTreeMap::new(),
        sequencer: Sequencer {
            provider: crate::order::SequencerProvider::Smartlead,
            client_id: None,
            login_email: Some("a@acme.com".into()),
            login_password: Some(Secret::plain("x")),
            api_key: None,
        },
        dkim: Dkim::Required,
        api_key: None,
        cancel_scheduled_at: None,
        cancels_at: None,
        timed: false,
        completed_at: None,
        last_event: None,
        trace: None,
        created_at: Time(0),
        version: 1,
    }
}

fn run_at(step: StepName) -> Run {
    Run { step, ..Run::new(RunId::opaque("run_1"), RunKind::Provision, &domain(DomainStatus::Pending, false), NOW) }
}

/// A try that was begun a second before it ended.
pub(crate) fn tried<'a>(run: &'a Run, domain: &'a Domain, outcome: &'a Outcome, now: Now) -> Try<'a> {
    Try { run, domain, inboxes: &[], outcome, began_at: now.partner().plus(-SECOND), now }
}

pub(crate) fn moved(run: &Run, domain: &Domain, then: Then) -> Moved {
    advance(&tried(run, domain, &Outcome::then(then), NOW), &ids(), &Policy::default())
}

fn retry() -> Then {
    Then::Retry { words: "busy".into() }
}

fn lines() -> Vec<Line> {
    let month = PaidFor { start: Time(0), end: Time(0).next_month(1) };
    let line = |id: &str, charge| Line {
        id: Id::opaque(id),
        created_at: Time(0),
        ..Line::of(&order(), &DomainId::opaque("dom_1"), charge, NOW, &ids())
    };
    vec![
        line("inv_1", Charge::once(LineKind::DomainRegistration, 1300)),
        line("inv_2", Charge::licenses(MailProvider::Google, 2, 600, month)),
    ]
}

fn around(open_action: Option<Action>, inboxes: Vec<Inbox>) -> Provisioning {
    Provisioning { order: order(), open_action, lines: lines(), inboxes, swapping: None }
}

fn effects_of(around: &Provisioning, moved: &Moved) -> crate::change::Change {
    provision(around, moved, NOW, &ids())
}

fn kinds(change: &crate::change::Change) -> Vec<EventKind> {
    change.events.iter().map(|event| event.kind).collect()
}

#[test]
fn done_goes_on_to_the_next_step_and_the_last_one_ends_it() {
    let next = moved(&run_at(StepName::RegisterName), &domain(DomainStatus::Pending, false), Then::Done);
    assert_eq!(
        (next.run.step, next.next, next.domain.status),
        (StepName::CreateZone, Next::Go, DomainStatus::Configuring)
    );
    let last = moved(&run_at(StepName::ConfirmReady), &domain(DomainStatus::Connecting, true), Then::Done);
    assert_eq!((last.run.state, last.next, last.domain.status), (RunState::Done, Next::Finished, DomainStatus::Active));
    let change = effects_of(&around(None, vec![]), &last);
    assert_eq!(kinds(&change), [EventKind::DomainConnected]);
}

#[test]
fn waiting_is_no_attempt_and_never_shorter_than_a_retry() {
    let before = domain(DomainStatus::Configuring, true);
    let then = |until| Then::Wait { until, why: "later".into() };
    let waiting = moved(&run_at(StepName::DelegateName), &before, then(NOW.partner().plus(MINUTE)));
    assert_eq!((waiting.run.attempts(), waiting.next), (0, Next::At(NOW.server.plus(MINUTE))));
    let behind = moved(&run_at(StepName::DelegateName), &before, then(Time(0)));
    assert_eq!(behind.next, Next::At(NOW.server.plus(Policy::default().retry_base)));
    assert!(!waiting.concerns_order());
}

#[test]
fn waiting_has_an_end_the_operator_is_asked_and_it_goes_on_looking() {
    let longest = StepName::RegisterName.spec().longest();
    let before = domain(DomainStatus::Registering, false);
    let wait = |run: &Run, now: Now| {
        let then = Then::Wait { until: now.partner().plus(MINUTE), why: "The registry takes its time.".into() };
        advance(&tried(run, &before, &Outcome::then(then), now), &ids(), &Policy::default())
    };
    let later = |micros: i64| Now { server: NOW.server.plus(micros), ..NOW };
    let waits = wait(&run_at(StepName::RegisterName), NOW).run;
    let waits = wait(&waits, later(longest - 2 * SECOND)).run;
    assert!(!waits.is_parked() && waits.overdue_at().is_some(), "it is told, and nobody is asked");
    let asks = wait(&waits, later(longest));
    assert!(asks.run.is_parked() && asks.run.overdue_at().is_none());
    assert_eq!(
        (asks.run.attempts(), asks.next),
        (0, Next::At(later(longest).server.plus(MINUTE))),
        "it looks as before"
    );
    let done =
        advance(&tried(&asks.run, &before, &Outcome::then(Then::Done), later(longest)), &ids(), &Policy::default());
    assert!(!done.run.is_parked(), "it goes on by itself");
}

#[test]
fn what_is_planned_for_a_far_day_is_waited_for_from_that_day_on() {
    let before = domain(DomainStatus::Active, true);
    let wait = |run: &Run, now: Now, micros: i64| {
        let then = Then::Wait { until: now.partner().plus(micros), why: "Not yet.".into() };
        advance(&tried(run, &before, &Outcome::then(then), now), &ids(), &Policy::default()).run
    };
    let later = |micros: i64| Now { server: NOW.server.plus(micros), ..NOW };
    let planned = wait(&run_at(StepName::RenewName), NOW, 300 * DAY);
    assert_eq!(planned.overdue_at(), Some(later(300 * DAY).partner()));
    let waits = wait(&planned, later(300 * DAY), MINUTE);
    assert!(!waits.is_parked(), "it has only just begun");
    let began_at = later(300 * DAY).partner().plus(-SECOND);
    assert_eq!(waits.overdue_at(), Some(began_at.plus(DAY)));
}

#[test]
fn a_step_that_keeps_failing_waits_for_the_operator_and_goes_on_looking() {
    let policy = Policy { max_attempts: 3, ..Policy::default() };
    let (mut run, mut domain) = (run_at(StepName::CreateZone), domain(DomainStatus::Configuring, true));
    for attempt in 1..=4 {
        let next = advance(&tried(&run, &domain, &Outcome::then(retry()), NOW), &ids(), &policy);
        (run, domain) = (next.run, next.domain);
        let record = &run.steps[0];
        assert_eq!(record.attempts, attempt);
        assert_eq!(record.who, (attempt >= 3).then_some(Who::Operator));
        if attempt >= 3 {
            assert_eq!(next.next, Next::At(NOW.server.plus(policy.look_again)));
        }
    }
    assert_eq!(domain.status, DomainStatus::Configuring);
}

#[test]
fn a_question_is_asked_once_and_stays_open_while_the_provider_is_merely_busy() {
    let ask = Then::Ask { reason: ActionReason::NameTaken, persona: None };
    let asked = moved(&run_at(StepName::RegisterName), &domain(DomainStatus::Pending, false), ask.clone());
    let change = effects_of(&around(None, vec![]), &asked);
    assert_eq!(kinds(&change), [EventKind::DomainActionRequired]);
    let action = change.actions.insert[0].clone();

    let again = moved(&asked.run, &asked.domain, ask);
    assert!(again.concerns_order());
    let same = Provisioning { order: change.orders.update[0].clone(), ..around(Some(action), vec![]) };
    assert_eq!(effects_of(&same, &again), crate::change::Change::default());

    let busy = moved(&asked.run, &asked.domain, retry());
    assert_eq!((busy.run.state, busy.domain.status), (RunState::Asking, DomainStatus::ActionRequired));
    assert_eq!(effects_of(&same, &busy), crate::change::Change::default());

    let answered = moved(&asked.run, &asked.domain, Then::Done);
    let change = effects_of(&same, &answered);
    assert!(!change.actions.update[0].open);
}

fn failed(held: bool, inboxes: Vec<Inbox>) -> crate::change::Change {
    let before = domain(DomainStatus::Provisioning, held);
    let gone = moved(&run_at(StepName::CreateInboxes), &before, Then::Fail { words: "no".into() });
    effects_of(&around(None, inboxes), &gone)
}

#[test]
fn what_is_given_up_is_credited_and_a_bought_name_stays_the_partners() {
    let unbought = failed(false, vec![]);
    let told =
        |line: &Line| (line.reverses.clone().unwrap().to_string(), line.quantity, line.amount_cents, line.paid_for);
    let month = lines()[1].paid_for;
    assert_eq!(
        unbought.lines.iter().map(told).collect::<Vec<_>>(),
        [("inv_1".into(), 1, -1300, None), ("inv_2".into(), 2, -1200, month)]
    );
    assert!(unbought.domains.insert.is_empty());
    assert_eq!(unbought.orders.update[0].total_cents, 0);
    let bought = failed(true, vec![]);
    assert_eq!((bought.lines[0].kind, bought.lines[0].amount_cents), (LineKind::Credit, -1200));
    assert_eq!(bought.orders.update[0].total_cents, 1300);
    let kept = &bought.domains.insert[0];
    assert_eq!((kept.status, kept.order.as_ref(), kept.held), (DomainStatus::Available, None, true));
}

#[test]
fn a_line_is_credited_once() {
    let mut around = around(None, vec![]);
    around.lines.push(around.lines[0].taken_back(NOW, &ids()));
    let gone = moved(
        &run_at(StepName::CreateInboxes),
        &domain(DomainStatus::Provisioning, false),
        Then::Fail { words: "no".into() },
    );
    let change = effects_of(&around, &gone);
    assert_eq!(change.lines.iter().map(|line| line.amount_cents).collect::<Vec<_>>(), [-1200]);
    assert_ne!(change.lines[0].period, around.lines[2].period, "the key of a credit is the line that it takes back");
}

#[test]
fn the_credits_of_a_domain_are_one_in_its_order_and_those_of_a_swap_stay_apart() {
    let mut all = lines();
    let swap =
        Line { id: Id::opaque("inv_of_swap"), kind: LineKind::Swap, period: "once swp_1".into(), ..all[0].clone() };
    let credits: Vec<_> = all.iter().chain([&swap]).map(|line| line.taken_back(NOW, &ids())).collect();
    all.push(swap);
    all.extend(credits);
    let items = crate::view::line_items(&all.iter().map(Sum::from).collect::<Vec<_>>());
    let credits: Vec<_> = items.iter().filter(|item| item.kind == LineKind::Credit).collect();
    let told: Vec<_> = credits.iter().map(|item| (item.quantity, item.unit_cents, item.period.as_deref())).collect();
    assert_eq!(told, [(1, -2500, None), (1, -1300, None)]);
}

#[test]
fn a_renewal_that_costs_more_asks_with_the_price_and_anew_with_another() {
    let works = Domain { connected_at: Some(Time(0)), ..domain(DomainStatus::Active, true) };
    let run = Run { step: StepName::RenewName, ..Run::new(RunId::opaque("run_2"), RunKind::Renew, &works, NOW) };
    let asked = |run: &Run, domain: &Domain, cents| {
        let then = Then::Ask { reason: ActionReason::PriceChanged, persona: None };
        let outcome = Outcome { learnt: Learnt::RenewalPrice { cents }, then };
        advance(&tried(run, domain, &outcome, NOW), &ids(), &Policy::default())
    };
    let book = PriceBook { domain_margin_cents: 200, ..PriceBook::default() };
    let around = |open_action| Renewing { order: order(), before: works.clone(), open_action, book };

    let first = asked(&run, &works, 3_000);
    let change = renew(&around(None), &first, NOW, &ids());
    let [question] = &change.actions.insert[..] else { panic!("{change:?}") };
    assert!(question.message.contains("costs 32.00 USD now, more than the 15.00 USD"), "{}", question.message);
    assert!(question.message.contains("`max_total_cents` of 3200 or more"), "{}", question.message);
    assert_eq!(kinds(&change), [EventKind::DomainActionRequired]);

    let same = asked(&first.run, &first.domain, 3_000);
    let change = renew(&around(Some(question.clone())), &same, NOW, &ids());
    assert_eq!((change.actions, change.events.len()), (Rows::default(), 0), "the same question stays");

    let dearer = asked(&first.run, &first.domain, 4_000);
    let change = renew(&around(Some(question.clone())), &dearer, NOW, &ids());
    assert_eq!((change.actions.update[0].open, change.actions.insert.len()), (false, 1));
    assert!(change.actions.insert[0].message.contains("42.00 USD"), "{}", change.actions.insert[0].message);
    assert_eq!(kinds(&change), [EventKind::DomainActionRequired]);
}

#[test]
fn a_renewed_year_is_charged_for_that_year_and_told() {
    let (before, after) = (Time::parse("2027-05-08T12:00:00Z"), Time::parse("2028-05-07T12:00:00Z"));
    let works = Domain {
        expires_at: before,
        renewal_price_cents: 1700,
        connected_at: Some(Time(0)),
        ..domain(DomainStatus::Active, true)
    };
    let run = Run { step: StepName::RenewName, ..Run::new(RunId::opaque("run_2"), RunKind::Renew, &works, NOW) };
    let outcome = Outcome::done(Learnt::bought(after.unwrap()));
    let moved = advance(&tried(&run, &works, &outcome, NOW), &ids(), &Policy::default());
    let around = Renewing { order: order(), before: works, open_action: None, book: PriceBook::default() };
    let change = renew(&around, &moved, NOW, &ids());
    let line = &change.lines[0];
    assert_eq!((line.kind, line.amount_cents, line.period.as_str()), (LineKind::DomainRenewal, 1700, "2027-05-08"));
    assert_eq!(line.paid_for.map(|year| (year.start, year.end)), before.zip(after));
    assert_eq!(kinds(&change), [EventKind::DomainRenewed]);
    assert!(change.events[0].data.contains("2028-05-07T12:00:00Z"), "{}", change.events[0].data);
    assert_eq!(change.orders.update[0].last_event.as_ref(), Some(&change.events[0].id));

    let nothing =
        advance(&tried(&run, &around.before, &Outcome::done(Learnt::Nothing), NOW), &ids(), &Policy::default());
    let change = renew(&around, &nothing, NOW, &ids());
    assert_eq!((change.lines.len(), change.events.len()), (0, 0));
}

#[test]
fn the_inboxes_of_a_given_up_domain_let_their_addresses_go() {
    let inbox = Inbox {
        id: Id::opaque("inb_1"),
        partner: PartnerId::opaque("org_1"),
        world: World::live(),
        domain: DomainId::opaque("dom_1"),
        order: OrderId::opaque("ord_1"),
        user: UserId::opaque("usr_1"),
        email: "alex@acme.com".into(),
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        provider: MailProvider::Google,
        status: InboxStatus::Active,
        link: LinkStatus::Waiting,
        account_id: None,
        created_at: Time(0),
        version: 1,
    };
    assert_eq!(failed(true, vec![inbox]).inboxes.update[0].status, InboxStatus::Deleted);
}

#[test]
fn whoever_is_stopped_during_the_last_step_is_not_delivered() {
    let stopped = Domain { stop: Some(crate::domain::Stop::Replaced), ..domain(DomainStatus::Connecting, true) };
    let next = moved(&run_at(StepName::ConfirmReady), &stopped, Then::Done);
    assert_eq!((next.next, next.run.state, next.domain.status), (Next::Go, RunState::Open, DomainStatus::Connecting));
    let ended = moved(&next.run, &next.domain, Then::Stop);
    assert_eq!((ended.domain.status, ended.next), (DomainStatus::Released, Next::Finished));
}

#[test]
fn a_domain_works_on_while_a_swap_waits() {
    for (kind, step) in [(RunKind::Replace, StepName::FindReplacement), (RunKind::Rename, StepName::RenameInbox)] {
        let run = Run { kind, step, ..run_at(StepName::RegisterName) };
        let ask = Then::Ask { reason: ActionReason::NameTaken, persona: None };
        let asked = moved(&run, &domain(DomainStatus::Active, true), ask);
        assert_eq!((asked.domain.status, asked.run.state), (DomainStatus::Active, RunState::Asking));
        // What another workflow asks about is not answered by this one.
        let done = moved(&asked.run, &domain(DomainStatus::ActionRequired, true), Then::Done);
        assert_eq!(done.domain.status, DomainStatus::ActionRequired);
    }
}

#[test]
fn what_will_never_work_is_taken_down_before_it_has_failed() {
    let outcome =
        Outcome { learnt: Learnt::Hopeless { words: "The mail host does not take it.".into() }, then: retry() };
    let (run, before) = (run_at(StepName::OpenMailDomain), domain(DomainStatus::Configuring, true));
    let doomed = advance(&tried(&run, &before, &outcome, NOW), &ids(), &Policy::default());
    assert_eq!((doomed.domain.stop, doomed.run.state), (Some(Stop::GivenUp), RunState::Open));
    let over = moved(&doomed.run, &doomed.domain, Then::Stop);
    assert_eq!((over.domain.status, over.domain.stop), (DomainStatus::Failed, None));
    let record = over.run.steps.last().unwrap();
    assert_eq!(record.trouble.as_deref(), Some("The mail host does not take it."));
}

#[test]
fn nobody_is_asked_about_what_has_left() {
    let leaving = domain(DomainStatus::Releasing, true);
    let run = Run::new(RunId::opaque("run_1"), RunKind::Close, &leaving, NOW);
    let ask = Then::Ask { reason: ActionReason::AdminConsentNeeded, persona: None };
    let parked = moved(&run, &leaving, ask);
    assert_eq!((parked.ask, parked.domain.status), (None, DomainStatus::Releasing));
    assert_eq!(parked.run.steps.last().unwrap().who, Some(Who::Operator));
}

#[test]
fn a_step_has_started_when_its_first_try_was_begun() {
    let first = moved(&run_at(StepName::CreateZone), &domain(DomainStatus::Configuring, true), retry());
    let began_at = NOW.partner().plus(-SECOND);
    assert_eq!(first.run.steps[0].started_at, began_at);
    let later = Now { server: NOW.server.plus(MINUTE), ..NOW };
    let second =
        advance(&tried(&first.run, &first.domain, &Outcome::then(Then::Done), later), &ids(), &Policy::default());
    let record = &second.run.steps[0];
    assert_eq!((record.started_at, record.finished_at), (began_at, Some(later.partner())));
}

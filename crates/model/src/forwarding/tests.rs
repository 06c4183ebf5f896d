//! Which domains a job changes, and how each comes to an end.

use super::*;
use crate::change::Change;
use crate::clock::{DAY, HandClock, Now, SECOND};
use crate::domain::{Domain, DomainName, DomainStatus, Source};
use crate::event::EventKind;
use crate::id::{Id, Ids, OrderId, RunId};
use crate::run::tests::tried as a_try;
use crate::run::{self, Learnt, Next, Outcome, Policy, Redirecting, Run, RunState, Then, redirect};
use crate::view;
use crate::world::Scope;

const NOW: Now = Now { server: Time(1_000 * SECOND), offset: 50 * SECOND };
const OLD: &str = "https://acme.com";
const NEW: &str = "https://acme.com/offer";

fn ids() -> Ids {
    Ids::seeded(HandClock::at(NOW.server), 1)
}

fn scope() -> Scope {
    Scope { partner: PartnerId::opaque("org_1"), world: World::live() }
}

fn domain(id: &str, name: &str, status: DomainStatus) -> Domain {
    Domain {
        status,
        order: Some(OrderId::opaque("ord_1")),
        forwarding_url: Some(OLD.into()),
        connected_at: (status == DomainStatus::Active).then_some(Time(1)),
        ..Domain::new(DomainId::opaque(id), &scope(), DomainName::stored(name), Source::Registrar, Time(0))
    }
}

fn begun(sent: &[&str], url: &str, facts: &Facts) -> (Change, Forwarding) {
    let wish = Wish { domains: sent.iter().map(ToString::to_string).collect(), url: url.into() };
    start(&scope(), &wish, facts, NOW, &ids())
}

fn facts() -> Facts {
    let asked_later = Domain { connected_at: Some(Time(1)), ..domain("dom_5", "e.com", DomainStatus::ActionRequired) };
    Facts {
        domains: vec![
            domain("dom_1", "a.com", DomainStatus::Active),
            domain("dom_2", "b.com", DomainStatus::Configuring),
            domain("dom_3", "c.com", DomainStatus::Released),
            domain("dom_4", "d.com", DomainStatus::ActionRequired),
            asked_later,
        ],
        under_way: vec![],
    }
}

fn ends(job: &Forwarding) -> Vec<(&str, ForwardingState, Option<ForwardingReason>)> {
    job.entries.iter().map(|entry| (entry.name.as_str(), entry.state, entry.reason)).collect()
}

#[test]
fn ids_and_names_are_mixed_and_each_domain_counts_once() {
    let sent = ["dom_1", "A.com.", "b.com", "dom_3", "c.com", "d.com", "e.com", "Nobody.com", "nobody.com", "dom_9"];
    let (change, job) = begun(&sent, NEW, &facts());
    let not_active = (ForwardingState::Failed, Some(ForwardingReason::NotActive));
    let not_found = (ForwardingState::Failed, Some(ForwardingReason::DomainNotFound));
    assert_eq!(
        ends(&job),
        [
            ("a.com", ForwardingState::Pending, None),
            ("b.com", not_active.0, not_active.1),
            ("c.com", not_active.0, not_active.1),
            ("c.com", not_found.0, not_found.1),
            ("d.com", not_active.0, not_active.1),
            ("e.com", ForwardingState::Pending, None),
            ("nobody.com", not_found.0, not_found.1),
            ("dom_9", not_found.0, not_found.1),
        ]
    );
    assert_eq!((job.status, change.runs.insert.len(), change.tasks.len()), (ForwardingStatus::InProgress, 2, 2));
    let run = &change.runs.insert[0];
    assert_eq!((run.memory.target.as_deref(), run.job.as_deref()), (Some(NEW), Some(job.id.as_str())));
    let shown = view::Forwarding::of(&job);
    assert_eq!((shown.completed_count, shown.failed_count, shown.completed_at), (0, 6, None));
}

#[test]
fn no_web_address_leads_to_itself() {
    for url in ["https://a.com/loop", "https://WWW.A.com.:8443/", "http://a.com"] {
        let (change, job) = begun(&["a.com"], url, &facts());
        assert_eq!(ends(&job), [("a.com", ForwardingState::Failed, Some(ForwardingReason::InvalidTarget))], "{url}");
        assert!(change.runs.insert.is_empty());
    }
}

#[test]
fn what_is_right_already_is_completed_unless_somebody_is_changing_it() {
    let (change, job) = begun(&["a.com"], OLD, &facts());
    assert_eq!((job.status, job.completed_at), (ForwardingStatus::Completed, Some(NOW.partner())));
    assert!(change.runs.insert.is_empty());
    assert_eq!(view::Forwarding::of(&job).completed, ["a.com"]);

    let mut facts = facts();
    let earlier =
        Run::new(RunId::opaque("run_7ZZZZZZZZZ0000000000000000"), crate::run::RunKind::Forward, &facts.domains[0], NOW);
    facts.under_way.push(earlier.clone());
    let (change, job) = begun(&["a.com"], OLD, &facts);
    assert_eq!(job.status, ForwardingStatus::InProgress);
    assert!(change.runs.insert[0].id > earlier.id, "the later change comes after it, whoever made it");
}

#[test]
fn a_jobs_status_is_that_of_its_domains() {
    let (done, failed, pending) = (ForwardingState::Done, ForwardingState::Failed, ForwardingState::Pending);
    for (states, expected) in [
        (&[done, done][..], ForwardingStatus::Completed),
        (&[done, failed], ForwardingStatus::PartialSuccess),
        (&[failed, failed], ForwardingStatus::Failed),
        (&[done, failed, pending], ForwardingStatus::InProgress),
    ] {
        let entry = |state: &ForwardingState| ForwardingEntry {
            name: "a.com".into(),
            domain: None,
            state: *state,
            reason: None,
        };
        assert_eq!(status_of(&states.iter().map(entry).collect::<Vec<_>>()), expected);
    }
}

struct Tried {
    change: Change,
    domain: Domain,
    run: Run,
}

fn tried(outcome: &Outcome) -> Tried {
    let facts = facts();
    let (change, job) = begun(&["a.com", "nobody.com"], NEW, &facts);
    let run = change.runs.insert[0].clone();
    let moved = run::advance(&a_try(&run, &facts.domains[0], outcome, NOW), &ids(), &Policy::default());
    assert_eq!(moved.next, Next::Finished);
    let around = Redirecting { order: run::tests::order(), job, waiting: Some(RunId::opaque("run_9")) };
    let change = redirect(&around, &moved, &outcome.learnt, NOW, &ids());
    assert_eq!(change.make_due, [RunId::opaque("run_9")], "the one that waits comes at once");
    assert_eq!(change.orders.update[0].last_event.as_ref(), Some(&change.events[0].id));
    let (shown, data) = (view::Domain::of(&moved.domain), &change.events[0].data);
    let failed = change.forwardings.update[0].entries[0].reason;
    let why = failed.map(|reason| view::Why::told(reason.as_str(), reason.sentence()));
    assert_eq!(*data, why.map_or_else(|| view::text(&shown), |why| why.beside(&shown)));
    Tried { change, domain: moved.domain, run: moved.run }
}

#[test]
fn a_redirect_that_was_set_is_told_with_the_domain_as_it_is_now() {
    let after = tried(&Outcome::done(Learnt::Nothing));
    assert_eq!((after.domain.status, after.domain.forwarding_url.as_deref()), (DomainStatus::Active, Some(NEW)));
    assert_eq!(after.change.events[0].kind, EventKind::DomainForwardingUpdated);
    let job = &after.change.forwardings.update[0];
    assert_eq!((job.status, job.completed_at), (ForwardingStatus::PartialSuccess, Some(NOW.partner())));
}

#[test]
fn a_redirect_that_failed_leaves_the_domain_as_it_was() {
    for (learnt, expected) in [
        (Learnt::NotForwarded(ForwardingReason::DnsLookupFailed), ForwardingReason::DnsLookupFailed),
        (Learnt::Nothing, ForwardingReason::TargetUnreachable),
    ] {
        let after = tried(&Outcome { learnt, then: Then::Fail { words: "no".into() } });
        assert_eq!(after.domain, facts().domains[0]);
        assert_eq!(after.change.events[0].kind, EventKind::DomainForwardingFailed);
        let job = &after.change.forwardings.update[0];
        assert_eq!((job.status, job.entries[0].reason), (ForwardingStatus::Failed, Some(expected)));
    }
}

/// How many tries a run takes that always ends like this, a minute between them.
fn tries_of(outcome: &Outcome) -> (i64, Run) {
    let facts = facts();
    let (change, _) = begun(&["a.com"], NEW, &facts);
    let (mut run, mut now) = (change.runs.insert[0].clone(), NOW);
    for tries in 1..3_000 {
        let moved = run::advance(&a_try(&run, &facts.domains[0], outcome, now), &ids(), &Policy::default());
        assert_eq!(moved.domain.status, DomainStatus::Active);
        if moved.next == Next::Finished {
            return (tries, moved.run);
        }
        (run, now.server) = (moved.run, now.server.plus(60 * SECOND));
    }
    panic!("it never ends");
}

#[test]
fn whatever_is_in_its_way_a_job_comes_to_an_end() {
    let most = Policy::default().max_attempts;
    for then in [Then::Retry { words: "busy".into() }, Then::Operator { words: "account closed".into() }] {
        let (tries, run) = tries_of(&Outcome::then(then));
        assert_eq!((tries, run.state, run.steps[0].attempts), (most, RunState::Failed, most));
    }
    let (tries, run) = tries_of(&Outcome::then(Then::Wait { until: Time(0), why: "still at it".into() }));
    assert_eq!((tries, run.state), (1 + DAY / (60 * SECOND), RunState::Failed));
    assert_eq!(tried(&Outcome::done(Learnt::Nothing)).run.state, RunState::Done);
}

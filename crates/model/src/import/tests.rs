//! Which names become what, and what the tries of their steps mean for the job.

use super::*;
use crate::action::{Action, ActionReason};
use crate::change::Change;
use crate::clock::{DAY, HandClock, MINUTE, Now, SECOND};
use crate::domain::{Domain, DomainName, DomainStatus, MailProvider, RegistryStatus, Source};
use crate::event::EventKind;
use crate::id::{Id, Ids, RunId};
use crate::run::tests::tried;
use crate::run::{
    self, Importing, Learnt, Next, Outcome, Policy, Run, RunKind, RunState, StepName, Then, Try, await_delegation,
    progress,
};
use crate::view;
use crate::world::{Scope, World};

const NOW: Now = Now { server: Time(1_000_000 * SECOND), offset: 50 * SECOND };

fn ids() -> Ids {
    Ids::seeded(HandClock::at(NOW.server), 1)
}

fn scope() -> Scope {
    Scope { partner: PartnerId::opaque("org_1"), world: World::live() }
}

fn wish(sent: &[&str], replace_live_mail: bool) -> Wish {
    let sent: Vec<_> = sent.iter().map(ToString::to_string).collect();
    Wish { entries: distinct(&sent), fingerprint: "set".into(), replace_live_mail }
}

fn begun(sent: &[&str]) -> Started {
    start(&scope(), &wish(sent, false), Facts::default(), NOW, &ids())
}

fn reasons(started: &Started) -> Vec<(&str, Option<ImportReason>)> {
    started.rows.iter().map(|row| (row.name.as_str(), row.reason)).collect()
}

fn kinds(change: &Change) -> Vec<EventKind> {
    change.events.iter().map(|event| event.kind).collect()
}

#[test]
fn names_are_normalised_and_each_counts_once() {
    let started =
        begun(&[" Acme-Mail.COM. ", "www.acme.com", "acme-mail.com", "no name", "no name", "co.uk", "x.nope", ""]);
    assert_eq!(
        reasons(&started),
        [
            ("acme-mail.com", None),
            ("www.acme.com", Some(ImportReason::NotRoot)),
            ("no name", Some(ImportReason::Invalid)),
            ("co.uk", Some(ImportReason::NotRoot)),
            ("x.nope", Some(ImportReason::Invalid)),
            ("", Some(ImportReason::Invalid)),
        ]
    );
    let counts = (started.import.domain_count, started.import.failed_count, started.import.status);
    assert_eq!(counts, (6, 5, ImportStatus::InProgress));
    assert!(kinds(&started.change).is_empty());
    let domain = &started.change.domains.insert[0];
    assert_eq!((domain.status, domain.source, domain.held), (DomainStatus::Configuring, Source::Imported, false));
    assert_eq!((domain.order.as_ref(), domain.usable_for.len()), (None, 2));
    let run = &started.change.runs.insert[0];
    assert_eq!((run.kind, run.job.as_deref()), (RunKind::Import, Some(started.import.id.as_str())));
    assert_eq!(started.change.tasks[0].subject, run.id.as_str());
}

#[test]
fn what_is_given_back_has_no_control_characters_and_a_bounded_length() {
    let long = format!("a\u{0}b{}", "x".repeat(2_000));
    let row = &begun(&[&long]).rows[0];
    assert!(row.name.starts_with("a\u{fffd}bx") && row.name.chars().count() == 255);
}

#[test]
fn a_name_that_is_here_already_fails_whoever_has_it_and_nobody_is_named() {
    let mut held = Domain::new(
        Id::opaque("dom_1"),
        &Scope { partner: PartnerId::opaque("org_2"), world: World::live() },
        DomainName::stored("acme.com"),
        Source::Registrar,
        Time(0),
    );
    held.status = DomainStatus::Active;
    let facts = Facts { newest: None, held: vec![held] };
    let started = start(&scope(), &wish(&["acme.com"], false), facts, NOW, &ids());
    assert_eq!(reasons(&started), [("acme.com", Some(ImportReason::AlreadyImported))]);
    assert_eq!((started.import.status, started.rows[0].domain.as_ref()), (ImportStatus::Failed, None));
    assert_eq!(kinds(&started.change), [EventKind::DomainImportFailed]);
    assert_eq!(started.import.completed_at, Some(NOW.partner()));
    let shown = view::Why::nothing_imported().beside(&view::Import::of(&started.import, &started.rows));
    assert_eq!(started.change.events[0].data, shown, "the event carries what the GET shows, and why it was told");
    assert!(started.change.tasks.is_empty());
}

/// Whether the same set is answered by an older job like this.
fn answered(adjust: impl FnOnce(&mut Import, &mut Vec<ImportRow>), replace_live_mail: bool) -> bool {
    let mut old = begun(&["acme.com"]);
    adjust(&mut old.import, &mut old.rows);
    let facts = Facts { newest: Some((old.import.clone(), old.rows)), held: vec![] };
    let again = start(&scope(), &wish(&["acme.com"], replace_live_mail), facts, NOW, &ids());
    let found = again.change == Change::default();
    assert_eq!(found, again.import.id == old.import.id && again.change.imports.insert.is_empty());
    if !found {
        assert!(!again.change.imports.update[0].newest && again.import.newest);
    }
    found
}

#[test]
fn the_same_set_answers_with_its_job_while_that_is_open_and_for_a_day_after() {
    let ended =
        |at: i64| move |import: &mut Import, _: &mut Vec<ImportRow>| import.completed_at = Some(NOW.partner().plus(at));
    assert!(answered(|_, _| (), false));
    assert!(answered(|import, _| import.created_at = NOW.partner().plus(-9 * DAY), true));
    assert!(answered(ended(-DAY + SECOND), false));
    assert!(!answered(ended(-DAY), false));
}

#[test]
fn names_that_failed_for_their_mail_are_tried_anew_once_it_may_be_replaced() {
    let live_mail = |_: &mut Import, rows: &mut Vec<ImportRow>| rows[0].reason = Some(ImportReason::LiveMail);
    assert!(answered(live_mail, false));
    assert!(!answered(live_mail, true));
}

#[test]
fn names_that_failed_for_what_is_mended_elsewhere_are_tried_anew() {
    for reason in [ImportReason::Signed, ImportReason::Locked, ImportReason::Suspended] {
        let mended = |import: &mut Import, rows: &mut Vec<ImportRow>| {
            rows[0].reason = Some(reason);
            import.completed_at = Some(NOW.partner());
        };
        assert!(!answered(mended, false), "it may be mended by now: {reason:?}");
    }
    let under_way = |import: &mut Import, rows: &mut Vec<ImportRow>| {
        rows[0].reason = Some(ImportReason::Signed);
        import.completed_at = None;
    };
    assert!(answered(under_way, false), "other names of the job are being worked on");
}

#[test]
fn a_name_is_looked_at_before_it_is_taken_over() {
    let (some, none) = (&["ns1.elsewhere.example".to_owned()][..], &[][..]);
    let mail = &["10 mx.elsewhere.example.".to_owned()][..];
    for (nameservers, mail, replace, expected) in [
        (none, none, false, Some(ImportReason::NotRegistered)),
        (none, mail, true, Some(ImportReason::NotRegistered)),
        (some, none, false, None),
        (some, mail, false, Some(ImportReason::LiveMail)),
        (some, mail, true, None),
        (some, &["0 .".to_owned()][..], false, None),
    ] {
        let seen = Seen { nameservers, mail, is_signed: false, statuses: Some(&[]) };
        assert_eq!(inspect(seen, replace), expected, "{nameservers:?} {mail:?} {replace}");
        let signed = inspect(Seen { is_signed: true, ..seen }, replace);
        assert_eq!(signed, expected.or(Some(ImportReason::Signed)), "what comes first is told first");
        let unknown = inspect(Seen { statuses: None, ..seen }, replace);
        assert_eq!(unknown, expected, "what nobody can say is in nobody's way");
        let with =
            |statuses: &[RegistryStatus]| inspect(Seen { statuses: Some(statuses), is_signed: true, ..seen }, replace);
        let lock = RegistryStatus::ClientUpdateProhibited;
        assert_eq!(with(&[lock]), expected.or(Some(ImportReason::Locked)));
        assert_eq!(
            with(&[lock, RegistryStatus::ServerHold]),
            Some(ImportReason::Suspended),
            "without a delegation too"
        );
    }
}

#[test]
fn a_jobs_status_is_that_of_its_names() {
    for (waiting, asking, connected, failed, expected) in [
        (1, 0, 3, 3, ImportStatus::InProgress),
        (1, 1, 3, 3, ImportStatus::ActionRequired),
        (0, 1, 0, 0, ImportStatus::ActionRequired),
        (0, 0, 1, 3, ImportStatus::Completed),
        (0, 0, 0, 3, ImportStatus::Failed),
    ] {
        assert_eq!(status_of(Tally { waiting, asking, connected, failed }), expected);
    }
}

/// A name of a job of two, as it stands, and its next try.
struct Bench {
    import: Import,
    rows: Vec<ImportRow>,
    run: Run,
    domain: Domain,
    action: Option<Action>,
}

impl Bench {
    fn new() -> Self {
        let started = begun(&["acme.com", "bravo.com"]);
        let change = started.change;
        let (run, domain) = (change.runs.insert[0].clone(), change.domains.insert[0].clone());
        Self { import: started.import, rows: started.rows, run, domain, action: None }
    }

    /// What the other name has come to.
    fn with_other(mut self, status: ImportRowStatus) -> Self {
        self.rows[1].status = status;
        self
    }

    fn try_once(&mut self, outcome: Outcome) -> Change {
        let moved = run::advance(&tried(&self.run, &self.domain, &outcome, NOW), &ids(), &Policy::default());
        let row = progress(&self.rows[0], &moved, &outcome.learnt);
        let around = Importing {
            import: self.import.clone(),
            row: self.rows[0].clone(),
            open_action: self.action.clone(),
            tally: Tally::of(&self.rows),
            rows: self.rows.clone(),
        };
        let change = run::import(&around, &moved, &row, NOW, &ids());
        assert_eq!(around.status_with(&row), change.imports.update[0].status);
        (self.run, self.domain) = (moved.run, moved.domain);
        self.rows[0] = row;
        self.import = change.imports.update[0].clone();
        self.action = change.actions.insert.first().cloned().or(self.action.take());
        change
    }

    fn at(&mut self, step: StepName) -> &mut Self {
        self.run.step = step;
        self
    }
}

fn ask() -> Outcome {
    Outcome::then(Then::Ask { reason: ActionReason::NameserversNotPointed, persona: None })
}

#[test]
fn a_name_whose_nameservers_have_come_is_in_the_inventory() {
    let mut bench = Bench::new().with_other(ImportRowStatus::Failed);
    let zone = Learnt::Zone { nameservers: vec!["ns2.x".into(), "ns1.x".into()], found: vec![] };
    bench.at(StepName::CreateZone).try_once(Outcome::done(zone));
    assert_eq!((bench.run.step, bench.rows[0].nameservers.len()), (StepName::PublishRecords, 2));
    assert_eq!(kinds(&bench.try_once(Outcome::done(Learnt::Nothing))), []);
    assert_eq!(bench.run.step, StepName::DelegateName);
    let change = bench.try_once(Outcome::done(Learnt::Nothing));
    assert_eq!((bench.domain.status, bench.domain.held), (DomainStatus::Available, true));
    assert_eq!((bench.run.state, bench.rows[0].status), (RunState::Done, ImportRowStatus::Connected));
    assert_eq!(kinds(&change), [EventKind::DomainImportCompleted]);
    let job = &bench.import;
    assert_eq!((job.completed_count, job.failed_count, job.completed_at), (1, 1, Some(NOW.partner())));
    let shown = view::Import::of(job, &bench.rows);
    assert_eq!(change.events[0].data, view::text(&shown));
    let group =
        view::NameserverGroup { nameservers: vec!["ns1.x".into(), "ns2.x".into()], domains: vec!["acme.com".into()] };
    assert_eq!(shown.nameserver_groups, [group]);
}

#[test]
fn a_job_goes_on_while_another_name_waits() {
    let mut bench = Bench::new();
    assert_eq!(kinds(&bench.at(StepName::DelegateName).try_once(Outcome::done(Learnt::Nothing))), []);
    assert_eq!((bench.import.status, bench.import.completed_count), (ImportStatus::InProgress, 1));
}

#[test]
fn a_question_is_asked_once_told_for_the_job_and_answered_by_the_nameservers() {
    let mut bench = Bench::new().with_other(ImportRowStatus::Connected);
    let change = bench.at(StepName::DelegateName).try_once(ask());
    assert_eq!(kinds(&change), [EventKind::DomainActionRequired, EventKind::DomainImportActionRequired]);
    assert!(change.events[0].id < change.events[1].id);
    let action = &change.actions.insert[0];
    assert_eq!(
        (action.reason, action.order.as_ref(), action.user.as_ref()),
        (ActionReason::NameserversNotPointed, None, None)
    );
    assert_eq!((bench.domain.status, bench.import.completed_at), (DomainStatus::ActionRequired, None));

    let again = bench.try_once(ask());
    assert_eq!((kinds(&again), again.actions), (vec![], crate::change::Rows::default()));

    let change = bench.try_once(Outcome::done(Learnt::Nothing));
    assert!(!change.actions.update[0].open && !bench.rows[0].asking);
    assert_eq!(kinds(&change), [EventKind::DomainImportCompleted]);
    assert_eq!(bench.domain.status, DomainStatus::Available);
}

#[test]
fn a_name_that_fails_is_free_again_and_says_why() {
    let fail = |learnt| Outcome { learnt, then: Then::Fail { words: "no".into() } };
    for (step, learnt, expected) in [
        (StepName::InspectName, Learnt::NotImported(ImportReason::LiveMail), ImportReason::LiveMail),
        (StepName::InspectName, Learnt::Nothing, ImportReason::NotRegistered),
        (StepName::CreateZone, Learnt::Nothing, ImportReason::ZoneRefused),
    ] {
        let mut bench = Bench::new().with_other(ImportRowStatus::Failed);
        let change = bench.at(step).try_once(fail(learnt));
        assert_eq!((bench.domain.status, bench.domain.held), (DomainStatus::Failed, false));
        assert_eq!((bench.rows[0].status, bench.rows[0].reason), (ImportRowStatus::Failed, Some(expected)));
        assert_eq!(kinds(&change), [EventKind::DomainImportFailed]);
    }
}

/// What happens so long after the delegation was first looked at.
fn after(source: Source, waited: i64) -> Then {
    let mut bench = Bench::new();
    bench.domain.source = source;
    bench.at(StepName::DelegateName);
    let wait = await_delegation(&bench.run, &bench.domain, NOW.partner());
    let outcome = Outcome::then(wait);
    let look = Try { began_at: NOW.partner(), ..tried(&bench.run, &bench.domain, &outcome, NOW) };
    let moved = run::advance(&look, &ids(), &Policy::default());
    assert_eq!(moved.next, Next::At(NOW.server.plus(MINUTE)), "the first look is always followed by another");
    await_delegation(&moved.run, &moved.domain, NOW.partner().plus(waited))
}

#[test]
fn nameservers_are_waited_for_as_long_as_it_takes_whoever_sets_them() {
    let waits = |then: Then| matches!(then, Then::Wait { .. });
    assert!(waits(after(Source::Imported, DAY - 1)));
    assert!(matches!(after(Source::Imported, DAY), Then::Ask { reason: ActionReason::NameserversNotPointed, .. }));
    assert!(waits(after(Source::Registrar, crate::clock::HOUR - 1)));
    assert!(matches!(after(Source::Registrar, crate::clock::HOUR), Then::Operator { .. }));
}

#[test]
fn imported_names_serve_both_providers() {
    let started = begun(&["acme.com"]);
    let usable = &started.change.domains.insert[0].usable_for;
    assert_eq!(*usable, [MailProvider::Google, MailProvider::Microsoft]);
    assert!(started.change.runs.insert[0].id.as_str().starts_with(RunId::PREFIX));
}

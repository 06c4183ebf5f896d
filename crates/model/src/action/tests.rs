//! Answers: which come in time, and whom they help.

use secrecy::ExposeSecret as _;

use super::*;
use crate::by_hand::{Handed, Login, Record, passwords};
use crate::change::Change;
use crate::dns::RrType;
use crate::domain::{Domain, DomainName, DomainStatus, Stop};
use crate::id::Id as _;
use crate::inbox::plan;
use crate::order::Rules;
use crate::persona::Persona;
use crate::refusal::Refusal;
use crate::run::tests::{NOW, domain, ids, order};
use crate::run::{Memory, Run, RunKind, RunState, StepName};
use crate::secret::Secret;

fn asking(n: usize, kind: RunKind, step: StepName) -> Run {
    let domain = Domain { id: dom(n), ..domain(DomainStatus::ActionRequired, false) };
    let run = Run::new(RunId::opaque(format!("run_{n}")), kind, &domain, NOW);
    Run { step, state: RunState::Asking, ..run }
}

fn dom(n: usize) -> DomainId {
    DomainId::opaque(format!("dom_{n}"))
}

fn question(n: usize, reason: ActionReason, persona: Option<i64>) -> Action {
    Action {
        id: ActionId::opaque(format!("act_{n}")),
        partner: PartnerId::opaque("org_1"),
        world: World::live(),
        reason,
        open: true,
        order: Some(order().id),
        domain: dom(n),
        domain_name: "acme.com".into(),
        user: None,
        persona,
        message: String::new(),
        created_at: Time(0),
        run: Some(RunId::opaque(format!("run_{n}"))),
        resolved_at: None,
        answered: None,
        version: 1,
    }
}

/// A question about the first of several domains.
fn facts(reason: ActionReason, step: StepName) -> Resolving {
    let action = question(1, reason, None);
    Resolving {
        access: Access::default(),
        order: Some(order()),
        domain: domain(DomainStatus::ActionRequired, false),
        runs: vec![asking(1, RunKind::Provision, step)],
        open: vec![action.clone()],
        action,
        with_own_people: vec![],
        look: Look::Over,
        answered: answered("1"),
        held: vec![],
        answers: vec![],
        allowances: vec![],
    }
}

fn answered(hash: &str) -> Option<Answered> {
    Some(Answered { with: "give_up".into(), hash: hash.into() })
}

fn taken() -> Resolving {
    facts(ActionReason::NameTaken, StepName::RegisterName)
}

fn decided(facts: &Resolving, answer: &Answer) -> Result<Change, Refusal> {
    resolve(facts, answer, &Rules::default(), NOW, &ids())
}

fn reason(facts: &Resolving, answer: &Answer) -> Option<String> {
    let refusal = decided(facts, answer).err()?;
    Some(refusal.first().details["reason"].as_str().unwrap_or_default().to_owned())
}

fn made_due(change: &Change) -> Vec<&str> {
    change.make_due.iter().map(|run| run.as_str()).collect()
}

fn login() -> Answer {
    Answer::Login { email: "a@acme.com".into(), password: Secret::plain("x") }
}

#[test]
fn what_decides_a_purchase_wins_for_certain_or_is_refused() {
    let name = Answer::Replacement(DomainName::stored("other.com"));
    for answer in [Answer::GiveUp, Answer::MaxTotal(1), name] {
        for look in [Look::Unclear, Look::UnderWay] {
            let refused = reason(&Resolving { look, ..taken() }, &answer);
            assert_eq!(refused.as_deref(), Some("being_looked_at"), "{answer:?} {look:?}");
        }
        let mut pending = taken();
        pending.runs[0].memory.in_doubt = true;
        assert_eq!(reason(&pending, &answer).as_deref(), Some("being_looked_at"), "{answer:?}, and it may be bought");
    }
    let given_up = decided(&taken(), &Answer::GiveUp).unwrap();
    assert_eq!(given_up.domains.update[0].stop, Some(Stop::GivenUp));
    let under_way = Resolving { look: Look::UnderWay, ..taken() };
    assert_eq!(decided(&under_way, &Answer::Again).unwrap().runs.update[0].memory.nudges, 1);
}

#[test]
fn a_price_that_was_agreed_to_is_paid_before_anything_else_is_decided() {
    let first = decided(&taken(), &Answer::MaxTotal(9_999)).unwrap();
    let [action] = &first.actions.update[..] else { panic!("{first:?}") };
    let with = Some(Answered { with: "max_total_cents".into(), hash: "1".into() });
    let agreed = Resolving { action: Action { answered: with, ..action.clone() }, look: Look::Due, ..taken() };
    let name = Answer::Replacement(DomainName::stored("other.com"));
    for answer in [Answer::GiveUp, Answer::MaxTotal(1), name] {
        assert_eq!(reason(&agreed, &answer).as_deref(), Some("being_looked_at"), "{answer:?}");
    }
    let looked = Resolving { look: Look::Over, ..agreed };
    assert_eq!(reason(&looked, &Answer::GiveUp), None, "it was looked at, and the question is open still");
    let asked_again = Resolving { look: Look::Due, ..taken() };
    assert_eq!(reason(&asked_again, &Answer::GiveUp), None, "nothing was decided before");
}

#[test]
fn a_dearer_renewal_is_allowed_and_nothing_else_is_decided_about_it() {
    let step = facts(ActionReason::PriceChanged, StepName::RenewName);
    let domain = Domain { connected_at: Some(Time(0)), ..domain(DomainStatus::ActionRequired, true) };
    let mut dearer = Resolving { domain, ..step };
    dearer.runs[0].kind = RunKind::Renew;
    assert_eq!(reason(&dearer, &Answer::MaxTotal(9_999)).as_deref(), Some("not_in_the_making"), "no price is known");
    dearer.runs[0].memory.renewal_cents = Some(3_000);
    let refused = decided(&dearer, &Answer::MaxTotal(2_999)).unwrap_err();
    let details = &refused.first().details;
    assert_eq!((&details["expected_cents"], &details["actual_cents"]), (&2_999.into(), &3_000.into()));
    let change = decided(&dearer, &Answer::MaxTotal(3_000)).unwrap();
    let [agreed] = &change.domains.update[..] else { panic!("{change:?}") };
    assert_eq!((agreed.renewal_price_cents, agreed.renewal_cost_cents), (3_000, 3_000));
    assert_eq!((change.lines.len(), made_due(&change)), (0, vec!["run_1"]), "it is booked when it is renewed");
    let name = Answer::Replacement(DomainName::stored("other.com"));
    for answer in [Answer::GiveUp, name] {
        assert_eq!(reason(&dearer, &answer).as_deref(), Some("not_in_the_making"), "{answer:?}");
    }
    for look in [Look::Unclear, Look::UnderWay] {
        let looked_at = Resolving { look, ..dearer.clone() };
        assert_eq!(reason(&looked_at, &Answer::MaxTotal(3_000)).as_deref(), Some("being_looked_at"), "{look:?}");
    }
    let login = decided(&dearer, &login()).unwrap_err();
    assert!(login.first().message.contains("Send `max_total_cents`, or nothing"), "{}", login.first().message);
    dearer.action.reason = ActionReason::RegistrarRejected;
    assert_eq!(reason(&dearer, &Answer::MaxTotal(3_000)).as_deref(), Some("not_in_the_making"));
}

#[test]
fn what_is_bought_already_is_given_up_at_any_moment() {
    let step = facts(ActionReason::AdminConsentNeeded, StepName::OpenMailDomain);
    let bought = Resolving { look: Look::UnderWay, domain: domain(DomainStatus::ActionRequired, true), ..step };
    assert_eq!(decided(&bought, &Answer::GiveUp).unwrap().domains.update[0].stop, Some(Stop::GivenUp));
}

#[test]
fn a_login_or_a_picture_is_refused_only_while_somebody_works_with_the_old_one() {
    for (facts, answer) in [
        (facts(ActionReason::CredentialsRejected, StepName::LinkSequencer), login()),
        (facts(ActionReason::ProfilePictureNotAnImage, StepName::CreateInboxes), Answer::Picture("https://a".into())),
        (facts(ActionReason::TargetUnreachable, StepName::SetForwarding), Answer::Target("https://a".into())),
    ] {
        let at = |look| Resolving { look, ..facts.clone() };
        assert_eq!(reason(&at(Look::UnderWay), &answer).as_deref(), Some("being_looked_at"), "{answer:?}");
        assert_eq!(reason(&at(Look::Unclear), &answer), None, "{answer:?}: whoever was lost reads it anew");
    }
}

#[test]
fn no_answer_has_a_web_address_lead_to_itself() {
    let facts = facts(ActionReason::TargetUnreachable, StepName::SetForwarding);
    let own = format!("https://www.{}/x", facts.domain.name);
    let refusal = decided(&facts, &Answer::Target(own)).unwrap_err();
    assert_eq!(refusal.faults().next().and_then(|fault| fault.field.as_deref()), Some("forwarding_url"));
    assert!(decided(&facts, &Answer::Target("https://elsewhere.example".into())).is_ok());
}

#[test]
fn the_same_answer_again_has_it_looked_at_again() {
    let first = decided(&taken(), &Answer::GiveUp).unwrap();
    let [action] = &first.actions.update[..] else { panic!("{first:?}") };
    let again = Resolving { action: action.clone(), look: Look::UnderWay, ..taken() };
    let change = decided(&again, &Answer::GiveUp).unwrap();
    assert_eq!((change.domains.update.len(), change.actions.update.len()), (0, 0));
    assert_eq!(made_due(&change), ["run_1"]);
}

#[test]
fn a_late_answer_is_refused_unless_it_is_the_one_that_resolved_it() {
    let mut late = taken();
    late.action = Action { open: false, resolved_at: Some(Time(0)), answered: answered("1"), ..late.action };
    assert_eq!(decided(&late, &Answer::GiveUp), Ok(Change::default()), "the answer that resolved it");
    assert_eq!(decided(&late, &Answer::Again), Ok(Change::default()), "asks for nothing");
    let other = Resolving { answered: answered("2"), ..late.clone() };
    let refused = decided(&other, &Answer::MaxTotal(9)).unwrap_err();
    let details = &refused.first().details;
    assert_eq!((&details["reason"], &details["resolved_with"]), (&"already_resolved".into(), &"give_up".into()));
    assert_eq!(details["domain_status"], "action_required");
    late.action.answered = None;
    assert_eq!(reason(&late, &Answer::GiveUp).as_deref(), Some("already_resolved"), "it resolved itself");
}

#[test]
fn what_is_replaced_or_cancelled_is_not_given_up_beside_it() {
    for (stop, refused) in [(Stop::GivenUp, false), (Stop::Replaced, true), (Stop::Cancelled, true)] {
        let stopped = Domain { stop: Some(stop), ..domain(DomainStatus::ActionRequired, false) };
        let reason = reason(&Resolving { domain: stopped, ..taken() }, &Answer::GiveUp);
        assert_eq!(reason.as_deref(), refused.then_some("already_stopped"), "{stop:?}");
    }
}

#[test]
fn a_login_helps_those_who_wait_for_a_login() {
    let mut facts = facts(ActionReason::CredentialsRejected, StepName::LinkSequencer);
    facts.runs.push(asking(2, RunKind::Provision, StepName::LinkSequencer));
    facts.runs.push(asking(3, RunKind::Provision, StepName::RegisterName));
    facts.runs.push(asking(4, RunKind::Rename, StepName::RelinkInbox));
    facts.runs.push(Run { state: RunState::Open, ..asking(5, RunKind::Provision, StepName::LinkSequencer) });
    facts.open.push(question(2, ActionReason::CredentialsRejected, None));
    facts.open.push(question(3, ActionReason::NameTaken, None));
    let change = decided(&facts, &login()).unwrap();
    assert_eq!(made_due(&change), ["run_1", "run_2", "run_4"]);
    let remembered: Vec<_> = change.actions.update.iter().map(|action| action.id.as_str()).collect();
    assert_eq!(remembered, ["act_2", "act_1"], "it resolves all that it helps");
    assert_eq!(made_due(&decided(&facts, &Answer::Again).unwrap()), ["run_1"]);
}

#[test]
fn a_picture_helps_those_who_wait_for_the_same_persons_picture() {
    let step = StepName::CreateInboxes;
    let mut facts = facts(ActionReason::ProfilePictureNotAccessible, step);
    facts.action.persona = Some(1);
    for (n, persona) in [(2, 1), (3, 0), (4, 1)] {
        facts.runs.push(asking(n, RunKind::Provision, step));
        facts.open.push(question(n, ActionReason::ProfilePictureNotAnImage, Some(persona)));
    }
    let memory = Memory { persona: Some(1), ..Memory::default() };
    facts.runs.push(Run { memory, ..asking(5, RunKind::Rename, StepName::RenameInbox) });
    facts.with_own_people = vec![dom(4), dom(5)];
    let change = decided(&facts, &Answer::Picture("https://acme.com/a.png".into())).unwrap();
    assert_eq!(made_due(&change), ["run_1", "run_2"], "another person's, and another domain's own people");
}

#[test]
fn only_the_run_that_asked_looks_again() {
    let mut facts = facts(ActionReason::RegistrarRejected, StepName::RenewName);
    facts.runs[0].kind = RunKind::Renew;
    let drift = Run { id: RunId::opaque("run_2"), ..asking(1, RunKind::Watch, StepName::LookAtDns) };
    facts.runs.push(drift);
    assert_eq!(made_due(&decided(&facts, &Answer::Again).unwrap()), ["run_1"]);
    facts.action.run = None;
    assert_eq!(made_due(&decided(&facts, &Answer::Again).unwrap()), ["run_1", "run_2"], "an older version asked");
}

const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

fn by_hand(kind: RunKind, step: StepName) -> Resolving {
    let runs = vec![asking(1, kind, step), Run { domain: dom(1), ..asking(2, kind, step) }];
    Resolving { runs, ..facts(ActionReason::MailboxesByHand, step) }
}

fn records() -> Vec<Record> {
    let record = |rtype, name: &str, value: String| Record { rtype, name: name.into(), value };
    let name = domain(DomainStatus::ActionRequired, false).name;
    vec![
        record(RrType::Mx, "@", "1 smtp.google.com".into()),
        record(RrType::Txt, "@", "v=spf1 include:_spf.google.com ~all".into()),
        record(RrType::Txt, &format!("google._domainkey.{name}"), format!("v=DKIM1; p={KEY}")),
    ]
}

#[test]
fn whoever_renames_mailboxes_by_hand_says_it_of_all_of_the_domain() {
    let facts = by_hand(RunKind::Rename, StepName::RenameInbox);
    let answer = Answer::Mailboxes(Handed { made: true, ..Handed::default() });
    let change = decided(&facts, &answer).unwrap();
    assert_eq!(made_due(&change), ["run_1", "run_2"]);
    assert_eq!(change.runs.update.len(), 2);
    assert!(change.runs.update.iter().all(|run| run.memory.by_hand.as_ref().is_some_and(|known| known.made)));
    assert_eq!(change.runs.update.iter().map(|run| run.memory.nudges).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn records_that_come_after_the_first_ones_are_published_too() {
    let mut facts = by_hand(RunKind::Provision, StepName::CreateInboxes);
    facts.runs.truncate(1);
    let all = Answer::Mailboxes(Handed { made: true, records: records(), logins: vec![] });
    let change = decided(&facts, &all).unwrap();
    assert_eq!(change.runs.update[0].step, StepName::OpenMailDomain);
    facts.runs[0].memory.by_hand = change.runs.update[0].memory.by_hand.clone();
    let same = decided(&facts, &all).unwrap();
    assert_eq!(same.runs.update[0].step, StepName::CreateInboxes, "they are there already");
}

#[test]
fn logins_that_were_sent_before_stay_where_others_are_sent() {
    let mut facts = by_hand(RunKind::Provision, StepName::OpenMailDomain);
    let people = [("Alex", "Rivera"), ("Sam", "Lee")];
    let people = people.map(|(first_name, last_name)| Persona {
        first_name: first_name.into(),
        last_name: last_name.into(),
        profile_picture_url: None,
        addresses: vec![],
    });
    facts.domain.personas = Some(people.to_vec());
    let planned = plan(&facts.domain.name, &people, facts.domain.inboxes_planned, 0, &[]);
    let [first, second, ..] = &planned[..] else { panic!("{planned:?}") };
    facts.access.logins = [(first.email.clone(), "of before".into())].into();
    let logins = vec![Login { email: second.email.clone(), password: "of now".into() }];
    let change = decided(&facts, &Answer::Mailboxes(Handed { made: true, records: records(), logins })).unwrap();
    let Some(Secret::Plain(kept)) = &change.domains.update[0].mail_logins else { panic!("{change:?}") };
    let kept = passwords(kept.expose_secret());
    assert_eq!((kept[&first.email].as_str(), kept[&second.email].as_str()), ("of before", "of now"));
}

#[test]
fn what_was_made_by_hand_answers_nothing_else_and_nothing_that_stops() {
    let answer = Answer::Mailboxes(Handed { made: true, records: records(), logins: vec![] });
    let refused = decided(&facts(ActionReason::LicenceCapacity, StepName::CreateInboxes), &answer).unwrap_err();
    assert_eq!(refused.first().field.as_deref(), Some("mailboxes"));
    let mut stops = by_hand(RunKind::Provision, StepName::OpenMailDomain);
    stops.domain.stop = Some(Stop::Cancelled);
    assert_eq!(reason(&stops, &answer).as_deref(), Some("already_stopped"));
    let mut looked_at = by_hand(RunKind::Provision, StepName::OpenMailDomain);
    looked_at.look = Look::UnderWay;
    assert_eq!(reason(&looked_at, &answer).as_deref(), Some("being_looked_at"));
}

//! One round: it is begun, answered once, and heard by whoever asked.

use super::{Came, Consent, ConsentStatus, Heard};
use crate::change::{Change, Rows};
use crate::clock::{MINUTE, Time};
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::run::{Run, RunState, StepName};
use crate::secret::Secret;

/// How long a round can be answered, in microseconds.
const OPEN: i64 = 30 * MINUTE;
/// How many rounds an inbox has before they are far between.
const FREELY: i64 = 10;
/// How far, in microseconds: ten an hour.
const APART: i64 = 6 * MINUTE;
/// How long a round has to be open still for somebody else who begins to go on with it, in microseconds.
const WORTH_WHILE: i64 = 10 * MINUTE;

/// A round that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// It, as it stands then.
    pub consent: Consent,
    /// What to write.
    pub change: Rows<Consent>,
}

/// Why no round is begun, or why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// The inbox is linked, or has gone: nobody has to consent.
    NotNeeded,
    /// One that was given is being checked.
    Checking,
    /// It was given.
    Granted,
    /// The round was answered, or it is too late for it.
    Over,
    /// It was begun very often, and just now.
    TooOften,
}

/// Begins a round for an inbox, or goes on with the one that is open: two who follow the same link do not disturb each other.
///
/// A grant is given anew for an inbox that is shut all the same.
///
/// # Errors
/// When nobody has to consent, or it was begun too often.
pub fn begin(
    inbox: &Inbox,
    known: Option<&Consent>,
    is_shut: bool,
    redirect_uri: &str,
    now: Time,
) -> Result<Begun, NotNow> {
    if inbox.status == InboxStatus::Deleted || inbox.link == LinkStatus::Linked {
        return Err(NotNow::NotNeeded);
    }
    let Some(known) = known else {
        let consent = first(inbox, redirect_uri, now);
        let change = Rows { insert: vec![consent.clone()], update: vec![] };
        return Ok(Begun { consent, change });
    };
    match known.status {
        ConsentStatus::Checking => return Err(NotNow::Checking),
        ConsentStatus::Granted if !is_shut => return Err(NotNow::Granted),
        ConsentStatus::Waiting if known.is_open(now.plus(WORTH_WHILE)) && known.redirect_uri == redirect_uri => {
            return Ok(Begun { consent: known.clone(), change: Rows::default() });
        }
        _ if known.round >= FREELY && now < known.begun_at().plus(APART) => return Err(NotNow::TooOften),
        _ => {}
    }
    let consent = Consent {
        status: ConsentStatus::Waiting,
        round: known.round + 1,
        open_until: now.plus(OPEN),
        redirect_uri: redirect_uri.to_owned(),
        code: None,
        granted: None,
        ..known.clone()
    };
    let change = Rows { insert: vec![], update: vec![consent.clone()] };
    Ok(Begun { consent, change })
}

fn first(inbox: &Inbox, redirect_uri: &str, now: Time) -> Consent {
    Consent {
        inbox: inbox.id.clone(),
        partner: inbox.partner.clone(),
        world: inbox.world.clone(),
        domain: inbox.domain.clone(),
        status: ConsentStatus::Waiting,
        round: 1,
        open_until: now.plus(OPEN),
        redirect_uri: redirect_uri.to_owned(),
        code: None,
        granted: None,
        created_at: now,
        version: 1,
    }
}

impl Consent {
    /// When its round was begun, server time; a grant that was given up is of no round.
    #[must_use]
    pub const fn begun_at(&self) -> Time {
        self.open_until.plus(-OPEN)
    }

    fn is_open(&self, now: Time) -> bool {
        self.status == ConsentStatus::Waiting && now < self.open_until
    }
}

/// What the mail host sends an owner back with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They said yes: this is what a grant is given for.
    Code(Secret),
    /// They said no.
    Declined,
    /// Something else went wrong there.
    Failed,
}

/// Takes an answer to a round: once, and while it is open. Whoever asked looks at once.
///
/// # Errors
/// When it is not that round's time.
pub fn answer(known: &Consent, round: i64, answer: &Answer, runs: &[Run], now: Time) -> Result<Change, NotNow> {
    if known.round != round || !known.is_open(now) {
        return Err(match known.status {
            ConsentStatus::Checking => NotNow::Checking,
            ConsentStatus::Granted => NotNow::Granted,
            _ => NotNow::Over,
        });
    }
    let (status, code) = match answer {
        Answer::Code(code) => (ConsentStatus::Checking, Some(code.clone())),
        Answer::Declined => (ConsentStatus::Declined, None),
        Answer::Failed => (ConsentStatus::Lapsed, None),
    };
    let mut change = Change::default();
    if code.is_some() {
        for run in runs.iter().filter(|run| run.state == RunState::Asking && links(run)) {
            let mut nudged = run.clone();
            nudged.memory.nudges += 1;
            change.make_due.push(run.id.clone());
            change.runs.update.push(nudged);
        }
    }
    change.consents.update.push(Consent { status, code, ..known.clone() });
    Ok(change)
}

const fn links(run: &Run) -> bool {
    matches!(run.step, StepName::LinkSequencer | StepName::RelinkInbox | StepName::LookAtDns)
}

/// Gives up the grants of inboxes whose passwords were sent after them.
#[must_use]
pub fn give_up(known: &[Consent], now: Time, is_meant: impl Fn(&Consent) -> bool) -> Rows<Consent> {
    let granted = |consent: &&Consent| consent.status == ConsentStatus::Granted && is_meant(consent);
    let after = |consent: &Consent| Consent {
        status: ConsentStatus::Waiting,
        open_until: consent.open_until.min(now),
        granted: None,
        ..consent.clone()
    };
    Rows { insert: vec![], update: known.iter().filter(granted).map(after).collect() }
}

/// The rows then. What was begun anew meanwhile is left as it is.
#[must_use]
pub fn hear(known: &[Consent], heard: &[Heard]) -> Rows<Consent> {
    let after = |consent: &Consent| {
        let about = heard.iter().find(|one| one.inbox == consent.inbox && one.round == consent.round)?;
        let is_asked = matches!(consent.status, ConsentStatus::Checking | ConsentStatus::Granted);
        let (status, granted) = match &about.came {
            Came::Grant(grant) => (ConsentStatus::Granted, Some(grant.clone())),
            Came::Not(status) => (*status, None),
        };
        is_asked.then(|| Consent { status, code: None, granted, ..consent.clone() })
    };
    Rows { insert: vec![], update: known.iter().filter_map(after).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionReason;
    use crate::clock::SECOND;
    use crate::domain::MailProvider;
    use crate::id::{DomainId, Id as _, InboxId, OrderId, PartnerId, UserId};
    use crate::world::World;

    const BACK: &str = "https://mail.example.com/consent/callback";
    const NOW: Time = Time(1_000 * SECOND);

    fn inbox() -> Inbox {
        Inbox {
            id: InboxId::opaque("inb_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            domain: DomainId::opaque("dom_1"),
            order: OrderId::opaque("ord_1"),
            user: UserId::opaque("usr_1"),
            email: "jane@acme.com".into(),
            first_name: "Jane".into(),
            last_name: "Doe".into(),
            provider: MailProvider::Google,
            status: InboxStatus::Active,
            link: LinkStatus::Waiting,
            account_id: None,
            created_at: NOW,
            version: 1,
        }
    }

    fn begun(known: Option<&Consent>, now: Time) -> Begun {
        begin(&inbox(), known, false, BACK, now).unwrap()
    }

    fn code() -> Answer {
        Answer::Code(Secret::plain("4/code"))
    }

    #[test]
    fn two_who_follow_a_link_go_on_with_one_round_and_later_ones_begin_another() {
        let first = begun(None, NOW);
        assert_eq!((first.consent.round, first.change.insert.len()), (1, 1));
        let second = begun(Some(&first.consent), NOW.plus(MINUTE));
        assert_eq!((second.consent, second.change), (first.consent.clone(), Rows::default()));
        let late = begun(Some(&first.consent), NOW.plus(25 * MINUTE));
        assert_eq!((late.consent.round, late.change.update.len()), (2, 1), "five minutes are not enough for anybody");
    }

    #[test]
    fn a_round_is_answered_once_while_it_is_open_and_by_its_own_answer() {
        let open = begun(None, NOW).consent;
        let taken = answer(&open, 1, &code(), &[], NOW).unwrap().consents.update.pop().unwrap();
        assert_eq!((taken.status, taken.code.is_some()), (ConsentStatus::Checking, true));
        assert_eq!(answer(&taken, 1, &code(), &[], NOW), Err(NotNow::Checking));
        assert_eq!(answer(&open, 2, &code(), &[], NOW), Err(NotNow::Over), "of another round");
        assert_eq!(answer(&open, 1, &code(), &[], NOW.plus(OPEN)), Err(NotNow::Over), "too late");
        assert_eq!(begin(&inbox(), Some(&taken), true, BACK, NOW.plus(OPEN)), Err(NotNow::Checking));
        let declined = answer(&open, 1, &Answer::Declined, &[], NOW).unwrap().consents.update.pop().unwrap();
        assert_eq!((declined.status, declined.code.clone()), (ConsentStatus::Declined, None));
        assert_eq!(answer(&declined, 1, &code(), &[], NOW), Err(NotNow::Over));
        assert_eq!(begun(Some(&declined), NOW).consent.round, 2, "and may be given after all");
    }

    #[test]
    fn what_is_heard_is_of_the_round_that_was_asked_about() {
        let open = begun(None, NOW).consent;
        let taken = answer(&open, 1, &code(), &[], NOW).unwrap().consents.update.pop().unwrap();
        let heard = |round, came| vec![Heard { inbox: taken.inbox.clone(), round, came }];
        let grant = Came::Grant(Secret::plain("grant"));
        let granted = hear(std::slice::from_ref(&taken), &heard(1, grant.clone())).update.pop().unwrap();
        assert_eq!((granted.status, granted.code.clone()), (ConsentStatus::Granted, None));
        assert_eq!(granted.granted, Some(Secret::plain("grant")));
        assert_eq!(begin(&inbox(), Some(&granted), false, BACK, NOW), Err(NotNow::Granted));
        let anew = begin(&inbox(), Some(&granted), true, BACK, NOW).unwrap().consent;
        assert_eq!((anew.status, anew.round, anew.granted), (ConsentStatus::Waiting, 2, None));
        let wrong = heard(1, Came::Not(ConsentStatus::WrongAccount));
        let refused = hear(std::slice::from_ref(&taken), &wrong).update.pop().unwrap();
        assert_eq!((refused.status, refused.code, refused.granted), (ConsentStatus::WrongAccount, None, None));
        assert_eq!(hear(std::slice::from_ref(&taken), &heard(2, grant.clone())), Rows::default());
        assert_eq!(hear(&[open], &heard(1, grant)), Rows::default(), "nobody has answered that one yet");
    }

    #[test]
    fn nobody_consents_for_an_inbox_that_is_linked_or_gone() {
        let linked = Inbox { link: LinkStatus::Linked, ..inbox() };
        let gone = Inbox { status: InboxStatus::Deleted, ..inbox() };
        for one in [linked, gone] {
            assert_eq!(begin(&one, None, true, BACK, NOW), Err(NotNow::NotNeeded));
        }
    }

    #[test]
    fn an_inbox_is_shut_whose_link_fails_or_that_is_asked_about_because_it_does() {
        let is_shut = |link, asked| super::super::is_shut(&Inbox { link, ..inbox() }, asked);
        assert!(is_shut(LinkStatus::Failed, ActionReason::InboxAccessNeeded));
        assert!(is_shut(LinkStatus::Waiting, ActionReason::InboxLoginFails));
        assert!(!is_shut(LinkStatus::Waiting, ActionReason::InboxAccessNeeded));
        assert!(
            !is_shut(LinkStatus::Waiting, ActionReason::SmtpAuthNeeded),
            "no grant opens what the tenant keeps shut"
        );
        assert!(!is_shut(LinkStatus::Linked, ActionReason::InboxLoginFails));
        assert_eq!(ConsentStatus::Granted.shown(true), ConsentStatus::Lapsed);
        assert_eq!(ConsentStatus::Declined.shown(true), ConsentStatus::Declined);
    }

    #[test]
    fn a_grant_is_given_up_and_its_round_with_it_and_others_stay() {
        let granted =
            Consent { status: ConsentStatus::Granted, granted: Some(Secret::plain("g")), ..begun(None, NOW).consent };
        let left = give_up(std::slice::from_ref(&granted), NOW, |_| true).update.pop().unwrap();
        assert_eq!((left.status, left.granted.clone()), (ConsentStatus::Waiting, None));
        assert_eq!(answer(&left, 1, &code(), &[], NOW), Err(NotNow::Over), "the round was answered once");
        assert_eq!(begun(Some(&left), NOW).consent.round, 2);
        assert_eq!(give_up(std::slice::from_ref(&granted), NOW, |_| false), Rows::default());
        assert_eq!(give_up(&[begun(None, NOW).consent], NOW, |_| true), Rows::default());
    }

    #[test]
    fn after_ten_rounds_another_one_waits_for_a_while() {
        let mut known = begun(None, NOW).consent;
        for _ in 1..FREELY {
            let declined = answer(&known, known.round, &Answer::Declined, &[], NOW).unwrap().consents.update.remove(0);
            known = begun(Some(&declined), NOW).consent;
        }
        let declined = answer(&known, known.round, &Answer::Declined, &[], NOW).unwrap().consents.update.remove(0);
        let next =
            |after| begin(&inbox(), Some(&declined), false, BACK, NOW.plus(after)).map(|begun| begun.consent.round);
        assert_eq!(next(APART - 1), Err(NotNow::TooOften));
        assert_eq!(next(APART), Ok(FREELY + 1));
    }
}

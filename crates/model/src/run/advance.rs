//! Turns the end of a try into the run's and the domain's next rows.

use super::{Failure, Learnt, Looked, Outcome, Run, RunKind, RunState, StepName, StepRecord, StepState, Then, Who};
use crate::action::ActionReason;
use crate::change::Change;
use crate::clock::{DAY, MINUTE, Now, SECOND, Time};
use crate::domain::{Class, Domain, DomainStatus, Stop};
use crate::evidence::Evidence;
use crate::id::Ids;
use crate::inbox::{Inbox, InboxStatus, LinkStatus};
use crate::order::Order;
use crate::secret::Secret;
use crate::task::back_off;

/// What is in the way of a swap, in words a customer can read.
const NO_REPLACEMENT: &str =
    "The replacement cannot be had yet; we go on by ourselves once it can. Cancel the swap to choose another name.";

/// What a replacement waits for that can be had, but costs more than may be spent now.
const OVER_THE_LIMIT: &str = "The replacement costs more than the monthly spend limit leaves; we go on by ourselves next month, or once the operator has raised it. Cancel the swap to choose a name of your inventory.";

/// What a renewal waits for that costs more than was agreed.
const DEARER_TO_RENEW: &str = "The registrar asks more for another year than was agreed. Allow the higher price, or cancel the domain: then it is not renewed.";

/// How long what gives up may wait for others, in microseconds of partner time.
const PATIENCE: i64 = DAY;

/// How patient the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The first delay after a failed try, in microseconds.
    pub retry_base: i64,
    /// The longest delay between tries, in microseconds.
    pub retry_cap: i64,
    /// Failed tries of one step before the operator is told.
    pub max_attempts: i64,
    /// How often something that waits for a person is looked at, in microseconds.
    pub look_again: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { retry_base: SECOND / 10, retry_cap: 10 * MINUTE, max_attempts: 12, look_again: 10 * MINUTE }
    }
}

/// One try of a run's step that has ended, with what it means something for.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    /// The run before it.
    pub run: &'a Run,
    /// Its domain before it.
    pub domain: &'a Domain,
    /// The domain's inboxes, when it is about some of them.
    pub inboxes: &'a [Inbox],
    /// How it ended.
    pub outcome: &'a Outcome,
    /// When it was begun, partner time.
    pub began_at: Time,
    /// When its end is decided about.
    pub now: Now,
}

/// A run after a try.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The run's next row.
    pub run: Run,
    /// The domain's next row.
    pub domain: Domain,
    /// What the domain was called before.
    pub was: DomainStatus,
    /// Inbox rows to write.
    pub inboxes: Change,
    /// Set when somebody has to do something.
    pub ask: Option<(ActionReason, Option<i64>)>,
    /// Whether it ended because nobody wants it any more.
    pub stopped: bool,
    /// When the run is worked on again.
    pub next: Next,
    /// Whether the run was waiting for a person before.
    asked: bool,
    /// When the try was begun, partner time.
    began_at: Time,
    /// The API key that the order's login was exchanged for.
    key: Option<Secret>,
    /// What was seen of the domain.
    pub(super) evidence: Option<Evidence>,
}

/// When a run is worked on again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once, by whoever holds its task.
    Go,
    /// At a server time.
    At(Time),
    /// Never.
    Finished,
}

impl Moved {
    /// Whether the order has to be looked at: only a change of class, a question, or something to tell concerns it.
    #[must_use]
    pub fn concerns_order(&self) -> bool {
        self.was.class() != self.domain.status.class()
            || self.domain.status.class() == Class::Asking
            || self.linked().next().is_some()
            || self.key.is_some()
    }

    /// The order with the key that its login was exchanged for: the password is not needed any more.
    #[must_use]
    pub(crate) fn with_key(&self, order: &Order) -> Order {
        let mut order = order.clone();
        if let Some(key) = &self.key {
            order.sequencer.api_key = Some(key.clone());
            order.sequencer.login_password = None;
        }
        order
    }
}

impl Moved {
    /// The inboxes that this try linked.
    pub(crate) fn linked(&self) -> impl Iterator<Item = &Inbox> {
        self.inboxes.inboxes.update.iter().filter(|inbox| inbox.link == LinkStatus::Linked)
    }

    /// Whether the run waited for a person before, and does not any more.
    pub(super) fn has_got_on(&self) -> bool {
        self.asked && self.run.state != RunState::Asking
    }
}

/// Decides what one try means for its run and domain. Pure: the same facts give the same rows, apart
/// from the ids of new inboxes and the jitter.
#[must_use]
pub fn advance(tried: &Try<'_>, ids: &Ids, policy: &Policy) -> Moved {
    let Try { run, domain, inboxes, outcome, began_at, now } = *tried;
    let mut moved = Moved {
        run: run.clone(),
        domain: domain.clone(),
        was: domain.status,
        inboxes: Change::default(),
        ask: None,
        stopped: false,
        next: Next::Finished,
        asked: run.state == RunState::Asking,
        began_at,
        key: None,
        evidence: None,
    };
    moved.learn(&outcome.learnt, inboxes, now, ids);
    match &outcome.then {
        Then::Done => moved.done(outcome.learnt.remark(), now),
        Then::Again => moved.go_on(),
        // A provider whose clock is behind must not make us ask it all the time.
        Then::Wait { until, why } => moved.wait((*until).max(now.partner().plus(policy.retry_base)), why, now, policy),
        Then::Ask { reason, persona } => moved.ask(*reason, *persona, now, policy),
        Then::Retry { words } => moved.retry(words, now, ids, policy),
        // A job that changes redirects comes to an end, whoever has to mend what is in its way.
        Then::Operator { words } if run.kind.spec().gives_up => moved.retry(words, now, ids, policy),
        Then::Operator { words } => moved.park(words, now, policy),
        Then::Stop => moved.stop(now),
        Then::Fail { words } => moved.fail(words, now, policy),
    }
    let unclear = matches!(outcome.then, Then::Wait { .. } | Then::Retry { .. });
    moved.run.memory.in_doubt = unclear && moved.run.state == RunState::Asking;
    moved
}

impl Moved {
    fn done(&mut self, remark: Option<&str>, now: Now) {
        let record = self.record();
        record.state = StepState::Done;
        record.finished_at = Some(now.partner());
        record.trouble = remark.map(str::to_owned);
        record.who = None;
        self.run.state = RunState::Open;
        match self.run.kind.after(self.run.step) {
            Some(step) => self.enter(step),
            // Nobody wants it any more since this try began: the next one ends it.
            None if self.run.kind.spec().clears_up && self.domain.stop.is_some() => self.next = Next::Go,
            None => {
                self.apply_results();
                self.finish(RunState::Done, self.run.kind.spec().status_after, now);
            }
        }
    }

    /// What a domain has when its workflow has ended well.
    fn apply_results(&mut self) {
        match self.run.kind {
            RunKind::Import => self.domain.held = true,
            RunKind::Forward => self.domain.forwarding_url.clone_from(&self.run.memory.target),
            RunKind::Provision
            | RunKind::Close
            | RunKind::Renew
            | RunKind::Replace
            | RunKind::Rename
            | RunKind::Watch
            | RunKind::Sign
            | RunKind::LookBack => {}
        }
    }

    fn go_on(&mut self) {
        self.record().attempts -= 1;
        self.next = Next::Go;
    }

    fn enter(&mut self, step: StepName) {
        self.run.step = step;
        self.set_status(self.run.kind.status_during(step));
        self.next = Next::Go;
    }

    fn finish(&mut self, state: RunState, status: Option<DomainStatus>, now: Now) {
        self.run.state = state;
        self.run.finished_at = Some(now.partner());
        self.set_status(status);
        if matches!(self.domain.status, DomainStatus::Failed | DomainStatus::Released) {
            self.domain.mail_logins = None;
        }
        if self.domain.status == DomainStatus::Active {
            self.domain.connected_at.get_or_insert(now.partner());
        }
        self.next = Next::Finished;
    }

    /// Calls the domain something else. A workflow that does not change what the domain is only takes back
    /// its own question.
    fn set_status(&mut self, status: Option<DomainStatus>) {
        match status {
            Some(status) => self.domain.status = status,
            None => {
                let asked = self.asked && self.run.kind.spec().holds_the_domain_up;
                if asked && self.domain.status == DomainStatus::ActionRequired {
                    self.domain.status = DomainStatus::Active;
                }
            }
        }
    }

    fn wait(&mut self, until: Time, why: &str, now: Now, policy: &Policy) {
        let record = self.record();
        record.attempts -= 1;
        record.trouble = Some(why.to_owned());
        let began = record.started_at;
        if self.run.kind.spec().gives_up && now.partner() >= began.plus(PATIENCE) {
            return self.fail(why, now, policy);
        }
        let longest = self.run.step.spec().longest();
        self.run.memory.is_planned = until >= now.partner().plus(longest) && !self.run.kind.spec().gives_up;
        if now.partner() >= began.plus(longest) && self.run.state != RunState::Asking {
            self.record_again().who = Some(Who::Operator);
        }
        self.back_at(until, now);
    }

    fn retry(&mut self, words: &str, now: Now, ids: &Ids, policy: &Policy) {
        let gives_up = self.run.kind.spec().gives_up;
        let record = self.record();
        record.trouble = Some(words.to_owned());
        if record.attempts >= policy.max_attempts && gives_up {
            record.attempts -= 1;
            return self.fail(words, now, policy);
        }
        if record.attempts >= policy.max_attempts {
            return self.park(words, now, policy);
        }
        let delay = back_off(record.attempts, policy.retry_base, policy.retry_cap, ids.fraction());
        self.back_at(now.partner().plus(delay), now);
    }

    /// Goes on looking, slowly, and says that the operator has to do something.
    fn park(&mut self, words: &str, now: Now, policy: &Policy) {
        let record = self.record_again();
        record.trouble = Some(words.to_owned());
        record.who = Some(Who::Operator);
        self.back_at(now.partner().plus(policy.look_again), now);
    }

    fn ask(&mut self, reason: ActionReason, persona: Option<i64>, now: Now, policy: &Policy) {
        let words = match (self.run.kind, reason) {
            (RunKind::Replace, ActionReason::PriceChanged) => OVER_THE_LIMIT,
            (RunKind::Replace, _) => NO_REPLACEMENT,
            (RunKind::Renew, ActionReason::PriceChanged) => DEARER_TO_RENEW,
            _ => reason.sentence(),
        };
        if !self.run.kind.spec().asks_people {
            return self.park_anew(words, now, policy);
        }
        let record = self.record();
        record.state = StepState::Asking;
        record.trouble = Some(words.to_owned());
        record.who = Some(Who::Partner);
        let until = now.partner().plus(policy.look_again);
        record.next_try_at = Some(until);
        self.run.state = RunState::Asking;
        if self.run.kind.spec().holds_the_domain_up {
            self.domain.status = DomainStatus::ActionRequired;
        }
        self.ask = Some((reason, persona));
        self.next = Next::At(now.due(until));
    }

    fn fail(&mut self, words: &str, now: Now, policy: &Policy) {
        let status = match self.run.kind.spec().failure {
            Failure::WaitsForOperator => return self.park_anew(words, now, policy),
            Failure::Asks(reason) => return self.ask(reason, None, now, policy),
            Failure::FailsTheDomain => Some(DomainStatus::Failed),
            Failure::EndsTheRun => None,
        };
        self.close_record(words, now);
        self.finish(RunState::Failed, status, now);
    }

    /// Ends what nobody wants any more; a name that is ours stays until the paid period ends.
    fn stop(&mut self, now: Now) {
        let verdict = self.run.memory.verdict.take();
        let (words, status) = match (self.domain.stop, self.domain.held) {
            (Some(Stop::GivenUp), _) => (verdict.as_deref().unwrap_or("It was given up."), DomainStatus::Failed),
            (Some(Stop::Replaced), _) => ("Another name took its place.", DomainStatus::Released),
            (Some(Stop::Cancelled), true) => ("It was cancelled.", DomainStatus::Releasing),
            (Some(Stop::Cancelled) | None, _) => ("It was cancelled.", DomainStatus::Released),
        };
        self.close_record(words, now);
        self.domain.stop = None;
        self.stopped = true;
        self.finish(RunState::Failed, Some(status), now);
    }

    fn close_record(&mut self, words: &str, now: Now) {
        let record = self.record();
        record.state = StepState::Failed;
        record.finished_at = Some(now.partner());
        record.trouble = Some(words.to_owned());
        record.who = None;
    }

    fn park_anew(&mut self, words: &str, now: Now, policy: &Policy) {
        self.record();
        self.park(words, now, policy);
    }

    fn back_at(&mut self, until: Time, now: Now) {
        self.record_again().next_try_at = Some(until);
        // A question stays open until its step gets on: a busy provider does not answer it.
        if self.run.state != RunState::Asking {
            self.set_status(self.run.kind.status_during(self.run.step));
        }
        self.next = Next::At(now.due(until));
    }

    /// The current step's record, with this try counted.
    fn record(&mut self) -> &mut StepRecord {
        let (asking, began_at) = (self.run.state == RunState::Asking, self.began_at);
        // What was planned for a far day begins on that day: until then nobody waited for anything.
        let is_planned = std::mem::take(&mut self.run.memory.is_planned);
        let record = self.record_again();
        if is_planned {
            record.started_at = began_at;
        }
        record.attempts += 1;
        record.next_try_at = None;
        if !asking {
            record.state = StepState::Waiting;
            record.who = None;
        }
        record
    }

    fn record_again(&mut self) -> &mut StepRecord {
        let step = self.run.step;
        let here = self.run.steps.iter().position(|record| record.step == step).unwrap_or_else(|| {
            self.run.steps.push(StepRecord {
                step,
                state: StepState::Waiting,
                started_at: self.began_at,
                finished_at: None,
                attempts: 0,
                trouble: None,
                who: None,
                next_try_at: None,
            });
            self.run.steps.len() - 1
        });
        &mut self.run.steps[here]
    }

    fn learn(&mut self, learnt: &Learnt, inboxes: &[Inbox], now: Now, ids: &Ids) {
        match learnt {
            Learnt::Nothing
            | Learnt::NotAsked
            | Learnt::Buyable(_)
            | Learnt::Redirect { .. }
            | Learnt::Published { .. }
            | Learnt::LeftByHand
            | Learnt::Consents(_)
            | Learnt::StatusUnknown
            | Learnt::NotImported(_)
            | Learnt::NotForwarded(_) => {}
            Learnt::Registered { expires_at, .. } => {
                self.domain.held = true;
                self.domain.expires_at = Some(*expires_at);
            }
            Learnt::RenewalPrice { cents } => self.run.memory.renewal_cents = Some(*cents),
            Learnt::Zone { nameservers, .. } => self.run.memory.nameservers.clone_from(nameservers),
            Learnt::MailDomain { records } => self.run.memory.mail_records.clone_from(records),
            Learnt::Inboxes(made) => self.learn_inboxes(made, inboxes, now, ids),
            Learnt::AddressKept(email) if !self.run.memory.kept.contains(email) => {
                self.run.memory.kept.push(email.clone());
            }
            Learnt::AddressKept(_) => {}
            Learnt::SignedLater => self.run.memory.is_signed_later = true,
            Learnt::LoginRefused(login) => self.run.memory.refused_login = Some(login.clone()),
            // What was sent anew since stays.
            Learnt::SigningKeys { instead_of, .. } => {
                self.run.memory.signing_keys.retain(|one| !instead_of.contains(one))
            }
            Learnt::SequencerKey(key) => self.key = Some(key.clone()),
            Learnt::Linked(accounts) => self.learn_links(accounts, inboxes),
            Learnt::Renamed { inbox, to } => self.learn_name(inbox, to, inboxes),
            Learnt::FirstMail(mail) => self.run.memory.first_mail = Some(mail.clone()),
            Learnt::Looked(looked) => self.learn_looks(looked, inboxes, now),
            Learnt::Hopeless { words } => {
                self.domain.stop.get_or_insert(Stop::GivenUp);
                self.run.memory.verdict = Some(words.clone());
            }
        }
    }

    fn learn_inboxes(&mut self, made: &[super::MadeInbox], inboxes: &[Inbox], now: Now, ids: &Ids) {
        let (Some(order), Some(user), Some(provider)) = (&self.domain.order, &self.domain.user, self.domain.provider)
        else {
            return;
        };
        let fresh = made.iter().filter(|one| inboxes.iter().all(|inbox| inbox.email != one.email));
        let rows: Vec<_> = fresh
            .map(|one| Inbox {
                id: ids.next(),
                partner: self.domain.partner.clone(),
                world: self.domain.world.clone(),
                domain: self.domain.id.clone(),
                order: order.clone(),
                user: user.clone(),
                email: one.email.clone(),
                first_name: one.first_name.clone(),
                last_name: one.last_name.clone(),
                provider,
                status: InboxStatus::Active,
                link: LinkStatus::Waiting,
                account_id: None,
                created_at: now.partner(),
                version: 1,
            })
            .collect();
        self.domain.inboxes_made = i64::try_from(inboxes.len() + rows.len()).unwrap_or(i64::MAX);
        self.inboxes.inboxes.insert.extend(rows);
    }

    fn learn_looks(&mut self, looked: &Looked, inboxes: &[Inbox], now: Now) {
        self.domain.dns = Some(looked.health.clone());
        self.evidence = Some(looked.evidence.clone());
        self.run.memory.see(looked, now.partner());
        // What is being made is not looked after yet.
        if self.run.kind == RunKind::Watch {
            self.inboxes.inboxes.update.extend(looked.changed(inboxes));
        }
    }

    fn learn_links(&mut self, accounts: &[(crate::id::InboxId, String)], inboxes: &[Inbox]) {
        for inbox in inboxes.iter().filter(|inbox| inbox.link != LinkStatus::Linked) {
            if let Some((_, account)) = accounts.iter().find(|(id, _)| *id == inbox.id) {
                let linked = Inbox { link: LinkStatus::Linked, account_id: Some(account.clone()), ..inbox.clone() };
                self.inboxes.inboxes.update.push(linked);
            }
        }
    }

    /// An address that is new is linked anew.
    fn learn_name(&mut self, id: &crate::id::InboxId, to: &super::MadeInbox, inboxes: &[Inbox]) {
        let Some(inbox) = inboxes.iter().find(|inbox| inbox.id == *id) else { return };
        let named = Inbox {
            email: to.email.clone(),
            first_name: to.first_name.clone(),
            last_name: to.last_name.clone(),
            ..inbox.clone()
        };
        let moved = inbox.email != named.email;
        let named = if moved { Inbox { link: LinkStatus::Waiting, account_id: None, ..named } } else { named };
        if named != *inbox {
            self.inboxes.inboxes.update.push(named);
        }
    }
}

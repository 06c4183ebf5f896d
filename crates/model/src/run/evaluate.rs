//! What a try of a step comes to, beside what has changed while it was looking.

use std::borrow::Cow;

use super::{Failure, Learnt, Outcome, Run, Then};
use crate::action::ActionType;
use crate::clock::Now;
use crate::domain::{Class, Domain, Stop};
use crate::order::Order;
use crate::persona::Persona;

/// What a step saw when it began.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its run.
    pub run: Run,
    /// Whether its domain was to stop.
    pub stop: Option<Stop>,
    /// Whose names and pictures, where they are the domain's own.
    pub people: Option<Vec<Persona>>,
    /// The order that it works for.
    pub order: Option<Order>,
}

/// How things stand when it has ended.
#[derive(Clone, Copy, Debug)]
pub struct Meanwhile<'a> {
    /// What the step saw.
    pub seen: &'a Seen,
    /// The run.
    pub run: &'a Run,
    /// Its domain.
    pub domain: &'a Domain,
    /// Its order, where [`Seen::asks_for_what_may_be_sent`].
    pub order: Option<&'a Order>,
    /// Both times.
    pub now: Now,
}

impl Seen {
    /// Whether the outcome asks for something that may have been sent meanwhile, to the question of another domain, or would
    /// take its place.
    #[must_use]
    pub fn asks_for_what_may_be_sent(&self, outcome: &Outcome) -> bool {
        let is_key = matches!(outcome.learnt, Learnt::SequencerKey(_));
        let answers = self.run.step.spec().answers;
        is_key || matches!(outcome.then, Then::Ask { reason, .. } if answers.contains(&reason.action_type()))
    }
}

impl Meanwhile<'_> {
    /// The outcome as it counts now: what has changed may ask for another look.
    #[must_use]
    pub fn evaluate<'o>(&self, outcome: &'o Outcome) -> Cow<'o, Outcome> {
        if self.is_key_of_before(outcome) {
            return Cow::Owned(Outcome { learnt: Learnt::Nothing, then: Then::Again });
        }
        let why = self.why_again(outcome);
        why.map_or(Cow::Borrowed(outcome), |why| {
            let then = Then::Wait { until: self.now.partner(), why: why.into() };
            Cow::Owned(Outcome { learnt: outcome.learnt.clone(), then })
        })
    }

    /// Whether it has to be looked at again at once, and not in ten minutes: a person has answered, or somebody has acted
    /// too late.
    #[must_use]
    pub fn is_due_at_once(&self) -> bool {
        let (before, run) = (&self.seen.run.memory, &self.run.memory);
        run.nudges != before.nudges || run.late != before.late || self.domain.stop != self.seen.stop
    }

    fn why_again(&self, outcome: &Outcome) -> Option<&'static str> {
        let stops_no_more = outcome.then == Then::Stop && self.domain.stop.is_none();
        let is_late = self.run.memory.late != self.seen.run.memory.late && outcome.ends(self.run);
        // A cancellation that was taken back while its step was ending the domain ends nothing.
        if stops_no_more {
            return Some("It goes on.");
        }
        // The next look sees that it leaves.
        if self.asks(outcome) && self.run.kind.spec().spares_leaving && self.domain.status.class() == Class::Gone {
            return Some("The domain leaves its order.");
        }
        // What it saw may not be so any more, and an end is final.
        if is_late {
            return Some("It is looked at again.");
        }
        self.is_sent(outcome).then_some("It is looked at again with what was sent meanwhile.")
    }

    fn asks(&self, outcome: &Outcome) -> bool {
        match outcome.then {
            Then::Ask { .. } => true,
            Then::Fail { .. } => matches!(self.run.kind.spec().failure, Failure::Asks(_)),
            Then::Done | Then::Again | Then::Wait { .. } | Then::Retry { .. } | Then::Operator { .. } | Then::Stop => {
                false
            }
        }
    }

    /// Whether it is the key of a login in whose place another one, or a key, was sent while it was exchanged. What was sent
    /// counts; of two domains that exchange one login at once, the first.
    fn is_key_of_before(&self, outcome: &Outcome) -> bool {
        let sequencer = |order: Option<&Order>| order.map(|order| order.sequencer.clone());
        matches!(outcome.learnt, Learnt::SequencerKey(_))
            && sequencer(self.order) != sequencer(self.seen.order.as_ref())
    }

    /// Whether what it asks for was sent while it was looking, to the question of another domain.
    fn is_sent(&self, outcome: &Outcome) -> bool {
        let (Then::Ask { reason, .. }, Some(before), Some(order)) = (&outcome.then, &self.seen.order, self.order)
        else {
            return false;
        };
        match reason.action_type() {
            ActionType::SequencerLogin => order.sequencer != before.sequencer,
            ActionType::GoogleProfilePicture => {
                let own = &self.domain.personas;
                *own != self.seen.people || (own.is_none() && order.personas != before.personas)
            }
            // These are answered with the domain itself, or by looking again.
            ActionType::Nameservers | ActionType::Registration | ActionType::MailProvider | ActionType::Forwarding => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionReason;
    use crate::clock::Time;
    use crate::domain::DomainStatus;
    use crate::id::{Id as _, RunId};
    use crate::run::tests::{NOW, domain, order};
    use crate::run::{Learnt, RunKind};
    use crate::secret::Secret;

    fn works() -> Domain {
        domain(DomainStatus::Active, true)
    }

    fn seen(kind: RunKind, domain: &Domain) -> Seen {
        let run = Run::new(RunId::opaque("run_1"), kind, domain, NOW);
        Seen { run, stop: domain.stop, people: domain.personas.clone(), order: Some(order()) }
    }

    fn meanwhile<'a>(seen: &'a Seen, domain: &'a Domain) -> Meanwhile<'a> {
        Meanwhile { seen, run: &seen.run, domain, order: seen.order.as_ref(), now: NOW }
    }

    fn waits(outcome: &Outcome) -> bool {
        matches!(outcome.then, Then::Wait { .. })
    }

    #[test]
    fn nobody_is_asked_about_a_domain_that_leaves() {
        let works = works();
        let leaves = domain(DomainStatus::Releasing, true);
        let asks = Outcome::then(Then::Ask { reason: ActionReason::NameserversNotPointed, persona: None });
        let fails = Outcome::then(Then::Fail { words: "No.".into() });
        for (kind, outcome, looks_again) in [
            (RunKind::Watch, &asks, true),
            (RunKind::Renew, &asks, true),
            (RunKind::Rename, &asks, true),
            (RunKind::Renew, &fails, true),
            (RunKind::Rename, &fails, false),
            (RunKind::Close, &asks, false),
        ] {
            let seen = seen(kind, &works);
            assert_eq!(*meanwhile(&seen, &works).evaluate(outcome), *outcome, "{kind:?}");
            assert_eq!(waits(&meanwhile(&seen, &leaves).evaluate(outcome)), looks_again, "{kind:?}");
        }
    }

    #[test]
    fn a_cancellation_that_was_taken_back_ends_nothing() {
        let (goes_on, stopped) = (Domain { stop: None, ..works() }, Domain { stop: Some(Stop::Cancelled), ..works() });
        let seen = seen(RunKind::Provision, &stopped);
        let ended = Outcome { learnt: Learnt::bought(Time(9)), then: Then::Stop };
        let evaluated = meanwhile(&seen, &goes_on).evaluate(&ended);
        assert!(waits(&evaluated) && evaluated.learnt == ended.learnt, "what was seen stays known");
        assert_eq!(*meanwhile(&seen, &stopped).evaluate(&ended), ended);
        assert!(meanwhile(&seen, &goes_on).is_due_at_once() && !meanwhile(&seen, &stopped).is_due_at_once());
    }

    #[test]
    fn an_end_that_somebody_was_too_late_for_is_looked_at_again() {
        let domain = works();
        let seen = seen(RunKind::Provision, &domain);
        let mut late = seen.run.clone();
        late.memory.late += 1;
        let meanwhile = Meanwhile { run: &late, ..meanwhile(&seen, &domain) };
        assert!(waits(&meanwhile.evaluate(&Outcome::then(Then::Fail { words: "No.".into() }))));
        assert_eq!(meanwhile.evaluate(&Outcome::then(Then::Done)).then, Then::Done, "a step in the middle is no end");
        assert!(meanwhile.is_due_at_once());
    }

    #[test]
    fn what_was_sent_meanwhile_is_not_asked_for() {
        let domain = works();
        let mut seen = seen(RunKind::Provision, &domain);
        seen.run.step = crate::run::StepName::LinkSequencer;
        let asks = Outcome::then(Then::Ask { reason: ActionReason::CredentialsRejected, persona: None });
        assert!(seen.asks_for_what_may_be_sent(&asks));
        assert_eq!(*meanwhile(&seen, &domain).evaluate(&asks), asks);
        let mut order = order();
        order.sequencer.login_email = Some("other@acme.com".into());
        let sent = Meanwhile { order: Some(&order), ..meanwhile(&seen, &domain) };
        assert!(waits(&sent.evaluate(&asks)));
        seen.run.step = crate::run::StepName::RegisterName;
        assert!(!seen.asks_for_what_may_be_sent(&asks));
    }

    #[test]
    fn the_key_of_a_login_takes_no_place_of_what_was_sent_while_it_was_exchanged() {
        let domain = works();
        let mut seen = seen(RunKind::Provision, &domain);
        seen.run.step = crate::run::StepName::LinkSequencer;
        let exchanged = Outcome { learnt: Learnt::SequencerKey(Secret::plain("of-the-old-login")), then: Then::Again };
        assert!(seen.asks_for_what_may_be_sent(&exchanged), "the order is read again");
        assert_eq!(*meanwhile(&seen, &domain).evaluate(&exchanged), exchanged);
        let mut order = order();
        order.sequencer.api_key = Some(Secret::plain("sent"));
        let sent = Meanwhile { order: Some(&order), ..meanwhile(&seen, &domain) };
        assert_eq!(*sent.evaluate(&exchanged), Outcome { learnt: Learnt::Nothing, then: Then::Again });
    }
}

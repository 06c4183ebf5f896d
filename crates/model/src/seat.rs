//! Seats in mail tenants: what each user costs a month, bought like a name and given back when its inbox ends.
//!
//! One intent is for all the inboxes that a domain still lacks. What a host has made of them is known by their rows.

use crate::clock::Time;
use crate::intent::{Intent, IntentState};
use crate::money::Cents;
use crate::run::Then;

/// Seats that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// How many.
    pub count: i64,
    /// What one costs a month, in cents; `None` where the operator has not said it.
    pub cents: Option<Cents>,
}

impl Seats {
    /// What they cost a month, in cents; 0 where nobody knows.
    #[must_use]
    pub fn cents_a_month(self) -> Cents {
        self.cents.unwrap_or(0).saturating_mul(self.count)
    }
}

/// What the end of a try means for the seats that it was about, of which `made` are used by now; `None` while it is not known
/// which came about. A host that was asked for an address finds the user that it has made for it, so that the next try knows.
#[must_use]
pub fn after(intent: &Intent, then: &Then, made: i64, now: Time) -> Option<Intent> {
    let seats = intent.seats.unwrap_or(0);
    let used = match then {
        Then::Done => seats,
        // Whoever says no, or ends it, has looked first.
        Then::Ask { .. } | Then::Stop | Then::Fail { .. } => made.clamp(0, seats),
        Then::Again | Then::Wait { .. } | Then::Retry { .. } | Then::Operator { .. } => return None,
    };
    let closed = Intent { closed_at: Some(now), ..intent.clone() };
    Some(match used {
        0 => Intent { state: IntentState::NotBought, ..closed },
        _ => Intent { state: IntentState::Bought, seats: Some(used), paid_cents: share(intent, used), ..closed },
    })
}

/// What some of the seats cost a month, where that is known and they are not all.
fn share(intent: &Intent, used: i64) -> Option<Cents> {
    let seats = intent.seats.filter(|seats| *seats > used && intent.most_cents > 0)?;
    Some(intent.most_cents / seats * used)
}

/// Seats that nobody uses any more.
#[must_use]
pub fn given_back(intent: &Intent, now: Time) -> Option<Intent> {
    let is_held = intent.state == IntentState::Bought && intent.ended_at.is_none();
    is_held.then(|| Intent { ended_at: Some(now), ..intent.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionReason;
    use crate::clock::{HandClock, MINUTE};
    use crate::domain::DomainStatus;
    use crate::id::Ids;
    use crate::intent::{Bounds, Permit, Wanted, before};
    use crate::pause::{Pause, Reach};
    use crate::role::Role;
    use crate::run::tests::{NOW, domain};
    use crate::run::{Run, RunKind, StepName};

    fn permit(seats: Option<Seats>, open: Option<&Intent>, pauses: &[Pause]) -> Permit {
        let domain = domain(DomainStatus::Provisioning, true);
        let run = Run::new(crate::id::Id::opaque("run_1"), RunKind::Provision, &domain, NOW);
        let run = Run { step: StepName::CreateInboxes, ..run };
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let wanted = Wanted { run: &run, domain: &domain, account: "office", least_years: 1, seats };
        before(wanted, open, Bounds { pauses, caps: &[] }, NOW, &ids)
    }

    fn bought(count: i64, cents: Option<Cents>) -> Intent {
        match permit(Some(Seats { count, cents }), None, &[]) {
            Permit::Buy(Some(intent)) => *intent,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn seats_are_written_down_with_what_they_cost_and_none_are_where_none_is_missing() {
        let intent = bought(25, Some(400));
        assert_eq!((intent.account.as_str(), intent.seats, intent.most_cents), ("office", Some(25), 10_000));
        assert_eq!((bought(2, None).most_cents, bought(2, None).seats), (0, Some(2)), "a price that nobody has said");
        for none in [None, Some(Seats { count: 0, cents: Some(400) })] {
            assert_eq!(permit(none, None, &[]), Permit::Buy(None));
        }
        assert!(matches!(permit(None, Some(&intent), &[]), Permit::Buy(Some(again)) if again.id == intent.id));
    }

    #[test]
    fn a_pause_of_mail_stops_seats() {
        let ids = Ids::seeded(HandClock::at(NOW.server), 3);
        let pause = |reach| [Pause::new(ids.next(), reach, false, "a test", NOW.server)];
        let decide = |pauses: &[Pause]| permit(Some(Seats { count: 1, cents: None }), None, pauses);
        assert!(matches!(decide(&pause(Reach::Account("office".into()))), Permit::Wait(_)));
        assert!(matches!(decide(&pause(Reach::Role(Role::Registrar))), Permit::Buy(_)));
    }

    #[test]
    fn what_came_of_seats_is_what_the_host_has_made() {
        let intent = bought(25, Some(400));
        let ask = Then::Ask { reason: ActionReason::LicenceCapacity, persona: None };
        let told = |then: &Then, made| {
            after(&intent, then, made, NOW.server).map(|one| (one.state, one.seats, one.paid_cents))
        };
        assert_eq!(told(&Then::Done, 25), Some((IntentState::Bought, Some(25), None)));
        assert_eq!(told(&ask, 10), Some((IntentState::Bought, Some(10), Some(4_000))), "the others were not");
        assert_eq!(told(&ask, 0), Some((IntentState::NotBought, Some(25), None)));
        assert_eq!(told(&Then::Stop, 0), Some((IntentState::NotBought, Some(25), None)));
        let later = NOW.partner().plus(MINUTE);
        for unclear in [
            Then::Retry { words: "busy".into() },
            Then::Wait { until: later, why: "soon".into() },
            Then::Operator { words: "mend it".into() },
            Then::Again,
        ] {
            assert_eq!(told(&unclear, 10), None, "{unclear:?}: the next try finds what there is");
        }
    }

    #[test]
    fn seats_are_given_back_once_and_only_those_that_were_bought() {
        let open = bought(2, None);
        assert_eq!(given_back(&open, NOW.server), None);
        let held = after(&open, &Then::Done, 2, NOW.server).expect("it is known");
        let back = given_back(&held, NOW.server).expect("they were held");
        assert_eq!(back.ended_at, Some(NOW.server));
        assert_eq!(given_back(&back, NOW.server.plus(MINUTE)), None);
    }
}

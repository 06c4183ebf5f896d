//! Intents: what we are about to buy is written down before it is asked for, so that at every moment it is known what may
//! have been bought, where, and for at most how much.

use crate::action::ActionReason;
use crate::caps::Usage;
use crate::clock::{DAY, Now, Time};
use crate::domain::Domain;
use crate::id::{DomainId, Ids, IntentId, OrderId, PartnerId, RunId};
use crate::money::Cents;
use crate::named::named;
use crate::pause::{self, Pause};
use crate::role::Role;
use crate::run::{Learnt, Outcome, Run, StepName, Then};
use crate::seat::Seats;
use crate::world::World;

/// How often it is looked whether the operator goes on buying, in microseconds of partner time.
pub const LOOK: i64 = crate::clock::MINUTE;

/// How long before it runs out a registration is renewed, in microseconds: long enough to mend a failure.
pub const RENEW_AHEAD: i64 = 30 * DAY;

/// How long a renewal that was asked for is only looked for, in microseconds of partner time: hardly any vendor knows a second
/// one from the first, and registries take moments over them, days at the worst.
pub const RENEWAL_SHOWS: i64 = 3 * DAY;

/// What is waited for while a cap is reached, in words a customer can read.
pub const CAPPED: &str = "The operator's limit for buying is reached; it goes on by itself when the limit is raised or the next day or month begins.";

/// The same while buying is paused.
pub const PAUSED: &str = "The operator has paused buying; it goes on by itself once they resume.";

named! {
    /// What is bought.
    pub enum IntentKind {
        /// A name, for its first year.
        Register "register",
        /// Another year of a name.
        Renew "renew",
        /// Seats in a mail tenant, by the month, until they are given back.
        Seat "seat",
    }
}

named! {
    /// What is known of a purchase.
    pub enum IntentState {
        /// Nothing for certain: it may have been bought.
        Open "open",
        /// It was bought.
        Bought "bought",
        /// It was not, and will not be by this intent.
        NotBought "not_bought",
    }
}

/// One purchase that may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What.
    pub kind: IntentKind,
    /// The account that is asked.
    pub account: String,
    /// The name.
    pub name: String,
    /// How many seats; `None` where it is none that are bought.
    pub seats: Option<i64>,
    /// Its domain.
    pub domain: DomainId,
    /// The order that it is for.
    pub order: Option<OrderId>,
    /// The run that buys.
    pub run: RunId,
    /// What the account is told to know it by: of one purchase there is one open intent.
    pub reference: String,
    /// The most that may be paid, in cents; of seats in a month, and 0 where nobody has said what they cost.
    pub most_cents: Cents,
    /// Since when, server time.
    pub opened_at: Time,
    /// When the account was last asked for it, partner time; `None` where it is certain that it was not, or not known.
    pub asked_at: Option<Time>,
    /// What is known.
    pub state: IntentState,
    /// Until when the name is paid for, partner time, once it was bought.
    pub paid_until: Option<Time>,
    /// How the vendor calls the purchase or the name, where it says it.
    pub vendor_id: Option<String>,
    /// What was paid, in cents, where the vendor says it.
    pub paid_cents: Option<Cents>,
    /// When it was known for certain, server time.
    pub closed_at: Option<Time>,
    /// When seats were given back, server time: from then on they cost nothing.
    pub ended_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

/// A purchase that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The run whose step buys.
    pub run: &'a Run,
    /// Its domain.
    pub domain: &'a Domain,
    /// The account that would be asked.
    pub account: &'a str,
    /// The least number of years that another term of the name has.
    pub least_years: i64,
    /// The seats that its inboxes still need, where these are bought.
    pub seats: Option<Seats>,
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It may be bought, once the intent is written: a new one, or the open one with the time of now.
    Buy(Option<Box<Intent>>),
    /// It may have been bought, and may not be now: it is only found out.
    FindOut,
    /// Nothing is bought now.
    Wait(Held),
}

/// Why nothing is bought now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The operator has paused buying.
    Paused,
    /// A cap of the operator's is reached.
    Capped,
}

/// What is in force when somebody wants to buy.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// The pauses in force.
    pub pauses: &'a [Pause],
    /// The caps that it counts against, and what is spent of them; none in sandboxes.
    pub caps: &'a [Usage],
}

impl IntentKind {
    /// Whose role it is to sell it.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Register | Self::Renew => Role::Registrar,
            Self::Seat => Role::Mail,
        }
    }

    /// What a step buys.
    #[must_use]
    pub const fn of(step: StepName) -> Option<Self> {
        match step {
            StepName::RegisterName => Some(Self::Register),
            StepName::RenewName => Some(Self::Renew),
            StepName::CreateInboxes => Some(Self::Seat),
            _ => None,
        }
    }
}

/// Decides whether a step may buy now. `open` is the purchase's open intent: what it may cost is spent already.
#[must_use]
pub fn before(wanted: Wanted<'_>, open: Option<&Intent>, bounds: Bounds<'_>, now: Now, ids: &Ids) -> Permit {
    let Wanted { run, domain, account, .. } = wanted;
    let Some(kind) = IntentKind::of(run.step) else { return Permit::Buy(None) };
    // A name that is ours is not bought, and one that nobody wants is only looked for.
    if kind == IntentKind::Register && (domain.held || domain.stop.is_some()) {
        return Permit::Buy(None);
    }
    // What is not due yet is not asked for, and a name without a date is nobody's to renew.
    let is_due = |at: Time| now.partner() >= at.plus(-RENEW_AHEAD);
    if kind == IntentKind::Renew && open.is_none() && !domain.expires_at.is_some_and(is_due) {
        return Permit::Buy(None);
    }
    // What is open goes on to its end; without a seat that is missing nothing is bought.
    if kind == IntentKind::Seat && open.is_none() && wanted.seats.is_none_or(|seats| seats.count <= 0) {
        return Permit::Buy(None);
    }
    let is_paused = pause::stops(bounds.pauses, account, kind, run.world.environment());
    match (is_paused, open) {
        (_, Some(open)) if open.may_still_show(now.partner()) => Permit::FindOut,
        (false, Some(open)) => Permit::Buy(Some(Box::new(Intent { asked_at: Some(now.partner()), ..open.clone() }))),
        (false, None) => {
            let intent = Intent::open(wanted, kind, now, ids);
            match bounds.caps.iter().all(|cap| cap.allows(intent.most_cents)) {
                true => Permit::Buy(Some(Box::new(intent))),
                false => Permit::Wait(Held::Capped),
            }
        }
        // Only a purchase can be looked for without buying; another year waits until it may be bought.
        (true, Some(_)) if kind == IntentKind::Register => Permit::FindOut,
        (true, _) => Permit::Wait(Held::Paused),
    }
}

/// What the end of a try means for its intent; `None` while nothing is known for certain, or nothing new. One that is closed
/// is only ever corrected by a purchase that came after all.
#[must_use]
pub fn after(intent: &Intent, outcome: &Outcome, now: Time) -> Option<Intent> {
    if outcome.learnt == Learnt::NotAsked && intent.state == IntentState::Open && intent.asked_at.is_some() {
        return Some(Intent { asked_at: None, ..certain(intent, outcome, now).unwrap_or_else(|| intent.clone()) });
    }
    let known = certain(intent, outcome, now)?;
    match intent.state {
        IntentState::Open => Some(known),
        IntentState::NotBought => Some(known).filter(|known| known.state == IntentState::Bought),
        IntentState::Bought => None,
    }
}

fn certain(intent: &Intent, outcome: &Outcome, now: Time) -> Option<Intent> {
    let closed = |state| Intent { state, closed_at: Some(now), ..intent.clone() };
    if let Learnt::Registered { expires_at, vendor_id, paid_cents } = &outcome.learnt {
        let vendor_id = vendor_id.clone().or_else(|| intent.vendor_id.clone());
        let (paid_until, paid_cents) = (Some(*expires_at), paid_cents.or(intent.paid_cents));
        return Some(Intent { paid_until, vendor_id, paid_cents, ..closed(IntentState::Bought) });
    }
    match &outcome.then {
        // Whoever says no, or ends it, has looked first.
        Then::Done | Then::Stop | Then::Fail { .. } => Some(closed(IntentState::NotBought)),
        Then::Ask { reason, .. } if is_no(*reason) => Some(closed(IntentState::NotBought)),
        Then::Again | Then::Ask { .. } | Then::Wait { .. } | Then::Retry { .. } | Then::Operator { .. } => None,
    }
}

/// Whether a question says that nothing was bought. A registrant who has to be verified may be one of a name that is ours.
const fn is_no(reason: ActionReason) -> bool {
    use ActionReason as R;
    matches!(reason, R::NameTaken | R::PriceChanged | R::RegistrarRejected | R::DomainInAnotherTenant)
}

impl Intent {
    /// Whether nobody knows yet what came of a renewal that may come to light: its name is not let go before, or what was paid
    /// would be forgotten.
    #[must_use]
    pub fn is_looked_for(&self, now: Time) -> bool {
        self.state == IntentState::Open && self.may_still_show(now)
    }

    /// Whether it is a renewal that was asked for so lately that it may come to light yet.
    fn may_still_show(&self, now: Time) -> bool {
        self.kind == IntentKind::Renew && self.asked_at.is_some_and(|at| now < at.plus(RENEWAL_SHOWS))
    }

    fn open(wanted: Wanted<'_>, kind: IntentKind, now: Now, ids: &Ids) -> Self {
        let Wanted { run, domain, account, least_years, seats } = wanted;
        let most_cents = match kind {
            // A name's first price is that of its least term.
            IntentKind::Register => domain.cost_cents,
            IntentKind::Renew => domain.renewal_cost_cents.saturating_mul(least_years),
            IntentKind::Seat => seats.map_or(0, Seats::cents_a_month),
        };
        Self {
            id: ids.next(),
            partner: run.partner.clone(),
            world: run.world.clone(),
            kind,
            account: account.to_owned(),
            name: domain.name.as_str().to_owned(),
            seats: seats.filter(|_| kind == IntentKind::Seat).map(|seats| seats.count),
            domain: domain.id.clone(),
            order: run.order.clone(),
            run: run.id.clone(),
            reference: run.reference(),
            most_cents,
            opened_at: now.server,
            asked_at: Some(now.partner()),
            state: IntentState::Open,
            paid_until: None,
            vendor_id: None,
            paid_cents: None,
            closed_at: None,
            ended_at: None,
            version: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caps::Span;
    use crate::clock::HandClock;
    use crate::domain::{DomainStatus, Stop};
    use crate::pause::Reach;
    use crate::run::RunKind;
    use crate::run::tests::{NOW, domain};

    /// A name of ours that runs out now.
    fn due() -> Domain {
        Domain { expires_at: Some(NOW.partner()), ..domain(DomainStatus::Active, true) }
    }

    fn pause(reach: Reach, renewals: bool) -> Pause {
        let ids = Ids::seeded(HandClock::at(NOW.server), 3);
        Pause::new(ids.next(), reach, renewals, "a test", NOW.server)
    }

    fn permit(kind: RunKind, domain: &Domain, open: bool, pauses: &[Pause]) -> Permit {
        let run = Run::new(crate::id::Id::opaque("run_1"), kind, domain, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let wanted = Wanted { run: &run, domain, account: "acme", least_years: 1, seats: None };
        let kind = IntentKind::of(run.step).expect("it buys");
        let intent = Intent::open(wanted, kind, NOW, &ids);
        before(wanted, open.then_some(&intent), Bounds { pauses, caps: &[] }, NOW, &ids)
    }

    #[test]
    fn what_is_beyond_a_cap_waits_and_what_is_open_counts_already() {
        let wanted = domain(DomainStatus::Pending, false);
        let run = Run::new(crate::id::Id::opaque("run_1"), RunKind::Provision, &wanted, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let asks = Wanted { run: &run, domain: &wanted, account: "acme", least_years: 1, seats: None };
        let usage = |spent_cents| Usage { account: None, span: Span::Day, cap_cents: 2_000, spent_cents };
        let decide = |spent, open: Option<&Intent>| {
            let caps = [usage(0), usage(spent)];
            before(asks, open, Bounds { pauses: &[], caps: &caps }, NOW, &ids)
        };
        assert!(buys(&decide(700, None)));
        assert_eq!(decide(701, None), Permit::Wait(Held::Capped));
        let open = Intent::open(asks, IntentKind::Register, NOW, &ids);
        assert!(buys(&decide(9_000, Some(&open))), "what it may cost is spent already");
    }

    fn buys(permit: &Permit) -> bool {
        matches!(permit, Permit::Buy(Some(intent)) if intent.account == "acme" && intent.state == IntentState::Open)
    }

    #[test]
    fn a_pause_stops_what_is_new_and_lets_what_may_have_happened_be_found_out() {
        let wanted = domain(DomainStatus::Pending, false);
        let all = [pause(Reach::Account("acme".into()), false)];
        assert!(buys(&permit(RunKind::Provision, &wanted, false, &[])));
        assert!(buys(&permit(RunKind::Provision, &wanted, true, &[])), "one purchase, one intent");
        assert_eq!(permit(RunKind::Provision, &wanted, false, &all), Permit::Wait(Held::Paused));
        assert_eq!(permit(RunKind::Provision, &wanted, true, &all), Permit::FindOut);
        let held = due();
        assert!(buys(&permit(RunKind::Renew, &held, false, &all)), "renewals go on");
        let renewals = [pause(Reach::Account("acme".into()), true)];
        assert_eq!(permit(RunKind::Renew, &held, false, &renewals), Permit::Wait(Held::Paused));
        assert_eq!(permit(RunKind::Renew, &held, true, &renewals), Permit::FindOut);
    }

    #[test]
    fn a_renewal_that_may_have_been_asked_for_is_only_looked_for_until_it_would_show() {
        let held = due();
        let run = Run::new(crate::id::Id::opaque("run_1"), RunKind::Renew, &held, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let asks = Wanted { run: &run, domain: &held, account: "acme", least_years: 2, seats: None };
        let open = Intent::open(asks, IntentKind::Renew, NOW, &ids);
        assert_eq!(open.most_cents, 2 * held.renewal_cost_cents, "a term of two years");
        let after_time = |open: &Intent, time: i64| {
            let now = Now { server: NOW.server.plus(time), ..NOW };
            before(asks, Some(open), Bounds { pauses: &[], caps: &[] }, now, &ids)
        };
        assert_eq!(after_time(&open, 0), Permit::FindOut, "whoever asked may have died since");
        assert_eq!(after_time(&open, RENEWAL_SHOWS - 1), Permit::FindOut);
        let Permit::Buy(Some(again)) = after_time(&open, RENEWAL_SHOWS) else { panic!("it did not come about") };
        assert_eq!((again.id.clone(), again.asked_at), (open.id.clone(), Some(NOW.partner().plus(RENEWAL_SHOWS))));
        let busy = Then::Retry { words: "The registrar is busy.".into() };
        let unclear = Outcome::then(busy.clone());
        assert_eq!(after(&open, &unclear, NOW.server), None, "it may have been asked for");
        let sure = after(&open, &Outcome { learnt: Learnt::NotAsked, then: busy }, NOW.server).expect("it was not");
        assert_eq!((sure.state, sure.asked_at), (IntentState::Open, None));
        assert!(buys(&after_time(&sure, 0)));
        let asked =
            Outcome { learnt: Learnt::NotAsked, then: Then::Ask { reason: ActionReason::NameTaken, persona: None } };
        assert_eq!(after(&open, &asked, NOW.server).map(|one| one.state), Some(IntentState::NotBought));
    }

    #[test]
    fn what_is_not_due_needs_no_intent_either() {
        let later = Some(NOW.partner().plus(RENEW_AHEAD + 1));
        for expires_at in [None, later] {
            let held = Domain { expires_at, ..due() };
            assert_eq!(permit(RunKind::Renew, &held, false, &[]), Permit::Buy(None), "{expires_at:?}");
        }
        let now_due = Domain { expires_at: Some(NOW.partner().plus(RENEW_AHEAD)), ..due() };
        assert!(buys(&permit(RunKind::Renew, &now_due, false, &[])));
    }

    #[test]
    fn what_buys_nothing_needs_no_intent() {
        let all = [pause(Reach::Account("acme".into()), true)];
        for domain in [
            domain(DomainStatus::Pending, true),
            Domain { stop: Some(Stop::Cancelled), ..domain(DomainStatus::Registering, false) },
        ] {
            assert_eq!(permit(RunKind::Provision, &domain, false, &all), Permit::Buy(None), "{domain:?}");
        }
    }

    #[test]
    fn an_intent_is_closed_by_what_is_certain() {
        let wanted = domain(DomainStatus::Pending, false);
        let run = Run::new(crate::id::Id::opaque("run_1"), RunKind::Provision, &wanted, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let asks = Wanted { run: &run, domain: &wanted, account: "acme", least_years: 1, seats: None };
        let intent = Intent::open(asks, IntentKind::Register, NOW, &ids);
        let state = |then| after(&intent, &Outcome::then(then), NOW.server).map(|intent| intent.state);
        let words = || "Because.".to_owned();
        for open in [
            Then::Wait { until: NOW.partner(), why: words() },
            Then::Retry { words: words() },
            Then::Operator { words: words() },
            Then::Ask { reason: ActionReason::RegistrantUnverified, persona: None },
        ] {
            assert_eq!(state(open.clone()), None, "{open:?}");
        }
        for closed in
            [Then::Stop, Then::Fail { words: words() }, Then::Ask { reason: ActionReason::NameTaken, persona: None }]
        {
            assert_eq!(state(closed.clone()), Some(IntentState::NotBought), "{closed:?}");
        }
        let bought = Outcome::done(Learnt::bought(Time(9)));
        let bought = after(&intent, &bought, NOW.server).expect("it is certain");
        assert_eq!(
            (bought.state, bought.paid_until, bought.closed_at),
            (IntentState::Bought, Some(Time(9)), Some(NOW.server))
        );
        let late = Outcome { learnt: Learnt::bought(Time(9)), then: Then::Stop };
        assert_eq!(
            after(&intent, &late, NOW.server).map(|one| one.state),
            Some(IntentState::Bought),
            "though nobody wants it"
        );
    }
}

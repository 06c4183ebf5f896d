//! Intents: what we are about to buy is written down before it is asked for, so that at every moment it is known what may
//! have been bought, where, and for at most how much.

use crate::action::ActionReason;
use crate::caps::Usage;
use crate::clock::Time;
use crate::domain::Domain;
use crate::id::{DomainId, Ids, IntentId, OrderId, PartnerId, RunId};
use crate::money::Cents;
use crate::named::named;
use crate::pause::{self, Pause};
use crate::role::Role;
use crate::run::{Learnt, Outcome, Run, StepName, Then};
use crate::world::World;

/// How often it is looked whether the operator goes on buying, in microseconds of partner time.
pub const LOOK: i64 = crate::clock::MINUTE;

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
    /// Its domain.
    pub domain: DomainId,
    /// The order that it is for.
    pub order: Option<OrderId>,
    /// The run that buys.
    pub run: RunId,
    /// What the account is told to know it by: of one purchase there is one open intent.
    pub reference: String,
    /// The most that may be paid, in cents.
    pub most_cents: Cents,
    /// Since when, server time.
    pub opened_at: Time,
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
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It may be bought. The intent is new, and has to be written first, or open already.
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
        }
    }

    /// What a step buys.
    #[must_use]
    pub const fn of(step: StepName) -> Option<Self> {
        match step {
            StepName::RegisterName => Some(Self::Register),
            StepName::RenewName => Some(Self::Renew),
            _ => None,
        }
    }
}

/// Decides whether a step may buy now. `open` is the purchase's open intent: what it may cost is spent already.
#[must_use]
pub fn before(wanted: Wanted<'_>, open: Option<&Intent>, bounds: Bounds<'_>, now: Time, ids: &Ids) -> Permit {
    let Wanted { run, domain, account } = wanted;
    let Some(kind) = IntentKind::of(run.step) else { return Permit::Buy(None) };
    // A name that is ours is not bought, and one that nobody wants is only looked for.
    if kind == IntentKind::Register && (domain.held || domain.stop.is_some()) {
        return Permit::Buy(None);
    }
    let is_paused = pause::stops(bounds.pauses, account, kind, run.world.environment());
    match (is_paused, open) {
        (false, Some(_)) => Permit::Buy(None),
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
        Then::Ask { .. } | Then::Wait { .. } | Then::Retry { .. } | Then::Operator { .. } => None,
    }
}

/// Whether a question says that nothing was bought. A registrant who has to be verified may be one of a name that is ours.
const fn is_no(reason: ActionReason) -> bool {
    matches!(reason, ActionReason::NameTaken | ActionReason::PriceChanged | ActionReason::RegistrarRejected)
}

impl Intent {
    fn open(wanted: Wanted<'_>, kind: IntentKind, now: Time, ids: &Ids) -> Self {
        let Wanted { run, domain, account } = wanted;
        let most_cents = match kind {
            IntentKind::Register => domain.cost_cents,
            IntentKind::Renew => domain.renewal_cost_cents,
        };
        Self {
            id: ids.next(),
            partner: run.partner.clone(),
            world: run.world.clone(),
            kind,
            account: account.to_owned(),
            name: domain.name.as_str().to_owned(),
            domain: domain.id.clone(),
            order: run.order.clone(),
            run: run.id.clone(),
            reference: run.reference(),
            most_cents,
            opened_at: now,
            state: IntentState::Open,
            paid_until: None,
            vendor_id: None,
            paid_cents: None,
            closed_at: None,
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

    fn pause(reach: Reach, renewals: bool) -> Pause {
        let ids = Ids::seeded(HandClock::at(NOW.server), 3);
        Pause::new(ids.next(), reach, renewals, "a test", NOW.server)
    }

    fn permit(kind: RunKind, domain: &Domain, open: bool, pauses: &[Pause]) -> Permit {
        let run = Run::new(crate::id::Id::opaque("run_1"), kind, domain, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let wanted = Wanted { run: &run, domain, account: "acme" };
        let kind = IntentKind::of(run.step).expect("it buys");
        let intent = Intent::open(wanted, kind, NOW.server, &ids);
        before(wanted, open.then_some(&intent), Bounds { pauses, caps: &[] }, NOW.server, &ids)
    }

    #[test]
    fn what_is_beyond_a_cap_waits_and_what_is_open_counts_already() {
        let wanted = domain(DomainStatus::Pending, false);
        let run = Run::new(crate::id::Id::opaque("run_1"), RunKind::Provision, &wanted, NOW);
        let ids = Ids::seeded(HandClock::at(NOW.server), 7);
        let asks = Wanted { run: &run, domain: &wanted, account: "acme" };
        let usage = |spent_cents| Usage { account: None, span: Span::Day, cap_cents: 2_000, spent_cents };
        let decide = |spent, open: Option<&Intent>| {
            let caps = [usage(0), usage(spent)];
            before(asks, open, Bounds { pauses: &[], caps: &caps }, NOW.server, &ids)
        };
        assert!(buys(&decide(700, None)));
        assert_eq!(decide(701, None), Permit::Wait(Held::Capped));
        let open = Intent::open(asks, IntentKind::Register, NOW.server, &ids);
        assert_eq!(decide(9_000, Some(&open)), Permit::Buy(None));
    }

    fn buys(permit: &Permit) -> bool {
        matches!(permit, Permit::Buy(Some(intent)) if intent.account == "acme" && intent.state == IntentState::Open)
    }

    #[test]
    fn a_pause_stops_what_is_new_and_lets_what_may_have_happened_be_found_out() {
        let wanted = domain(DomainStatus::Pending, false);
        let all = [pause(Reach::Account("acme".into()), false)];
        assert!(buys(&permit(RunKind::Provision, &wanted, false, &[])));
        assert_eq!(permit(RunKind::Provision, &wanted, true, &[]), Permit::Buy(None), "one purchase, one intent");
        assert_eq!(permit(RunKind::Provision, &wanted, false, &all), Permit::Wait(Held::Paused));
        assert_eq!(permit(RunKind::Provision, &wanted, true, &all), Permit::FindOut);
        let held = domain(DomainStatus::Active, true);
        assert!(buys(&permit(RunKind::Renew, &held, false, &all)), "renewals go on");
        let renewals = [pause(Reach::Account("acme".into()), true)];
        assert_eq!(permit(RunKind::Renew, &held, false, &renewals), Permit::Wait(Held::Paused));
        assert_eq!(permit(RunKind::Renew, &held, true, &renewals), Permit::Wait(Held::Paused));
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
        let asks = Wanted { run: &run, domain: &wanted, account: "acme" };
        let intent = Intent::open(asks, IntentKind::Register, NOW.server, &ids);
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

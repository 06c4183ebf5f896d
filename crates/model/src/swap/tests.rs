//! What swaps mean: tables of facts and what follows from them.

use super::*;
use crate::action::ActionReason;
use crate::change::Change;
use crate::clock::MINUTE;
use crate::domain::{Class, Domain, DomainRef, DomainStatus, MailProvider, NameAnswer, Unavailable, Verdict};
use crate::event::EventKind;
use crate::id::{Id, OrderId};
use crate::ledger::{Line, LineKind};
use crate::money::PriceBook;
use crate::order::{Cancellation, Order, OrderStatus, Rules};
use crate::partner::Tier;
use crate::refusal::{Code, Refusal};
use crate::run::tests::{NOW, domain, ids, moved, order};
use crate::run::{Learnt, Outcome, Provisioning, Replacing, Run, RunKind, RunState, StepName, Swapping, Then};
use crate::run::{provision, replace};
use crate::spend::{Allowance, Limited};

const BOOK: PriceBook = PriceBook {
    google_license_cents: 600,
    microsoft_license_cents: 3000,
    swap_cents: 500,
    domain_margin_cents: 100,
    domain_margin_percent: 0,
};

fn running() -> Order {
    Order { status: OrderStatus::Completed, completed_at: Some(Time(1)), ..order() }
}

fn active() -> Domain {
    Domain { connected_at: Some(Time(1)), position: 3, persona_offset: 7, ..domain(DomainStatus::Active, true) }
}

fn swap(kind: SwapKind, status: SwapStatus) -> Swap {
    Swap {
        id: SwapId::opaque("swp_1"),
        partner: PartnerId::opaque("org_1"),
        world: World::live(),
        kind,
        order: OrderId::opaque("ord_1"),
        user: UserId::opaque("usr_1"),
        domain: active().id,
        replacement_name: Some(DomainName::stored("new.com")),
        replacement: None,
        inbox: None,
        persona: None,
        status,
        reason: None,
        created_at: Time(1),
        finished_at: None,
        version: 1,
    }
}

fn facts() -> Facts {
    Facts {
        order: running(),
        domain: active(),
        open: None,
        renaming: None,
        holder: None,
        premium: None,
        answers: vec![],
        allowances: vec![],
    }
}

fn wish(kind: SwapKind, name: &str) -> Wish {
    Wish { kind, domain: DomainRef::Id(active().id), replacement: DomainName::stored(name) }
}

fn begun(facts: &Facts, wish: &Wish) -> Result<Begun, Refusal> {
    begin(facts, wish, &BOOK, NOW, &ids())
}

fn reason(refusal: &Refusal) -> String {
    refusal.first().details["reason"].as_str().unwrap().to_owned()
}

fn kinds(change: &Change) -> Vec<EventKind> {
    change.events.iter().map(|event| event.kind).collect()
}

#[test]
fn the_table_of_refusals() {
    let standard = wish(SwapKind::Standard, "new.com");
    let ordered = |status| Facts { order: Order { status, ..running() }, ..facts() };
    let placed = |status| Facts { domain: Domain { status, ..active() }, ..facts() };
    let held = |holder| Facts { holder: Some(holder), ..facts() };
    let open = |swap| Facts { open: Some(swap), ..facts() };
    let in_order = Domain { order: Some(OrderId::opaque("ord_2")), ..domain(DomainStatus::Active, true) };
    let others = Domain { partner: PartnerId::opaque("org_2"), ..in_order.clone() };
    let free = Domain { order: None, ..domain(DomainStatus::Available, true) };
    let waiting = swap(SwapKind::Standard, SwapStatus::ActionRequired);
    let leaving = Facts { domain: Domain { cancels_at: Some(Time(9)), ..active() }, ..facts() };
    let renaming = Facts { renaming: Some(swap(SwapKind::UserNames, SwapStatus::InProgress)), ..facts() };
    for (facts, wish, expected) in [
        (facts(), &standard, None),
        (ordered(OrderStatus::InProgress), &standard, None),
        (ordered(OrderStatus::Failed), &standard, Some("order_failed")),
        (ordered(OrderStatus::Cancelled), &standard, Some("order_cancelled")),
        (ordered(OrderStatus::CancelScheduled), &standard, Some("order_cancel_scheduled")),
        (placed(DomainStatus::Pending), &standard, Some("not_active")),
        (placed(DomainStatus::ActionRequired), &standard, Some("not_active")),
        (placed(DomainStatus::Retiring), &standard, Some("not_active")),
        (placed(DomainStatus::Released), &standard, Some("not_active")),
        (leaving, &standard, Some("cancel_scheduled")),
        (renaming, &standard, Some("swap_open")),
        (held(in_order), &standard, Some("in_your_order")),
        (held(others), &standard, None),
        (held(free), &standard, None),
        (facts(), &wish(SwapKind::Standard, "acme.com"), Some("same_domain")),
        (open(waiting.clone()), &standard, None),
        (open(waiting.clone()), &wish(SwapKind::Standard, "other.com"), Some("swap_open")),
        (open(waiting), &wish(SwapKind::Premium, "new.com"), Some("swap_open")),
    ] {
        let refused = begun(&facts, wish).err().map(|refusal| reason(&refusal));
        assert_eq!(refused.as_deref(), expected, "{facts:?} {wish:?}");
    }
}

#[test]
fn a_name_that_nobody_sells_takes_a_domains_place_only_from_the_inventory() {
    let gov = wish(SwapKind::Standard, "acme.gov");
    let refused = begun(&facts(), &gov).unwrap_err();
    assert_eq!(
        (refused.first().code, refused.first().field.as_deref()),
        (Code::InvalidRequest, Some("replacement_domain"))
    );
    let held =
        Domain { name: DomainName::stored("acme.gov"), order: None, status: DomainStatus::Available, ..active() };
    assert!(begun(&Facts { holder: Some(held), ..facts() }, &gov).is_ok());
}

#[test]
fn a_swap_is_booked_told_and_its_search_begins() {
    let Begun { change, swap, repeated } = begun(&facts(), &wish(SwapKind::Standard, "new.com")).unwrap();
    assert!(!repeated);
    assert_eq!(change.swaps.insert, std::slice::from_ref(&swap));
    assert_eq!(kinds(&change), [EventKind::SwapCreated]);
    assert_eq!(change.orders.update[0].last_event.as_ref(), Some(&change.events[0].id));
    let line = &change.lines[0];
    assert_eq!((line.kind, line.quantity, line.amount_cents, line.month()), (LineKind::Swap, 1, 500, None));
    let run = &change.runs.insert[0];
    assert_eq!(
        (run.kind, run.job.as_deref(), run.domain.clone()),
        (RunKind::Replace, Some(swap.id.as_str()), swap.domain)
    );
    assert_eq!((change.tasks[0].subject.as_str(), change.tasks[0].due_at), (run.id.as_str(), NOW.server));
}

fn premium(tier: Tier, active: i64, used: Vec<Time>, lineage: Vec<Swap>) -> Facts {
    let domain = Domain { provider: Some(MailProvider::Microsoft), ..self::active() };
    Facts { premium: Some(Premium { tier, active, used, lineage }), domain, ..facts() }
}

#[test]
fn premium_swaps_are_held_against_provider_cooldown_and_quota() {
    let now = NOW.partner();
    let ended = |kind, status, at| Swap { finished_at: Some(at), ..swap(kind, status) };
    let fresh = |kind, status| ended(kind, status, now.plus(MINUTE - COOLDOWN));
    let wanted = wish(SwapKind::Premium, "new.com");
    let google = Facts { domain: active(), ..premium(Tier::Base, 9, vec![], vec![]) };
    assert_eq!(reason(&begun(&google, &wanted).unwrap_err()), "microsoft_only");
    for (lineage, cools) in [
        (vec![], false),
        (vec![fresh(SwapKind::Premium, SwapStatus::Completed)], true),
        (vec![fresh(SwapKind::Premium, SwapStatus::Failed)], false),
        (vec![fresh(SwapKind::Premium, SwapStatus::Cancelled)], false),
        (vec![fresh(SwapKind::Standard, SwapStatus::Completed)], false),
        (vec![fresh(SwapKind::Standard, SwapStatus::Completed), fresh(SwapKind::Premium, SwapStatus::Completed)], true),
        (vec![ended(SwapKind::Premium, SwapStatus::Completed, now.plus(-COOLDOWN))], false),
    ] {
        let refused = begun(&premium(Tier::Base, 9, vec![], lineage.clone()), &wanted).err();
        assert_eq!(refused.map(|refusal| reason(&refusal)), cools.then(|| "cooldown".to_owned()), "{lineage:?}");
    }
    let ago = |minutes: i64| now.plus(-COOLDOWN + minutes * MINUTE);
    for (tier, active, used, frees_at) in [
        (Tier::Base, 1, vec![], None),
        (Tier::Base, 9, vec![ago(5)], Some(ago(5))),
        (Tier::Base, 10, vec![ago(5)], None),
        (Tier::Base, 10, vec![ago(5), ago(9)], Some(ago(5))),
        (Tier::Base, 5, vec![ago(5), ago(9)], Some(ago(9))),
        (Tier::Base, 5, vec![ago(0)], None),
        (Tier::Premium, 7, vec![ago(5)], None),
        (Tier::Vip, 5, vec![ago(5), ago(9)], Some(ago(5))),
        (Tier::VipPlus, 5, vec![ago(5), ago(9)], None),
    ] {
        let refused = begun(&premium(tier, active, used.clone(), vec![]), &wanted).err();
        let says = refused.map(|refusal| {
            assert_eq!(refusal.first().code, crate::refusal::Code::QuotaExceeded);
            refusal.first().details["frees_at"].as_str().unwrap().to_owned()
        });
        assert_eq!(says, frees_at.map(|at: Time| at.plus(COOLDOWN).to_string()), "{tier:?} {active} {used:?}");
    }
}

fn lines() -> Vec<Line> {
    begun(&facts(), &wish(SwapKind::Standard, "new.com")).unwrap().change.lines.into_iter().map(of_swap_1).collect()
}

fn of_swap_1(line: Line) -> Line {
    Line { period: crate::ledger::once_for(&SwapId::opaque("swp_1")), ..line }
}

/// What an event of a change carries.
fn data(change: &Change, n: usize) -> serde_json::Value {
    serde_json::from_str(&change.events[n].data).unwrap()
}

fn replacing(holder: Option<Domain>) -> Replacing {
    let swap = swap(SwapKind::Standard, SwapStatus::Created);
    Replacing { order: running(), swap, domain: active(), holder, lines: lines() }
}

fn evaluated(around: &Replacing, outcome: &Outcome) -> Then {
    around.evaluate(outcome, &[], BOOK, NOW).then
}

fn says(verdict: Verdict) -> Outcome {
    Outcome::done(Learnt::Buyable(NameAnswer::new(DomainName::stored("new.com"), verdict)))
}

fn buyable(usable_for: Vec<MailProvider>) -> Outcome {
    says(Verdict::Buyable { price_cents: 1300, renewal_price_cents: 1500, usable_for })
}

fn mine() -> Domain {
    let name = DomainName::stored("new.com");
    Domain { order: None, name, id: DomainId::opaque("dom_own"), ..domain(DomainStatus::Available, true) }
}

#[test]
fn where_a_replacement_can_be_had() {
    use MailProvider::{Google, Microsoft};
    let others = Domain { partner: PartnerId::opaque("org_2"), ..mine() };
    let busy = Domain { status: DomainStatus::Configuring, ..mine() };
    let ordered = Domain { order: Some(OrderId::opaque("ord_2")), status: DomainStatus::Active, ..mine() };
    for (holder, outcome, ready) in [
        (None, buyable(vec![Google, Microsoft]), true),
        (None, says(Verdict::Not(Unavailable::Taken)), false),
        (None, Outcome::done(Learnt::Nothing), false),
        (Some(mine()), Outcome::done(Learnt::Nothing), true),
        (Some(mine()), says(Verdict::Not(Unavailable::Taken)), true),
        (Some(others), buyable(vec![Google]), false),
        (Some(busy), buyable(vec![Google]), false),
        (Some(ordered), buyable(vec![Google]), false),
    ] {
        let expected = if ready { Then::Done } else { Then::Ask { reason: ActionReason::NameTaken, persona: None } };
        assert_eq!(evaluated(&replacing(holder.clone()), &outcome), expected, "{holder:?} {outcome:?}");
    }
    let retry = Then::Retry { words: "busy".into() };
    assert_eq!(evaluated(&replacing(None), &Outcome::then(retry.clone())), retry);
}

#[test]
fn a_replacement_that_never_fits_is_not_waited_for() {
    let unfit = Domain { usable_for: vec![MailProvider::Microsoft], ..mine() };
    let never = Then::Fail { words: "new.com cannot be used for google. Choose a name that can.".into() };
    assert_eq!(evaluated(&replacing(None), &buyable(vec![MailProvider::Microsoft])), never);
    assert_eq!(evaluated(&replacing(Some(unfit)), &buyable(vec![MailProvider::Google])), never);
}

#[test]
fn a_name_is_bought_only_under_the_limits() {
    let spent = |spent_cents| [Allowance { of: Limited::Partner, limit_cents: 10_000, spent_cents }];
    let both = vec![MailProvider::Google, MailProvider::Microsoft];
    let over = Then::Ask { reason: ActionReason::PriceChanged, persona: None };
    for (holder, spent_cents, expected) in [
        (None, 8_600, Then::Done),
        (None, 8_601, over),
        // A name of the inventory costs nothing.
        (Some(mine()), 20_000, Then::Done),
    ] {
        let evaluated = replacing(holder).evaluate(&buyable(both.clone()), &spent(spent_cents), BOOK, NOW);
        assert_eq!(evaluated.then, expected, "{spent_cents}");
    }
}

/// The swap itself costs 500, and the name 1300 and the margin of 100.
#[test]
fn what_a_swap_costs_must_fit_under_the_limits() {
    let standard = wish(SwapKind::Standard, "new.com");
    let says = |verdict| vec![NameAnswer::new(DomainName::stored("new.com"), verdict)];
    let free = |usable_for| says(Verdict::Buyable { price_cents: 1300, renewal_price_cents: 1500, usable_for });
    for (holder, answers, cost) in [
        (None, free(vec![MailProvider::Google]), 1_900),
        (None, free(vec![MailProvider::Microsoft]), 500),
        (None, says(Verdict::Not(Unavailable::Taken)), 500),
        (None, vec![], 500),
        (Some(mine()), vec![], 500),
    ] {
        for (left, fits) in [(cost, true), (cost - 1, false)] {
            let allowance = Allowance { of: Limited::Key, limit_cents: 10_000, spent_cents: 10_000 - left };
            let facts =
                Facts { holder: holder.clone(), answers: answers.clone(), allowances: vec![allowance], ..facts() };
            let told =
                begun(&facts, &standard).map(drop).map_err(|refusal| refusal.first().details["order_cents"].clone());
            assert_eq!(told, if fits { Ok(()) } else { Err(cost.into()) }, "{answers:?}");
        }
    }
}

#[test]
fn nothing_is_looked_for_that_nobody_wants() {
    let found = replacing(Some(mine()));
    for unwanted in [
        Replacing { swap: swap(SwapKind::Standard, SwapStatus::Failed), ..found.clone() },
        Replacing { order: Order { status: OrderStatus::Cancelled, ..running() }, ..found.clone() },
        Replacing { domain: Domain { status: DomainStatus::Releasing, ..active() }, ..found.clone() },
    ] {
        assert!(matches!(evaluated(&unwanted, &Outcome::done(Learnt::Nothing)), Then::Fail { .. }), "{unwanted:?}");
    }
}

/// What a search comes to.
fn searched(around: &Replacing, outcome: &Outcome) -> Change {
    let run = Run::new(crate::id::RunId::opaque("run_1"), RunKind::Replace, &active(), NOW);
    let moved = moved(&run, &around.domain, evaluated(around, outcome));
    replace(around, &moved, outcome, &Rules { book: BOOK, ..Rules::default() }, NOW, &ids())
}

#[test]
fn a_replacement_carries_what_the_old_domain_carried() {
    let old = Domain { personas: Some(vec![]), forwarding_url: Some("https://acme.com".into()), ..active() };
    let around = Replacing { domain: old.clone(), ..replacing(None) };
    let bought = searched(&around, &buyable(vec![MailProvider::Google]));
    let domain = &bought.domains.insert[0];
    assert_eq!((domain.status.class(), domain.held, domain.order.clone()), (Class::Open, false, old.order.clone()));
    assert_eq!((domain.position, domain.persona_offset, domain.licenses), (3, 7, old.licenses));
    assert_eq!((&domain.personas, &domain.forwarding_url), (&old.personas, &old.forwarding_url));
    assert_eq!((domain.price_cents, domain.cost_cents), (1400, 1300));
    assert_eq!((domain.renewal_price_cents, domain.renewal_cost_cents), (1600, 1500));
    assert_eq!((domain.connected_at, domain.swap.clone()), (None, Some(SwapId::opaque("swp_1"))));
    assert_eq!((bought.lines[0].kind, bought.lines[0].amount_cents), (LineKind::DomainRegistration, 1400));
    assert_eq!((kinds(&bought), bought.runs.insert[0].kind), (vec![EventKind::SwapInProgress], RunKind::Provision));
    assert_eq!(bought.swaps.update[0].replacement.as_ref(), Some(&domain.id));
    assert!(bought.orders.update[0].total_cents == running().total_cents);

    let own = searched(&replacing(Some(mine())), &Outcome::done(Learnt::Nothing));
    assert_eq!((own.domains.update[0].id.as_str(), own.domains.update[0].held), ("dom_own", true));
    assert!(own.lines.is_empty() && own.domains.insert.is_empty());
}

#[test]
fn a_search_in_vain_is_told_once() {
    let nothing = Outcome::done(Learnt::Nothing);
    let first = searched(&replacing(None), &nothing);
    assert_eq!(kinds(&first), [EventKind::SwapActionRequired]);
    let told = data(&first, 0);
    assert_eq!((&told["reason"], &told["action_id"]), (&"name_taken".into(), &serde_json::Value::Null));
    assert!(told["message"].as_str().unwrap().contains("goes on by itself"));
    assert!(first.actions.insert.is_empty() && first.domains.update.is_empty());
    let waiting = Replacing { swap: first.swaps.update[0].clone(), ..replacing(None) };
    assert_eq!(searched(&waiting, &nothing), Change::default());
    let of_before = Swap { reason: None, ..first.swaps.update[0].clone() };
    let seen_again = searched(&Replacing { swap: of_before, ..replacing(None) }, &nothing);
    assert_eq!((kinds(&seen_again), &seen_again.swaps.update), (vec![], &first.swaps.update), "not told again");
    let busy = Outcome::then(Then::Retry { words: "busy".into() });
    assert_eq!(searched(&replacing(None), &busy), Change::default());
    let over = Replacing { order: Order { status: OrderStatus::Cancelled, ..running() }, ..waiting };
    let failed = searched(&over, &nothing);
    assert_eq!((kinds(&failed), failed.lines[0].amount_cents), (vec![EventKind::SwapCancelled], -500));
    assert_eq!(data(&failed, 0)["reason"], "domain_leaves");
    let unfit = searched(&replacing(None), &buyable(vec![MailProvider::Microsoft]));
    assert_eq!(
        (kinds(&unfit), &data(&unfit, 0)["reason"]),
        (vec![EventKind::SwapFailed], &"replacement_unsuitable".into())
    );
}

/// What the move of a replacement means, for a swap that stands like this.
fn followed(kind: SwapKind, status: SwapStatus, was: DomainStatus, step: StepName, then: Then) -> Change {
    let id = DomainId::opaque("dom_new");
    let before = Domain { id: id.clone(), swap: Some(SwapId::opaque("swp_1")), ..domain(was, true) };
    let swap = Swap { replacement: Some(id), ..swap(kind, status) };
    let run = Run { step, ..Run::new(crate::id::RunId::opaque("run_1"), RunKind::Provision, &before, NOW) };
    let asking = was == DomainStatus::ActionRequired;
    let run = Run { state: if asking { RunState::Asking } else { RunState::Open }, ..run };
    let moved = moved(&run, &before, then);
    let around = Provisioning {
        order: running(),
        open_action: None,
        lines: lines(),
        inboxes: vec![],
        swapping: Some(Swapping { swap, replaced: active() }),
    };
    provision(&around, &moved, NOW, &ids())
}

#[test]
fn a_swap_goes_as_the_making_of_its_replacement_goes() {
    use DomainStatus::{ActionRequired, Configuring, Connecting};
    let ask = Then::Ask { reason: ActionReason::NameTaken, persona: None };
    let fail = Then::Fail { words: "no".into() };
    let (working, waiting) = (SwapStatus::InProgress, SwapStatus::ActionRequired);
    let standard = |status, was, step, then| followed(SwapKind::Standard, status, was, step, then);

    let asked = standard(working, Configuring, StepName::CreateZone, ask);
    assert_eq!(kinds(&asked), [EventKind::DomainActionRequired, EventKind::SwapActionRequired]);
    for n in 0..2 {
        let (told, action) = (data(&asked, n), &asked.actions.insert[0]);
        assert_eq!((&told["reason"], &told["action_id"]), (&"name_taken".into(), &action.id.as_str().into()));
        assert_eq!(told["message"], action.message.as_str());
    }
    let answered = standard(waiting, ActionRequired, StepName::CreateZone, Then::Done);
    assert_eq!(kinds(&answered), [EventKind::SwapInProgress]);

    let done = standard(working, Connecting, StepName::ConfirmReady, Then::Done);
    assert_eq!(kinds(&done), [EventKind::DomainConnected, EventKind::SwapCompleted]);
    assert_eq!(
        (done.domains.update[0].id.clone(), done.domains.update[0].status),
        (active().id, DomainStatus::Releasing)
    );
    assert_eq!(done.swaps.update[0].finished_at, Some(NOW.partner()));
    let closes = |change: &Change| {
        let run = change.runs.insert.iter().find(|run| run.kind == RunKind::Close).unwrap();
        change.tasks.iter().find(|task| task.subject == run.id.as_str()).unwrap().due_at
    };
    assert_eq!(closes(&done), NOW.server);

    let failed = standard(working, Configuring, StepName::CreateZone, fail);
    assert_eq!(kinds(&failed), [EventKind::SwapFailed]);
    assert_eq!(data(&failed, 0)["reason"], "replacement_failed");
    assert_eq!(failed.lines.iter().map(|line| line.amount_cents).collect::<Vec<_>>(), [-500]);
    assert_eq!(failed.domains.insert[0].status, DomainStatus::Available, "the name was bought");
    assert_eq!(failed.orders.update[0].total_cents, running().total_cents);

    let premium = followed(SwapKind::Premium, working, Connecting, StepName::ConfirmReady, Then::Done);
    assert_eq!(premium.domains.update[0].status, DomainStatus::Retiring);
    assert_eq!(closes(&premium), NOW.server.plus(WARM));
}

#[test]
fn a_swap_that_has_ended_follows_nobody() {
    let late =
        followed(SwapKind::Standard, SwapStatus::Failed, DomainStatus::Connecting, StepName::ConfirmReady, Then::Done);
    assert_eq!(kinds(&late), [EventKind::DomainConnected]);
    assert!(late.swaps.update.is_empty() && late.domains.update.is_empty());
}

fn cancellation(swap: &Swap, domains: Vec<Domain>, runs: Vec<Run>) -> Cancellation {
    Cancellation { order: running(), domains, sums: vec![], lines: lines(), runs, swaps: vec![swap.clone()] }
}

#[test]
fn a_swap_can_be_cancelled_until_it_has_ended() {
    let run = |kind, domain: &Domain| {
        Run::new(crate::id::RunId::opaque("run_1"), kind, domain, NOW).part_of(&SwapId::opaque("swp_1"))
    };
    let waiting = swap(SwapKind::Standard, SwapStatus::ActionRequired);
    let facts = cancellation(&waiting, vec![active()], vec![run(RunKind::Replace, &active())]);
    let (change, after) = cancel(facts, &waiting, NOW, &ids()).unwrap();
    assert_eq!((after.status, after.finished_at), (SwapStatus::Cancelled, Some(NOW.partner())));
    assert_eq!((kinds(&change), change.lines[0].amount_cents), (vec![EventKind::SwapCancelled], -500));
    assert_eq!(data(&change, 0)["reason"], "cancel_requested");
    assert_eq!(change.runs.update[0].state, RunState::Failed);

    let new = Domain {
        id: DomainId::opaque("dom_new"),
        swap: Some(waiting.id.clone()),
        ..domain(DomainStatus::Registering, false)
    };
    let making = Swap { replacement: Some(new.id.clone()), ..swap(SwapKind::Standard, SwapStatus::InProgress) };
    let facts = cancellation(&making, vec![active(), new.clone()], vec![run(RunKind::Provision, &new)]);
    let (change, after) = cancel(facts, &making, NOW, &ids()).unwrap();
    assert_eq!(after, making, "its next step ends it");
    assert_eq!(change.domains.update[0].stop, Some(crate::domain::Stop::Replaced));
    assert_eq!((change.make_due.len(), change.events.len(), change.lines.len()), (1, 0, 0));

    for (kind, status, expected) in [
        (SwapKind::Standard, SwapStatus::Completed, "swap_completed"),
        (SwapKind::Premium, SwapStatus::Failed, "swap_failed"),
        (SwapKind::Standard, SwapStatus::Cancelled, "swap_cancelled"),
        (SwapKind::UserNames, SwapStatus::Created, "being_renamed"),
    ] {
        let ended = swap(kind, status);
        let refused = cancel(cancellation(&ended, vec![active()], vec![]), &ended, NOW, &ids()).unwrap_err();
        assert_eq!(reason(&refused), expected);
    }
}

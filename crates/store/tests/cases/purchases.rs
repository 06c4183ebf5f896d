//! Intents of purchases, and pauses.

use model::account::Has;
use model::caps::Span;
use model::change::Change;
use model::clock::{DAY, HOUR, Time};
use model::domain::{Domain, DomainStatus};
use model::id::{Id as _, UserId};
use model::inbox::{Inbox, InboxStatus};
use model::intent::{Intent, IntentKind, IntentState};
use model::ledger::{Line, LineKind, PaidFor};
use model::order::Order;
use model::pause::{Pause, Reach};
use model::role::Role;
use model::world::{Environment, World};
use store::costs::By;
use store::intents::{self, Filter};
use store::{costs, domains, pauses};

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled::{ordered, worked};

on_both! {
    of_a_purchase_one_intent_is_open
    intents_are_found_by_age_and_state_unless_their_world_is_gone
    of_a_reach_one_pause_is_in_force
    what_is_spent_is_what_was_paid_and_what_may_still_be
    accounts_have_the_domains_that_have_not_left
    costs_are_what_was_paid_beside_what_is_charged
    each_line_has_the_cost_of_its_own_purchase
    seats_cost_every_month_until_they_are_given_back
    what_a_tenant_has_begun_is_its_inboxes_or_the_seats_that_were_taken_for_them
}

fn intent(bench: &Bench, world: &World, reference: &str) -> Intent {
    let partner = bench.partner.id.clone();
    let (state, opened_at, reference) = (IntentState::Open, NOW, reference.to_owned());
    let rest = worked::intent(&Fill::of("a", 0, 1));
    Intent {
        id: bench.ids.next(),
        partner,
        world: world.clone(),
        state,
        opened_at,
        reference,
        closed_at: None,
        paid_until: None,
        ..rest
    }
}

async fn written(bench: &Bench, intents: Vec<Intent>) -> bool {
    let mut change = Change::default();
    change.intents.insert = intents;
    bench.write(change).await.is_ok()
}

async fn of_a_purchase_one_intent_is_open(bench: Bench) {
    let live = World::live();
    let (first, second) = (intent(&bench, &live, "run_1/register_name"), intent(&bench, &live, "run_1/register_name"));
    assert!(written(&bench, vec![first.clone()]).await);
    assert!(!written(&bench, vec![second.clone()]).await, "whoever else begins finds the first");
    let mut change = Change::default();
    change.intents.update.push(Intent { state: IntentState::NotBought, closed_at: Some(NOW), ..first.clone() });
    change.intents.insert.push(second.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(intents::open(&mut db, &first.reference).await.unwrap(), Some(second.clone()));
    assert_eq!(intents::newest(&mut db, &first.reference).await.unwrap().map(|one| one.id), Some(second.id));
    // What stands in the filled rows is a renewal.
    let renewal = intents::newest_renewal(&mut db, &first.domain).await.unwrap();
    assert_eq!(renewal.map(|one| one.id), intents::newest(&mut db, &first.reference).await.unwrap().map(|one| one.id));
    assert_eq!(intents::newest_renewal(&mut db, &bench.ids.next()).await.unwrap(), None);
    assert_eq!(intents::open(&mut db, "run_2/register_name").await.unwrap(), None);
}

async fn intents_are_found_by_age_and_state_unless_their_world_is_gone(bench: Bench) {
    let (live, now) = (World::live(), bench.partner.scope(Environment::Test).world);
    let left = World::test(&bench.partner.id, bench.partner.test_epoch + 1);
    let all = [(&live, "r1"), (&now, "r2"), (&left, "r3"), (&live, "r4")]
        .map(|(world, reference)| intent(&bench, world, reference));
    let mut rows = all.to_vec();
    rows[3].opened_at = NOW.plus(-HOUR);
    assert!(written(&bench, rows).await);
    let mut db = bench.store.read().await.unwrap();
    let place = |found: &[Intent]| {
        found.iter().map(|one| all.iter().position(|known| known.id == one.id).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(place(&intents::open_since(&mut db, NOW, 9).await.unwrap()), [3, 0, 1]);
    assert_eq!(place(&intents::open_since(&mut db, NOW.plus(-HOUR), 9).await.unwrap()), [3]);
    let filter = Filter { state: Some(IntentState::Open), partner: Some(bench.partner.id.clone()) };
    assert_eq!(place(&intents::list(&mut db, &filter, 2).await.unwrap()), [3, 1]);
    assert_eq!(place(&intents::list(&mut db, &Filter::default(), 9).await.unwrap()), [3, 1, 0]);
    let closed = Filter { state: Some(IntentState::Bought), ..Filter::default() };
    assert_eq!(intents::list(&mut db, &closed, 9).await.unwrap(), []);
}

async fn what_is_spent_is_what_was_paid_and_what_may_still_be(bench: Bench) {
    let (live, test) = (World::live(), bench.partner.scope(Environment::Test).world);
    let row = |world: &World, reference: &str, account: &str, state, paid_cents| {
        let account = account.to_owned();
        Intent { account, most_cents: 1_000, state, paid_cents, ..intent(&bench, world, reference) }
    };
    let mut rows = vec![
        row(&live, "r1", "one", IntentState::Open, None),
        row(&live, "r2", "one", IntentState::Bought, Some(900)),
        row(&live, "r3", "two", IntentState::Bought, None),
        row(&live, "r4", "two", IntentState::NotBought, None),
        row(&test, "r5", "one", IntentState::Bought, Some(500)),
        row(&live, "r6", "one", IntentState::Bought, Some(7)),
    ];
    rows[5].opened_at = NOW.plus(-3 * DAY);
    assert!(written(&bench, rows).await);
    let mut db = bench.store.read().await.unwrap();
    let since = NOW.plus(-DAY);
    assert_eq!(intents::spent(&mut db, since, None).await.unwrap(), 2_900);
    assert_eq!(intents::spent(&mut db, since, Some("one")).await.unwrap(), 1_900);
    assert_eq!(intents::spent(&mut db, NOW.plus(-9 * DAY), Some("one")).await.unwrap(), 1_907);
    let caps = [(None, Span::Day, 5_000), (Some("two".to_owned()), Span::Day, 1_000)];
    let certain = intents::certain(&mut db).await.unwrap();
    let references: Vec<_> = certain.iter().map(|one| one.reference.as_str()).collect();
    assert_eq!(
        references,
        ["r1", "r2", "r3", "r6"],
        "what was not bought, and what a sandbox bought, is not real money"
    );
    let usage = intents::usage(&mut db, &caps, NOW).await.unwrap();
    assert_eq!(
        usage.iter().map(|one| (one.cap_cents, one.spent_cents)).collect::<Vec<_>>(),
        [(5_000, 2_900), (1_000, 1_000)]
    );
}

async fn costs_are_what_was_paid_beside_what_is_charged(bench: Bench) {
    let (order, domains, lines) = bench.order("costs.com");
    let live = World::live();
    let of_live = |line: &Line| Line { world: live.clone(), ..line.clone() };
    let mut change = Change::default();
    change.lines.extend(lines.iter().map(of_live));
    change.orders.insert.push(Order { world: live.clone(), ..order.clone() });
    change.domains.insert.extend(domains.iter().map(|domain| Domain { world: live.clone(), ..domain.clone() }));
    let row = |reference: &str, state, paid_cents| Intent {
        order: Some(order.id.clone()),
        most_cents: 1_200,
        state,
        paid_cents,
        ..intent(&bench, &live, reference)
    };
    let intents = [
        row("r1", IntentState::Bought, Some(1_100)),
        row("r2", IntentState::Bought, None),
        row("r3", IntentState::Open, None),
        row("r4", IntentState::NotBought, None),
    ];
    change.intents.insert.extend(intents);
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let filter = costs::Filter { live: true, partner: None, limit: 10 };
    let sums = costs::sums(&mut db, By::Order, &filter).await.unwrap();
    let expected = costs::Sum { of: order.id.to_string(), price_cents: 1_300, cost_cents: 2_300, open_cents: 1_200 };
    assert_eq!((sums.as_slice(), sums[0].margin_cents()), (&[expected.clone()][..], -1_000));
    let months = costs::sums(&mut db, By::Month, &filter).await.unwrap();
    assert_eq!(months, [costs::Sum { of: NOW.date()[..7].to_owned(), ..expected }]);
    let nobody = costs::Filter { live: false, partner: Some(bench.partner.id.clone()), limit: 10 };
    assert_eq!(costs::sums(&mut db, By::Order, &nobody).await.unwrap(), []);
}

async fn each_line_has_the_cost_of_its_own_purchase(bench: Bench) {
    let (order, domains, lines) = bench.order("lines.com");
    let (live, until) = (World::live(), NOW.plus(730 * DAY));
    let bought = lines.iter().find(|line| line.kind == LineKind::DomainRegistration).unwrap();
    let paid_for = Some(PaidFor { start: NOW.plus(365 * DAY), end: until });
    let year = Line {
        id: bench.ids.next(),
        world: live.clone(),
        kind: LineKind::DomainRenewal,
        period: NOW.plus(365 * DAY).date(),
        paid_for,
        created_at: NOW.plus(DAY),
        ..bought.clone()
    };
    let late = Line {
        id: bench.ids.next(),
        period: "once run_2".into(),
        kind: LineKind::DomainRegistration,
        paid_for: None,
        created_at: NOW.plus(HOUR),
        ..year.clone()
    };
    let mut change = Change::default();
    change.lines.extend([Line { world: live.clone(), ..bought.clone() }, year.clone(), late.clone()]);
    change.orders.insert.push(Order { world: live.clone(), ..order });
    change.domains.insert.extend(domains.iter().map(|domain| Domain { world: live.clone(), ..domain.clone() }));
    let row = |reference: &str, kind, state, paid_until, paid_cents| Intent {
        domain: bought.domain.clone(),
        most_cents: 1_200,
        kind,
        state,
        paid_until,
        paid_cents,
        ..intent(&bench, &live, reference)
    };
    use IntentState::{Bought, NotBought, Open};
    change.intents.insert.extend([
        row("r1", IntentKind::Register, Bought, Some(NOW), Some(1_100)),
        row("r2", IntentKind::Register, NotBought, None, None),
        row("r3", IntentKind::Renew, Bought, Some(until), Some(900)),
        row("r4", IntentKind::Renew, Bought, Some(until.plus(365 * DAY)), Some(7)),
        row("r5", IntentKind::Renew, Open, None, None),
    ]);
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let filter = costs::Filter { live: true, partner: Some(bench.partner.id.clone()), limit: 3 };
    let told = costs::of_lines(&mut db, &filter).await.unwrap();
    let money: Vec<_> =
        told.iter().map(|one| (&one.line, one.cost_cents, one.margin_cents(), one.open_cents)).collect();
    let price = bought.amount_cents;
    let certain = |line, cost| (line, Some(cost), Some(price - cost), None);
    // The first one was given up for lost, and what came after all is the other's.
    assert_eq!(money, [certain(&year.id, 900), certain(&late.id, 1_100), (&bought.id, None, None, None)]);
    let none = costs::Filter { live: false, partner: None, limit: 9 };
    assert_eq!(costs::of_lines(&mut db, &none).await.unwrap(), []);
}

async fn seats_cost_every_month_until_they_are_given_back(bench: Bench) {
    let (live, month) = (World::live(), Time(NOW.0 + 40 * DAY));
    let (order, rows, lines) = bench.order("seats.com");
    let licences: Vec<_> = lines.iter().filter(|line| line.domain == rows[0].id).cloned().collect();
    let licences: Vec<_> = licences
        .into_iter()
        .filter(|line| matches!(line.kind, LineKind::GoogleLicense | LineKind::MicrosoftLicense))
        .map(|line| Line { world: live.clone(), ..line })
        .collect();
    let seats = Intent {
        kind: IntentKind::Seat,
        account: "office".into(),
        domain: rows[0].id.clone(),
        order: Some(order.id.clone()),
        seats: Some(25),
        state: IntentState::Bought,
        most_cents: 10_000,
        paid_cents: None,
        ended_at: None,
        ..intent(&bench, &live, "run_seats/create_inboxes")
    };
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.extend(rows);
    change.lines.clone_from(&licences);
    change.intents.insert.push(seats.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(intents::seats_of(&mut db, &seats.domain).await.unwrap(), std::slice::from_ref(&seats));
    assert_eq!(intents::held_seats(&mut db, month, None).await.unwrap(), 10_000);
    assert_eq!(intents::held_seats(&mut db, month, Some("other")).await.unwrap(), 0);
    let caps = |span| [(Some("office".to_owned()), span, 50_000)];
    let usage = intents::usage(&mut db, &caps(Span::Month), month).await.unwrap();
    assert_eq!(usage[0].spent_cents, 10_000, "also in a month in which none is bought");
    assert_eq!(intents::usage(&mut db, &caps(Span::Day), month).await.unwrap()[0].spent_cents, 0);
    assert_eq!(intents::certain(&mut db).await.unwrap(), [], "no name was bought");
    assert_eq!(intents::open_since(&mut db, month, 9).await.unwrap(), []);
    let filter = costs::Filter { live: true, partner: None, limit: 9 };
    let told = costs::of_lines(&mut db, &filter).await.unwrap();
    let price: i64 = licences.iter().map(|line| line.amount_cents).sum();
    assert_eq!(told.iter().map(|one| one.cost_cents).collect::<Vec<_>>(), [Some(10_000)]);
    let sums = costs::sums(&mut db, By::Month, &filter).await.unwrap();
    assert_eq!((sums[0].price_cents, sums[0].cost_cents), (price, 10_000));
    let sums = costs::sums(&mut db, By::Order, &filter).await.unwrap();
    assert_eq!((sums.len(), sums[0].cost_cents), (1, 10_000));
    drop(db);
    let mut change = Change::default();
    change.intents.update.push(Intent { ended_at: Some(NOW), ..seats.clone() });
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(intents::seats_of(&mut db, &seats.domain).await.unwrap(), []);
    assert_eq!(intents::held_seats(&mut db, month, None).await.unwrap(), 0);
}

async fn what_a_tenant_has_begun_is_its_inboxes_or_the_seats_that_were_taken_for_them(bench: Bench) {
    let (order, mut rows, _) = bench.order("begun.com");
    rows.truncate(1);
    rows[0].accounts.give(Role::Mail, "office");
    let seats = Intent {
        kind: IntentKind::Seat,
        account: "office".into(),
        domain: rows[0].id.clone(),
        order: Some(order.id.clone()),
        seats: Some(25),
        asked_at: Some(NOW),
        ended_at: None,
        ..intent(&bench, &World::live(), "run_begun/create_inboxes")
    };
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.clone_from(&rows);
    change.intents.insert.push(seats.clone());
    bench.write(change).await.unwrap();
    let begun = async || domains::users_begun(&mut bench.store.read().await.unwrap(), "office").await.unwrap();
    assert_eq!(begun().await, 0, "nobody knows yet whether the first try takes any");
    let change_to = async |seats: Intent| {
        let mut change = Change::default();
        change.intents.update.push(seats);
        bench.write(change).await.unwrap();
    };
    let tried = Intent { asked_at: Some(NOW.plus(HOUR)), ..seats };
    change_to(tried.clone()).await;
    assert_eq!(begun().await, 25);
    assert_eq!(domains::users_begun(&mut bench.store.read().await.unwrap(), "other").await.unwrap(), 0);
    let bought = Intent { state: IntentState::Bought, seats: Some(2), version: tried.version + 1, ..tried };
    change_to(bought.clone()).await;
    assert_eq!(begun().await, 2);
    let inbox = ordered::inbox(&Fill::of("a", 0, 1));
    let mut change = Change::default();
    for number in 0..3 {
        let (email, status) = (format!("jane{number}@begun.com"), InboxStatus::Active);
        let (id, domain, order) = (bench.ids.next(), rows[0].id.clone(), rows[0].order.clone());
        change.inboxes.insert.push(Inbox { id, email, status, domain, order: order.unwrap(), ..inbox.clone() });
    }
    bench.write(change).await.unwrap();
    assert_eq!(begun().await, 3, "also of those from before seats were written down");
    change_to(Intent { ended_at: Some(NOW), version: bought.version + 1, ..bought }).await;
    assert_eq!(begun().await, 3);
    let mut change = Change::default();
    change.domains.update.push(Domain { status: DomainStatus::Released, ..rows.remove(0) });
    bench.write(change).await.unwrap();
    assert_eq!(begun().await, 0);
}

async fn accounts_have_the_domains_that_have_not_left(bench: Bench) {
    let (order, mut all, _) = bench.order("accounts.com");
    let mut change = Change::default();
    change.orders.insert.push(order);
    change.domains.insert.clone_from(&all);
    bench.write(change).await.unwrap();
    let mut change = Change::default();
    let mut given = all.remove(0);
    given.accounts.give(Role::Dns, "zones");
    given.accounts.give(Role::Mail, "tenant");
    change.domains.update.push(given.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(domains::in_accounts(&mut db, Role::Dns).await.unwrap(), [("zones".to_owned(), 1)]);
    assert_eq!(domains::in_accounts(&mut db, Role::Sequencer).await.unwrap(), []);
    let has = |of_customer| {
        let users = given.inboxes_planned;
        [("tenant".to_owned(), Has { domains: 1, users, of_customer, most_users: None })]
    };
    assert_ne!(given.inboxes_planned, 0);
    assert_eq!(domains::in_tenants(&mut db, given.user.as_ref()).await.unwrap(), has(1));
    assert_eq!(domains::in_tenants(&mut db, Some(&UserId::opaque("usr_other"))).await.unwrap(), has(0));
    assert_eq!(domains::in_tenants(&mut db, None).await.unwrap(), has(0));
    assert_eq!(domains::in_accounts(&mut db, Role::Observer).await.unwrap(), []);
    assert_eq!(domains::at(&mut db, Role::Dns, "zones").await.unwrap(), (0, 1), "it is a sandbox's");
    assert_eq!(domains::at(&mut db, Role::Observer, "zones").await.unwrap(), (0, 0));
    assert_eq!(domains::living(&mut db, &given.world).await.unwrap().len(), 1);
    drop(db);
    let mut change = Change::default();
    change.domains.update.push(Domain { status: DomainStatus::Released, version: given.version + 1, ..given });
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(domains::in_accounts(&mut db, Role::Dns).await.unwrap(), []);
    assert_eq!(domains::in_tenants(&mut db, None).await.unwrap(), []);
}

async fn of_a_reach_one_pause_is_in_force(bench: Bench) {
    let pause = |reach: &Reach| Pause::new(bench.ids.next(), reach.clone(), false, "alex (1000)", NOW);
    let (all, one) = (pause(&Reach::All), pause(&Reach::Account("acme".into())));
    let mut change = Change::default();
    change.pauses.insert = vec![all.clone(), one.clone()];
    bench.write(change).await.unwrap();
    let mut again = Change::default();
    again.pauses.insert.push(pause(&Reach::All));
    assert!(bench.write(again.clone()).await.is_err());
    let mut found = pauses::in_force(&mut bench.store.read().await.unwrap()).await.unwrap();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(found, [all.clone(), one.clone()]);
    again.pauses.update.push(Pause { lifted_at: Some(NOW), ..all.clone() });
    bench.write(again).await.unwrap();
    let found = pauses::in_force(&mut bench.store.read().await.unwrap()).await.unwrap();
    assert_eq!((found.len(), found.iter().any(|pause| pause.id == all.id)), (2, false));
}

//! Every list, by every filter, is read by an index in the list's own order, so that its cost depends on the rows
//! it shows and not on those that it passes over.

use model::action::{Action, ActionReason};
use model::bundle::BundleStatus;
use model::change::Change;
use model::clock::{DAY, MINUTE, SECOND, Time};
use model::delivery::{Delivery, DeliveryStatus, Endpoint};
use model::domain::{Category, Domain, DomainName, DomainStatus, MailProvider};
use model::event::EventKind;
use model::id::{BundleId, DomainId, EndpointId, EventId, Id, OrderId, UserId, lowest_near};
use model::inbox::InboxStatus;
use model::ledger::{Line, LineKind};
use model::order::{Order, OrderStatus};
use model::swap::{Swap, SwapKind, SwapStatus};
use model::user::UserStatus;
use model::world::{Environment, Scope};
use store::{Backend, Db, Page, actions, bundles, deliveries, domains, events, inboxes, ledger, orders, swaps, users};

use crate::support::bench::{Bench, NOW};
use crate::support::plans::Plans;

on_both! {
    every_list_is_read_by_an_index
    orders_between_two_times_are_those_placed_then
}

/// A list that is added to the product is added here: one line for each filter, and for filters together. The
/// values asked for are those of a minority: PostgreSQL rightly walks all rows of a partner for most of them.
async fn every_list_is_read_by_an_index(bench: Bench) {
    // PostgreSQL chooses by what it knows of the rows; SQLite, which keeps no statistics here, by the schema alone.
    fill(&bench, if bench.store.backend() == Backend::Postgres { 4_000 } else { 10 }).await;
    if bench.store.backend() == Backend::Postgres {
        let tables =
            ["users", "bundles", "orders", "domains", "inboxes", "actions", "swaps", "ledger", "events", "deliveries"];
        bench.analyze(&tables).await;
    }
    let mut plans = Plans::of(&bench);
    users_and_bundles(&mut plans).await;
    orders_lists(&mut plans).await;
    domains_lists(&mut plans).await;
    inboxes_lists(&mut plans).await;
    actions_lists(&mut plans).await;
    swaps_lists(&mut plans).await;
    ledger_lists(&mut plans).await;
    events_lists(&bench, &mut plans).await;
    deliveries_lists(&mut plans).await;
    replays(&bench, &mut plans).await;
    plans.finish();
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

async fn users_and_bundles(plans: &mut Plans<'_>) {
    for (leads, email, status) in [
        ("status", None, UserStatus::Active),
        ("status", None, UserStatus::Deleted),
        ("email_folded", some("7@acme.com"), UserStatus::Deleted),
    ] {
        let filter = users::Filter { email, status };
        plans.check("users", leads, async |db, scope, page| users::list(db, scope, &filter, page).await).await;
    }
    let one = users::Filter { email: some("7@acme.com"), status: UserStatus::Active };
    plans.check_few("users", "email_folded", async |db, scope, page| users::list(db, scope, &one, page).await).await;
    for (leads, status) in [("", None), ("status", Some(BundleStatus::Archived))] {
        plans.check("bundles", leads, async |db, scope, page| bundles::list(db, scope, status, page).await).await;
    }
}

async fn orders_lists(plans: &mut Plans<'_>) {
    let all = orders::Filter::default;
    let user = || orders::Filter { user: some("usr_7"), ..all() };
    let then = |filter| orders::Filter { created_after: Some(NOW), created_before: Some(NOW.plus(DAY)), ..filter };
    for (leads, filter) in [
        ("", all()),
        ("user_id", user()),
        ("email_folded", orders::Filter { email: some("7@acme.com"), ..all() }),
        ("bundle_id", orders::Filter { bundle: Some(BundleId::opaque("bun_7")), ..all() }),
        ("status", orders::Filter { status: Some(OrderStatus::Failed), ..all() }),
        ("user_id", orders::Filter { status: Some(OrderStatus::Completed), ..user() }),
        ("user_id", orders::Filter { bundle: Some(BundleId::opaque("bun_7")), ..user() }),
        ("id", orders::Filter { created_after: Some(NOW), ..all() }),
        ("id", orders::Filter { created_before: Some(NOW.plus(DAY)), ..all() }),
        ("id", then(all())),
        ("user_id", then(user())),
        ("status", then(orders::Filter { status: Some(OrderStatus::Failed), ..all() })),
    ] {
        plans.check("orders", leads, async |db, scope, page| orders::list(db, scope, &filter, page).await).await;
    }
    let one = orders::Filter { reference: some("ref-7"), ..all() };
    plans.check_few("orders", "reference", async |db, scope, page| orders::list(db, scope, &one, page).await).await;
}

async fn domains_lists(plans: &mut Plans<'_>) {
    let all = domains::Filter::default;
    for (leads, filter) in [
        ("", all()),
        ("user_id", domains::Filter { user: some("usr_7"), ..all() }),
        ("user_id", domains::Filter { user: some("usr_7"), status: Some(DomainStatus::Active), ..all() }),
        ("status", domains::Filter { status: Some(DomainStatus::Active), ..all() }),
        ("status", domains::Filter { status: Some(DomainStatus::Released), ..all() }),
        ("category", domains::Filter { category: Some(Category::Inventory), ..all() }),
        ("category", domains::Filter { category: Some(Category::Connected), ..all() }),
        ("for_google", domains::Filter { usable_for: Some(MailProvider::Google), ..all() }),
        ("for_microsoft", domains::Filter { usable_for: Some(MailProvider::Microsoft), ..all() }),
    ] {
        plans.check("domains", leads, async |db, scope, page| domains::list(db, scope, &filter, page).await).await;
    }
    let named = async |db: &mut Db, scope: &Scope, _: &Page| domains::orders_with(db, &scope.world, "n7.com").await;
    plans.check_few("orders of a name", "name", named).await;
}

async fn inboxes_lists(plans: &mut Plans<'_>) {
    let all = inboxes::Filter::default;
    let deleted = || inboxes::Filter { status: Some(InboxStatus::Deleted), ..all() };
    for (leads, filter) in [
        ("", all()),
        ("order_id", inboxes::Filter { order: some("ord_7"), ..all() }),
        ("user_id", inboxes::Filter { user: some("usr_7"), ..all() }),
        ("user_id", inboxes::Filter { user: some("usr_7"), status: Some(InboxStatus::Active), ..all() }),
        ("status", inboxes::Filter { status: Some(InboxStatus::Creating), ..all() }),
        ("provider", inboxes::Filter { provider: Some(MailProvider::Microsoft), ..all() }),
        ("status", deleted()),
        ("order_id", inboxes::Filter { order: some("ord_7"), ..deleted() }),
        ("email", inboxes::Filter { email: some("7@acme.com"), ..deleted() }),
    ] {
        plans.check("inboxes", leads, async |db, scope, page| inboxes::list(db, scope, &filter, page).await).await;
    }
    for (leads, filter) in [
        ("email", inboxes::Filter { email: some("7@acme.com"), ..all() }),
        ("email", inboxes::Filter { email: some("7@acme.com"), status: Some(InboxStatus::Active), ..all() }),
        ("domain_id", inboxes::Filter { domain: some("dom_7"), ..all() }),
        ("domain_id", inboxes::Filter { domain: some("dom_7"), ..deleted() }),
    ] {
        plans.check_few("inboxes", leads, async |db, scope, page| inboxes::list(db, scope, &filter, page).await).await;
    }
}

async fn actions_lists(plans: &mut Plans<'_>) {
    let of = |open| actions::Filter { open, ..actions::Filter::default() };
    for open in [true, false] {
        plans.check("actions", "open", async |db, scope, page| actions::list(db, scope, &of(open), page).await).await;
        for (leads, filter) in [
            ("order_id", actions::Filter { order: some("ord_7"), ..of(open) }),
            ("domain_id", actions::Filter { domain: some("dom_7"), ..of(open) }),
            ("user_id", actions::Filter { user: some("usr_7"), ..of(open) }),
        ] {
            plans
                .check_few("actions", leads, async |db, scope, page| actions::list(db, scope, &filter, page).await)
                .await;
        }
    }
}

async fn swaps_lists(plans: &mut Plans<'_>) {
    let all = swaps::Filter::default;
    for (leads, filter) in [("", all()), ("status", swaps::Filter { status: Some(SwapStatus::Failed), ..all() })] {
        plans.check("swaps", leads, async |db, scope, page| swaps::list(db, scope, &filter, page).await).await;
    }
    for (leads, filter) in [
        ("user_id", swaps::Filter { user: some("usr_7"), ..all() }),
        ("order_id", swaps::Filter { order: some("ord_7"), ..all() }),
        // The last of the two statements is that for the other side.
        ("replacement_id", swaps::Filter { domain: some("dom_7"), ..all() }),
    ] {
        plans.check_few("swaps", leads, async |db, scope, page| swaps::list(db, scope, &filter, page).await).await;
    }
}

async fn ledger_lists(plans: &mut Plans<'_>) {
    let all = ledger::Filter::default;
    let kind = || ledger::Filter { kind: Some(LineKind::Swap), ..all() };
    let then = |filter| ledger::Filter { after: Some(NOW), before: Some(NOW.plus(DAY)), ..filter };
    for (leads, filter) in [
        ("", all()),
        ("user_id", ledger::Filter { user: some("usr_7"), ..all() }),
        ("user_id", ledger::Filter { user: some("usr_7"), ..kind() }),
        ("kind", kind()),
        ("id", ledger::Filter { after: Some(NOW), ..all() }),
        ("id", ledger::Filter { before: Some(NOW.plus(DAY)), ..all() }),
        ("id", then(all())),
        ("kind", then(kind())),
    ] {
        plans.check("ledger", leads, async |db, scope, page| ledger::list(db, scope, &filter, page).await).await;
    }
    for (leads, filter) in [
        ("order_id", ledger::Filter { order: some("ord_7"), ..all() }),
        ("domain_id", ledger::Filter { domain: some("dom_7"), ..all() }),
        ("domain_id", ledger::Filter { domain: some("dom_7"), ..kind() }),
    ] {
        plans.check_few("ledger", leads, async |db, scope, page| ledger::list(db, scope, &filter, page).await).await;
    }
}

async fn events_lists(bench: &Bench, plans: &mut Plans<'_>) {
    let mut db = bench.store.read().await.unwrap();
    let last = events::newest(&mut db, &bench.scope()).await.unwrap();
    for (leads, kind) in [("", None), ("kind", Some(EventKind::InboxLinked))] {
        plans.check("events", leads, async |db, scope, page| events::list(db, scope, kind, page).await).await;
        plans
            .check("events after one", "(position,id)", async |db, scope, page| {
                events::after(db, scope, kind, last.as_ref(), page.limit).await
            })
            .await;
    }
}

async fn deliveries_lists(plans: &mut Plans<'_>) {
    let all = deliveries::Filter::default;
    for (leads, filter) in [
        ("", all()),
        ("endpoint_id", deliveries::Filter { endpoint: Some(EndpointId::opaque("whe_7")), ..all() }),
        ("status", deliveries::Filter { status: Some(DeliveryStatus::Failed), ..all() }),
    ] {
        plans
            .check("deliveries", leads, async |db, scope, page| deliveries::list(db, scope, &filter, page).await)
            .await;
    }
    let one = deliveries::Filter { event: Some(EventId::opaque("evt_7")), ..all() };
    plans
        .check_few("deliveries", "event_id", async |db, scope, page| deliveries::list(db, scope, &one, page).await)
        .await;
}

/// What an endpoint was not told is looked up by the event: an endpoint has many deliveries.
async fn replays(bench: &Bench, plans: &mut Plans<'_>) {
    let endpoint = Endpoint { id: EndpointId::opaque("whe_7"), ..bench.endpoint(Environment::Test, None) };
    let events = [EventId::opaque("evt_7"), EventId::opaque("evt_8")];
    let look = async |db: &mut Db, scope: &Scope, page: &Page| {
        let search = events::Search { since: NOW, after: None, look: page.limit, find: 10 };
        events::untold(db, scope, &endpoint, &search).await.map(|untold| untold.events)
    };
    plans.check_few("replay", "event_id", look).await;
    let again =
        async |db: &mut Db, scope: &Scope, _: &Page| events::still_untold(db, scope, &endpoint.id, &events).await;
    plans.check_few("replay, once more", "event_id", again).await;
}

/// Rows that are spread over the values of every filter.
async fn fill(bench: &Bench, rows: usize) {
    let statuses = [OrderStatus::Completed, OrderStatus::InProgress, OrderStatus::Failed, OrderStatus::Cancelled];
    let domain_statuses = [DomainStatus::Active, DomainStatus::Pending, DomainStatus::Released, DomainStatus::Failed];
    let inbox_statuses = [InboxStatus::Active, InboxStatus::Creating, InboxStatus::Deleted];
    let kinds = [EventKind::OrderInProgress, EventKind::OrderCompleted, EventKind::InboxLinked];
    let mut change = Change::default();
    for n in 0..rows {
        let (mut order, mut domain, lines) = bench.order(&format!("a{n}.com"));
        order.user = UserId::opaque(format!("usr_{}", n % 500));
        order.email = format!("{}@acme.com", n % 500);
        order.bundle = Some(BundleId::opaque(format!("bun_{}", n % 50)));
        order.status = statuses[n % statuses.len()];
        order.reference = Some(format!("ref-{n}"));
        order.created_at = NOW.plus(i64::try_from(n).unwrap() * SECOND);
        domain[0].user = Some(order.user.clone());
        domain[0].status = domain_statuses[n % 4];
        domain[0].order = (n % 3 > 0).then(|| order.id.clone());
        domain[0].usable_for.truncate(n % 3);
        let mut inbox = bench.inbox(&domain[0], &format!("{n}@acme.com"));
        inbox.status = inbox_statuses[n % inbox_statuses.len()];
        inbox.provider = if n % 4 == 0 { MailProvider::Microsoft } else { MailProvider::Google };
        change.actions.insert.push(action(bench, n, &order, &domain[0]));
        change.swaps.insert.push(swap(bench, n, &order));
        let mut user = bench.user(&format!("{n}@acme.com"));
        user.status = if n % 4 == 0 { UserStatus::Deleted } else { UserStatus::Active };
        let mut bundle = bench.bundle();
        bundle.status = if n % 4 == 0 { BundleStatus::Archived } else { BundleStatus::Active };
        change.users.insert.push(user);
        change.bundles.insert.push(bundle);
        change.lines.push(line(n, &order, lines));
        change.orders.insert.push(order);
        change.domains.insert.append(&mut domain);
        change.inboxes.insert.push(inbox);
        change.events.push(bench.event(kinds[n % kinds.len()]));
        let id = EndpointId::opaque(format!("whe_{}", n % 50));
        let endpoint = Endpoint { id, ..bench.endpoint(Environment::Test, None) };
        let event = EventId::opaque(format!("evt_{n}"));
        let due = Delivery::due(bench.ids.next(), event, &endpoint, &bench.scope().world, NOW);
        let status = if n % 20 == 0 { DeliveryStatus::Failed } else { DeliveryStatus::Delivered };
        change.deliveries.insert.push(Delivery { status, ..due });
    }
    bench.write(change).await.unwrap();
}

fn action(bench: &Bench, n: usize, order: &Order, domain: &Domain) -> Action {
    Action {
        id: bench.ids.next(),
        partner: order.partner.clone(),
        world: order.world.clone(),
        reason: ActionReason::DkimNeedsEnabling,
        open: n.is_multiple_of(4),
        order: Some(order.id.clone()),
        domain: domain.id.clone(),
        domain_name: domain.name.to_string(),
        user: Some(order.user.clone()),
        persona: None,
        message: String::new(),
        created_at: NOW,
        resolved_at: (!n.is_multiple_of(4)).then_some(NOW),
        run: None,
        answered: None,
        version: 1,
    }
}

fn line(n: usize, order: &Order, mut lines: Vec<Line>) -> Line {
    Line {
        user: Some(order.user.clone()),
        domain: DomainId::opaque(format!("dom_{}", n % 500)),
        kind: if n.is_multiple_of(4) { LineKind::Swap } else { LineKind::DomainRegistration },
        created_at: order.created_at,
        ..lines.remove(0)
    }
}

fn swap(bench: &Bench, n: usize, order: &Order) -> Swap {
    Swap {
        id: bench.ids.next(),
        partner: order.partner.clone(),
        world: order.world.clone(),
        kind: SwapKind::Standard,
        order: order.id.clone(),
        user: order.user.clone(),
        domain: DomainId::opaque(format!("dom_{}", n % 500)),
        replacement_name: Some(DomainName::stored("new.com")),
        replacement: (!n.is_multiple_of(4)).then(|| DomainId::opaque(format!("dom_{}", n / 4 % 500))),
        inbox: None,
        persona: None,
        status: if n.is_multiple_of(4) { SwapStatus::Failed } else { SwapStatus::Completed },
        reason: None,
        created_at: NOW,
        finished_at: Some(NOW),
        version: 1,
    }
}

/// Orders one after the other, some of which took their time, while the sandbox's clock jumps a day ahead.
async fn orders_between_two_times_are_those_placed_then(bench: Bench) {
    let drawn: OrderId = bench.ids.next();
    let mut placed: Vec<(OrderId, Time)> = vec![];
    let mut change = Change::default();
    for n in 0..12 {
        let jump = if n < 6 { 0 } else { DAY };
        let late = if n % 3 == 0 { 50_000 } else { 0 };
        let mut order = bench.order("acme.com").0;
        order.id = lowest_near(&drawn, n * 20_000 + late + 1).unwrap();
        order.created_at = NOW.plus(n * 20 * SECOND + jump);
        placed.push((order.id.clone(), order.created_at));
        change.orders.insert.push(order);
    }
    placed.sort();
    placed.reverse();
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let times: Vec<_> =
        placed.iter().flat_map(|(_, time)| [time.plus(0), time.plus(1)]).chain([NOW.plus(-MINUTE)]).collect();
    for after in times.iter().map(|time| Some(*time)).chain([None]) {
        for before in times.iter().map(|time| Some(*time)).chain([None]) {
            let within = |time: Time| after.is_none_or(|from| time >= from) && before.is_none_or(|to| time < to);
            let expected: Vec<_> = placed.iter().filter(|(_, time)| within(*time)).map(|(id, _)| id.clone()).collect();
            let found = walk(&mut db, &bench.scope(), after, before).await;
            assert_eq!(found, expected, "{after:?} {before:?}");
        }
    }
}

async fn walk(db: &mut Db, scope: &Scope, after: Option<Time>, before: Option<Time>) -> Vec<OrderId> {
    let filter = orders::Filter { created_after: after, created_before: before, ..Default::default() };
    let (mut seen, mut below) = (vec![], None);
    loop {
        let page = Page { below: below.take(), limit: 5 };
        let rows = orders::list(db, scope, &filter, &page).await.unwrap();
        let Some(last) = rows.last() else { return seen };
        below = Some(last.id.to_string());
        seen.extend(rows.into_iter().map(|order| order.id));
    }
}

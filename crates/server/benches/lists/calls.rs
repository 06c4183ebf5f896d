//! Every list, with every filter it has.

use crate::seeding::{DOMAINS, Size};

/// The calls, about the row with that number where they are about one: of as many rows as there are orders.
pub(crate) fn calls(size: Size, row: i64) -> Vec<String> {
    let lists = [orders(size, row), domains(size, row), swaps(size, row), inboxes(size, row), people(size, row)];
    let bundles = ("/bundles", vec![String::new(), "status=archived".into()]);
    let lists = lists.into_iter().chain([bundles, ledger(size, row)]).chain(news(size, row));
    lists.flat_map(|(path, filters)| filters.into_iter().map(move |filter| format!("{path}?{filter}"))).collect()
}

type List = (&'static str, Vec<String>);

/// The customer that the row belongs to.
fn user(size: Size, row: i64) -> (String, String) {
    let number = row % size.users();
    (Size::id("usr", number), format!("user{number}%40acme.com"))
}

fn orders(size: Size, row: i64) -> List {
    let ((user, email), then) = (user(size, row), Size::created(size.orders, row));
    // The first order has none before it.
    let later = Size::created(size.orders, row.max(100));
    let filters = vec![
        String::new(),
        format!("user_id={user}"),
        format!("user_email={email}"),
        format!("bundle_id={}", Size::id("bun", row % 50)),
        "status=completed".into(),
        "status=failed".into(),
        format!("reference=R-{}", row / 2 * 2),
        format!("created_after={then}"),
        format!("created_before={later}"),
        format!("created_before={later}&status=failed"),
    ];
    ("/orders", filters)
}

fn domains(size: Size, row: i64) -> List {
    let (user, email) = user(size, row);
    let filters = vec![
        String::new(),
        "category=inventory".into(),
        "category=connected".into(),
        format!("user_id={user}"),
        format!("user_email={email}"),
        "usable_for=google".into(),
        "usable_for=microsoft".into(),
        "status=active".into(),
        "status=action_required".into(),
        "category=connected&status=failed".into(),
    ];
    ("/domains", filters)
}

fn swaps(size: Size, row: i64) -> List {
    let swapped = row % size.few();
    let order = swapped / DOMAINS;
    let filters = vec![
        String::new(),
        format!("user_id={}", user(size, order).0),
        format!("order_id={}", Size::id("ord", order)),
        format!("domain_id={}", Size::id("dom", swapped)),
        "status=failed".into(),
    ];
    ("/swaps", filters)
}

fn inboxes(size: Size, row: i64) -> List {
    // One in ten is deleted, and shown only to those who ask for deleted ones.
    let (row, order) = (row / 10 * 10, row / 10 * 10 / DOMAINS);
    let filters = vec![
        String::new(),
        format!("order_id={}", Size::id("ord", order)),
        format!("domain_id={}", Size::id("dom", row)),
        format!("user_id={}", user(size, order).0),
        "status=active".into(),
        "provider=google".into(),
        format!("email=alex{row}%40name{row}.com"),
    ];
    ("/inboxes", filters)
}

fn ledger(size: Size, row: i64) -> List {
    let order = row / DOMAINS;
    let filters = vec![
        String::new(),
        format!("order_id={}", Size::id("ord", order)),
        format!("domain_id={}", Size::id("dom", row)),
        format!("user_id={}", user(size, order).0),
        "kind=swap".into(),
        format!("after={}", Size::created(size.orders, row)),
        // The first line has none before it.
        format!("before={}", Size::created(size.orders, row.max(100))),
    ];
    ("/ledger", filters)
}

fn people(size: Size, row: i64) -> List {
    // One in five is deleted.
    let (_, email) = user(size, row / 5 * 5);
    ("/users", vec![String::new(), format!("email={email}"), "status=deleted".into()])
}

fn news(size: Size, row: i64) -> [List; 3] {
    // One in ten is open.
    let open = row % size.few() / 10 * 10;
    let order = open / DOMAINS;
    let actions = vec![
        String::new(),
        "status=resolved".into(),
        format!("order_id={}", Size::id("ord", order)),
        format!("domain_id={}", Size::id("dom", open)),
        format!("user={}", user(size, order).0),
    ];
    // The last has none after it.
    let event = Size::id("evt", row.min(size.orders - 100));
    let events = vec![
        String::new(),
        "type=order.completed".into(),
        format!("after={event}"),
        format!("after={event}&type=order.completed"),
    ];
    let deliveries = vec![
        String::new(),
        "status=failed".into(),
        format!("endpoint_id={}", Size::id("whe", row % 4)),
        format!("event_id={event}"),
    ];
    [("/orders/pending", actions), ("/events", events), ("/webhook_deliveries", deliveries)]
}

//! Every list, with every filter it has.

use crate::size::Size;

/// The calls, for rows in the middle of what was seeded.
pub(crate) fn calls(size: Size) -> Vec<String> {
    let lists = [things_of_orders(size), people(size), news(size)].concat();
    lists.iter().flat_map(|(path, filters)| filters.iter().map(move |filter| format!("{path}?{filter}"))).collect()
}

type Lists = Vec<(&'static str, Vec<String>)>;

/// A customer in the middle.
fn user(size: Size) -> (String, String) {
    let number = size.orders / 2 % size.users();
    (Size::id("usr", number), format!("user{number}%40acme.com"))
}

fn things_of_orders(size: Size) -> Lists {
    let ((user, email), middle) = (user(size), size.orders / 2);
    let orders = vec![
        String::new(),
        format!("user_id={user}"),
        format!("user_email={email}"),
        format!("bundle_id={}", Size::id("bun", 7)),
        "status=completed".into(),
        "status=failed".into(),
        format!("reference=R-{}", middle / 2 * 2),
        "created_after=2026-05-27T00:00:00Z".into(),
        "created_before=2026-05-28T10:00:00Z".into(),
        "created_before=2026-05-28T10:00:00Z&status=failed".into(),
    ];
    let domains = vec![
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
    let swaps = vec![
        String::new(),
        format!("user_id={user}"),
        format!("order_id={}", Size::id("ord", 3)),
        format!("domain_id={}", Size::id("dom", 17)),
        "status=failed".into(),
    ];
    vec![("/orders", orders), ("/domains", domains), ("/swaps", swaps)]
}

fn people(size: Size) -> Lists {
    let ((user, email), middle) = (user(size), size.orders / 2);
    let inboxes = vec![
        String::new(),
        format!("order_id={}", Size::id("ord", middle)),
        format!("domain_id={}", Size::id("dom", middle)),
        format!("user_id={user}"),
        "status=active".into(),
        "provider=google".into(),
        "email=alex7%40name7.com".into(),
    ];
    let users = vec![String::new(), format!("email={email}"), "status=deleted".into()];
    let actions = vec![
        String::new(),
        "status=resolved".into(),
        format!("order_id={}", Size::id("ord", 4)),
        format!("domain_id={}", Size::id("dom", 20)),
        format!("user={}", Size::id("usr", 4)),
    ];
    vec![("/inboxes", inboxes), ("/users", users), ("/orders/pending", actions)]
}

fn news(size: Size) -> Lists {
    let event = Size::id("evt", size.orders / 2);
    let events = vec![String::new(), "type=order.completed".into(), format!("after={event}")];
    let deliveries = vec![
        String::new(),
        "status=failed".into(),
        format!("endpoint_id={}", Size::id("whe", 2)),
        format!("event_id={event}"),
    ];
    vec![("/events", events), ("/webhook_deliveries", deliveries)]
}

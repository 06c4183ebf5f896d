//! Every list, with every filter it has.

use crate::size::{DOMAINS, Size};

/// The calls, for rows in the middle of what was seeded.
pub(crate) fn calls(size: Size) -> Vec<String> {
    let middle = size.orders / 2;
    let (order, user) = (Size::id("ord", middle), Size::id("usr", middle % size.users()));
    let (domain, bundle) = (Size::id("dom", middle * DOMAINS), Size::id("bun", 7));
    let email = format!("user{}%40acme.com", middle % size.users());
    let orders = [
        String::new(),
        format!("user_id={user}"),
        format!("user_email={email}"),
        format!("bundle_id={bundle}"),
        "status=completed".into(),
        "status=failed".into(),
        format!("reference=R-{}", middle / 2 * 2),
        "created_after=2026-05-27T00:00:00Z".into(),
        "created_before=2026-05-28T10:00:00Z".into(),
        "created_before=2026-05-28T10:00:00Z&status=failed".into(),
    ];
    let domains = [
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
    let inboxes = [
        String::new(),
        format!("order_id={order}"),
        format!("domain_id={domain}"),
        format!("user_id={user}"),
        "status=active".into(),
        "provider=google".into(),
        "email=alex7%40name7.com".into(),
    ];
    let users = [String::new(), format!("email={email}"), "status=deleted".into()];
    let swaps = [
        String::new(),
        format!("user_id={user}"),
        format!("order_id={}", Size::id("ord", 3)),
        format!("domain_id={}", Size::id("dom", 17)),
        "status=failed".into(),
    ];
    let actions = [
        String::new(),
        "status=resolved".into(),
        format!("order_id={}", Size::id("ord", 4)),
        format!("domain_id={}", Size::id("dom", 20)),
        format!("user={}", Size::id("usr", 4)),
    ];
    let events = [String::new(), "type=order.completed".into(), format!("after={}", Size::id("evt", middle))];
    let deliveries = [
        String::new(),
        "status=failed".into(),
        format!("endpoint_id={}", Size::id("whe", 2)),
        format!("event_id={}", Size::id("evt", middle)),
    ];
    let lists: [(&str, &[String]); 8] = [
        ("/orders", &orders),
        ("/domains", &domains),
        ("/inboxes", &inboxes),
        ("/users", &users),
        ("/swaps", &swaps),
        ("/orders/pending", &actions),
        ("/events", &events),
        ("/webhook_deliveries", &deliveries),
    ];
    lists.iter().flat_map(|(path, filters)| filters.iter().map(move |filter| format!("{path}?{filter}"))).collect()
}

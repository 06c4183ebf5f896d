//! Where an order has come to: everything that may not depend on what happened on the way.

use model::intent::IntentState;
use serde_json::{Value, json};
use store::intents::{self, Filter};

use super::stage::Live;

/// Types of records that our zones have.
const TYPES: [&str; 4] = ["MX", "TXT", "URL", "CNAME"];

/// The order of one name, what vendors were paid for it, and what they serve for it; of every name the same.
pub(crate) async fn end_of(live: &Live, id: &str, name: &str) -> Value {
    let mut told = vec![];
    for event in live.rig.events().await {
        let text = event.to_string();
        if event["type"] != "inbox.linked" && (text.contains(id) || text.contains(name)) {
            told.push(event["type"].to_string());
        }
    }
    // What is due at the same moment has no order.
    told.sort();
    let order = live.rig.order(id).await;
    let domains = order["domains"].as_array().unwrap().iter();
    let domains: Vec<_> = domains.map(|one| json!([one["domain"], one["status"], one["forwarding_url"]])).collect();
    let paid = live.paid().into_iter().filter(|one| one.name == name);
    let end = json!({
        "order": order["status"],
        "charged": order["costs"]["charged_cents"],
        "lines": order["costs"]["line_items"].as_array().unwrap().len(),
        "domains": domains,
        "told": told,
        "paid": paid.map(|one| json!([one.account, one.what, one.cents])).collect::<Vec<_>>(),
        "bought": bought(live, name).await,
        "served": served(live, name),
        "delegated": [live.namecom.delegation(name), live.dnsimple.delegation(name)],
        "renews itself": [live.namecom.renews_by_itself(name), live.dnsimple.renews_by_itself(name)],
    });
    serde_json::from_str(&end.to_string().replace(name, "its name")).unwrap()
}

async fn bought(live: &Live, name: &str) -> Vec<Value> {
    let filter = Filter { state: Some(IntentState::Bought), partner: None };
    let mut db = live.rig.wired.store.read().await.unwrap();
    let found = intents::list(&mut db, &filter, 1_000).await.unwrap();
    found.iter().filter(|one| one.name == name).map(|one| json!([one.kind.as_str(), one.account])).collect()
}

fn served(live: &Live, name: &str) -> Value {
    let all = ["", "www.", "_dmarc."].into_iter().flat_map(|label| TYPES.map(|rtype| (label, rtype)));
    let values = |(label, rtype): (&str, &str)| {
        let mut values = live.dnsimple.hosted(&format!("{label}{name}"), rtype);
        values.sort();
        (!values.is_empty()).then(|| (format!("{label} {rtype}"), json!(values)))
    };
    all.filter_map(values).collect::<serde_json::Map<_, _>>().into()
}

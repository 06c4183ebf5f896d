//! Which preset may make which call.

use model::partner::Preset;
use model::world::Environment;
use serde_json::json;

use crate::support::Api;

/// Every call, and whether `limited` and `read` keys may make it.
pub(crate) const CALLS: &[(&str, &str, bool, bool)] = &[
    ("GET", "/me", true, true),
    ("GET", "/users", true, true),
    ("POST", "/users", false, false),
    ("GET", "/users/usr_1", true, true),
    ("PATCH", "/users/usr_1", false, false),
    ("DELETE", "/users/usr_1", false, false),
    ("GET", "/bundles", true, true),
    ("POST", "/bundles", false, false),
    ("GET", "/bundles/bun_1", true, true),
    ("PATCH", "/bundles/bun_1", false, false),
    ("DELETE", "/bundles/bun_1", false, false),
    ("POST", "/domains/availability", true, false),
    ("GET", "/domains", true, true),
    ("GET", "/domains/dom_1", true, true),
    ("GET", "/domains/dom_1/evidence", true, true),
    ("POST", "/domains/import", false, false),
    ("GET", "/domains/import", true, true),
    ("GET", "/domains/import/imp_1", true, true),
    ("POST", "/domains/import/jobs", false, false),
    ("GET", "/domains/import/jobs/imp_1", true, true),
    ("POST", "/domains/forwarding", false, false),
    ("GET", "/domains/forwarding/fwj_1", true, true),
    ("POST", "/orders/quote", true, false),
    ("GET", "/orders/pending", true, true),
    ("POST", "/orders/pending/act_1/resolve", false, false),
    ("POST", "/orders", false, false),
    ("GET", "/orders", true, true),
    ("GET", "/orders/ord_1", true, true),
    ("GET", "/orders/ord_1/timeline", true, true),
    ("GET", "/inboxes", true, true),
    ("GET", "/inboxes/inb_1", true, true),
    ("GET", "/inboxes/inb_1/access", true, true),
    ("POST", "/inboxes/inb_1/access", false, false),
    ("POST", "/orders/ord_1/access", false, false),
    ("POST", "/orders/ord_1/cancel", false, false),
    ("DELETE", "/orders/ord_1/cancel", false, false),
    ("GET", "/swaps", true, true),
    ("POST", "/swaps", false, false),
    ("POST", "/swaps/user_names", false, false),
    ("GET", "/swaps/swp_1", true, true),
    ("POST", "/swaps/swp_1/cancel", false, false),
    ("GET", "/ledger", true, true),
    ("GET", "/events", true, true),
    ("GET", "/events/evt_1", true, true),
    ("POST", "/test/clock/advance", false, false),
    ("POST", "/test/reset", false, false),
    ("GET", "/webhook_endpoints", true, true),
    ("POST", "/webhook_endpoints", false, false),
    ("GET", "/webhook_endpoints/whe_1", true, true),
    ("PATCH", "/webhook_endpoints/whe_1", false, false),
    ("DELETE", "/webhook_endpoints/whe_1", false, false),
    ("POST", "/webhook_endpoints/whe_1/rotate_secret", false, false),
    ("POST", "/webhook_endpoints/whe_1/test", false, false),
    ("POST", "/webhook_endpoints/whe_1/replay", false, false),
    ("GET", "/webhook_deliveries", true, true),
    ("GET", "/webhook_deliveries/dlv_1", true, true),
    ("POST", "/webhook_deliveries/dlv_1/redeliver", false, false),
];

#[tokio::test]
async fn the_table_of_presets() {
    proves!("error forbidden");
    let api = Api::start().await;
    for environment in [Environment::Test, Environment::Live] {
        let mut keys = vec![];
        for preset in [Preset::Full, Preset::Limited, Preset::Read] {
            keys.push((preset, api.add_key(environment, preset).await));
        }
        for (method, path, limited_may, read_may) in CALLS {
            for (preset, key) in &keys {
                let of_preset = match preset {
                    Preset::Full => true,
                    Preset::Limited => *limited_may,
                    Preset::Read => *read_may,
                };
                let of_environment = environment == Environment::Test || !path.starts_with("/test/");
                check(&api, key, method, path, of_preset && of_environment).await;
            }
        }
    }
}

/// Whether a call is let in, or is refused for its key and for nothing else, under both base addresses.
async fn check(api: &Api, key: &str, method: &str, path: &str, may: bool) {
    for base in ["/partner/v1", "/api/partner/v1"] {
        let reply = api.json_as(key, method, &format!("{base}{path}"), &json!({})).await;
        assert_eq!(reply.status != 403, may, "{method} {path}: {}", reply.json);
        assert_eq!(reply.json["error"]["code"] != "forbidden", may, "{method} {path}: {}", reply.json);
        assert!(reply.status < 500, "{method} {path}: {}", reply.json);
    }
}

#[test]
fn the_table_has_every_call() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let calls = paths.filter(|(path, _)| path.starts_with("/partner/")).flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.as_str()))
    });
    let mut described: Vec<_> = calls.collect();
    let mut tabled: Vec<_> = CALLS
        .iter()
        .map(|(method, path, ..)| {
            let part = |part: &str| if part.ends_with("_1") { "{id}".to_owned() } else { part.to_owned() };
            let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
            ((*method).to_owned(), format!("/partner/v1{path}"))
        })
        .collect();
    described.sort();
    tabled.sort();
    assert_eq!(described.into_iter().map(|(m, p)| (m, p.to_owned())).collect::<Vec<_>>(), tabled);
}

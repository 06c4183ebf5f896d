//! The reference says all that the description says.

use serde_json::Value;

use super::{all, values};
use crate::support::Api;

fn document() -> Value {
    serde_json::to_value(api::openapi()).expect("a document")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[tokio::test]
async fn every_call_event_and_error_has_its_place() {
    let api = Api::start().await;
    let pages = all(&api).await;
    let document = document();
    let ids: Vec<String> =
        pages.iter().filter(|(path, _)| path.starts_with("/docs")).flat_map(|(_, html)| values(html, "id")).collect();
    let has = |id: &str| assert!(ids.iter().any(|one| one == id), "{id} has no place");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let id = operation["operationId"].as_str().expect("an id");
            has(id);
            let home = pages.values().find(|html| html.contains(&format!("id=\"{id}\""))).expect("a page");
            assert!(home.contains(&format!("<span>{path}</span>")), "{method} {path}");
            let example = format!("https://api.mailwright.test{}", path.split('{').next().unwrap_or_default());
            assert!(home.contains(&example), "{method} {path} has no command");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().expect("a name");
                assert!(home.contains(&format!("<code>{name}</code>")), "{method} {path}: {name}");
            }
            for status in operation["responses"].as_object().expect("answers").keys() {
                assert!(home.contains(&format!(">{status}</dt>")), "{method} {path}: {status}");
            }
        }
    }
    for (name, code) in
        document["webhooks"].as_object().expect("events").keys().map(|name| (name, name.replace('.', "_")))
    {
        has(&code);
        assert!(pages["/docs/webhook-events"].contains(&format!("<code>{name}</code>")), "{name}");
    }
    for code in document["components"]["schemas"]["Code"]["enum"].as_array().expect("codes") {
        has(code.as_str().expect("a code"));
    }
}

#[tokio::test]
async fn every_field_is_described_somewhere() {
    let api = Api::start().await;
    let reference: String =
        all(&api).await.into_iter().filter(|(path, _)| path.starts_with("/docs")).map(|(_, html)| html).collect();
    for (name, schema) in document()["components"]["schemas"].as_object().expect("schemas") {
        let is_envelope = name.starts_with("Data_") || name.starts_with("List_");
        if is_envelope || name.ends_with("Event") || name == "ErrorBody" {
            continue;
        }
        for (field, what) in schema["properties"].as_object().into_iter().flatten() {
            assert!(reference.contains(&format!("<code>{field}</code>")), "{name}.{field}");
            let text = what["description"].as_str().unwrap_or_default();
            // Markdown becomes something else; what stands before it is found as it is.
            let plain = text.split(['`', '*', '[', '\n', '\'', '"']).next().unwrap_or_default().trim_end();
            assert!(reference.contains(&escaped(plain)), "{name}.{field}: {plain}");
        }
    }
}

#[tokio::test]
async fn examples_can_be_pasted() {
    let api = Api::start().await;
    let orders = all(&api).await.remove("/docs/orders").expect("the page");
    let placed = orders.split("id=\"create_order\"").nth(1).expect("the call").to_owned();
    for part in
        ["curl -X POST https://api.mailwright.test/partner/v1/orders", "Bearer $KEY", "-d '{", "&quot;domains&quot;"]
    {
        assert!(placed.contains(part), "{part}");
    }
}

//! Nothing of the description is left to guess: types, bounds, examples, errors, events.

use std::collections::BTreeSet;

use model::event::EventKind;
use model::refusal::Code;
use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(api::openapi()).expect("a document")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Every operation of the API with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let of = |path: &String, (method, operation)| (format!("{method} {path}"), operation);
    members(&document["paths"]).flat_map(|(path, item)| members(item).map(move |one| of(path, one))).collect()
}

fn has(schema: &Value, keys: &[&str]) -> bool {
    keys.iter().any(|key| schema.get(key).is_some())
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || items(&schema["type"]).any(|one| one == kind)
}

/// What is wrong with a schema, and with everything in it.
fn faults(at: &str, schema: &Value, into: &mut Vec<String>) {
    let mut fault = |what: &str| into.push(format!("{at}: {what}: {schema}"));
    if has(schema, &["$ref"]) {
        return;
    }
    if !has(schema, &["type", "oneOf", "allOf", "anyOf"]) {
        fault("has no type");
    }
    if is(schema, "string") && !has(schema, &["enum", "format", "pattern", "example", "examples", "default"]) {
        fault("says nothing about its text");
    }
    if is(schema, "integer") && !(has(schema, &["minimum"]) && has(schema, &["maximum"])) {
        fault("has no bounds");
    }
    for (field, property) in members(&schema["properties"]) {
        if !has(property, &["description"]) {
            into.push(format!("{at}.{field}: is not described: {property}"));
        }
        faults(&format!("{at}.{field}"), property, into);
    }
    // The example of a list or map stands for what is in it.
    if !has(schema, &["example", "examples"]) {
        items(&schema["oneOf"]).for_each(|one| faults(at, one, into));
        for inner in ["items", "additionalProperties"].map(|key| &schema[key]).into_iter().filter(|one| one.is_object())
        {
            faults(&format!("{at}[]"), inner, into);
        }
    }
}

#[test]
fn every_field_has_type_bounds_example_and_description() {
    let document = document();
    let mut found = vec![];
    for (name, schema) in members(&document["components"]["schemas"]) {
        if !has(schema, &["description"]) {
            found.push(format!("{name}: is not described"));
        }
        faults(name, schema, &mut found);
    }
    for kind in ["headers", "parameters"] {
        for (name, one) in members(&document["components"][kind]) {
            assert!(has(one, &["description"]) && has(one, &["example"]), "{name}");
            if !is(&one["schema"], "string") {
                faults(name, &one["schema"], &mut found);
            }
        }
    }
    for (call, operation) in operations(&document) {
        for parameter in items(&operation["parameters"]) {
            let (at, schema) = (format!("{call} {}", parameter["name"]), &parameter["schema"]);
            if !has(parameter, &["description"]) {
                found.push(format!("{at}: is not described"));
            }
            let shown = has(parameter, &["example"]) || has(schema, &["$ref", "enum", "oneOf", "default"]);
            if !shown {
                found.push(format!("{at}: has no example"));
            }
            if !(has(parameter, &["example"]) && is(schema, "string")) {
                faults(&at, schema, &mut found);
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// What is for those who work on the program is not for those who use the API.
#[test]
fn descriptions_are_written_for_readers_of_the_api() {
    let text = document().to_string();
    for ours in ["ppend-only", "left the process", "conversation with one provider", "Said of what"] {
        assert!(!text.contains(ours), "{ours:?} is in the description");
    }
}

#[test]
fn every_value_that_is_not_plain_is_explained() {
    let document = document();
    for name in ["ActionReason", "ActionType", "DomainStatus", "ImportReason", "TimelineStepState", "Unavailable"] {
        let schema = &document["components"]["schemas"][name];
        let described = schema["description"].as_str().expect("a description");
        let explained: Vec<_> =
            described.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
        let mut values: Vec<_> = items(&schema["enum"]).filter_map(Value::as_str).collect();
        let mut sorted = explained.clone();
        values.sort_unstable();
        sorted.sort_unstable();
        assert_eq!(sorted, values, "{name}");
    }
}

#[test]
fn every_type_of_action_has_an_example_of_what_resolves_it() {
    let document = document();
    let resolve = &document["paths"]["/partner/v1/orders/pending/{id}/resolve"]["post"];
    let examples = &resolve["requestBody"]["content"]["application/json"]["examples"];
    for kind in items(&document["components"]["schemas"]["ActionType"]["enum"]).filter_map(Value::as_str) {
        assert!(examples[kind]["value"].is_object(), "{kind}");
    }
}

#[test]
fn every_operation_says_what_it_does_and_which_errors_it_has() {
    let document = document();
    let tags: BTreeSet<_> = items(&document["tags"]).map(|tag| tag["name"].as_str()).collect();
    let mut found = vec![];
    for (call, operation) in operations(&document) {
        assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{call}");
        assert!(tags.contains(&operation["tags"][0].as_str()), "{call}: {}", operation["tags"]);
        for (status, response) in members(&operation["responses"]) {
            assert!(response["description"].as_str().is_some_and(|text| text.len() > 4), "{call} {status}");
            if status.as_str() >= "400" {
                let codes = members(&response["content"]["application/json"]["examples"]);
                let codes: Vec<_> = codes.map(|(name, _)| code(name)).collect();
                // The database of `/readyz` is our fault too, and load balancers want a 503.
                let fits =
                    |code: &Code| code.status().to_string() == *status || (status == "503" && *code == Code::Internal);
                if codes.is_empty() || !codes.iter().all(fits) {
                    found.push(format!("{call} {status}: {} names {codes:?}", response["description"]));
                }
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

fn code(name: &str) -> Code {
    *Code::ALL.iter().find(|code| code.as_str() == name).expect("a code")
}

#[test]
fn every_event_is_described_as_a_webhook() {
    let document = document();
    let named: Vec<_> = members(&document["webhooks"]).map(|(name, _)| name.as_str()).collect();
    let told: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), told);
    for (name, item) in members(&document["webhooks"]) {
        let webhook = &item["post"];
        assert_eq!(items(&webhook["parameters"]).count(), 7, "{name}");
        let body = &webhook["requestBody"]["content"]["application/json"]["schema"];
        let schema = document.pointer(&body["$ref"].as_str().expect("a reference")[1..]).expect("a schema");
        assert_eq!(schema["properties"]["type"]["enum"], serde_json::json!([name]), "{name}");
        let view = match name.split('.').next().expect("a thing") {
            "order" => "Order",
            "domain" => "Domain",
            "domain_import" => "Import",
            "swap" => "Swap",
            "inbox" => "Inbox",
            "webhook" => "WebhookEndpoint",
            other => panic!("what does {other} show?"),
        };
        let (data, view) = (&schema["properties"]["data"], format!("#/components/schemas/{view}"));
        if name == "inbox.handed_over" {
            assert_eq!(
                data["allOf"],
                serde_json::json!([{ "$ref": view }, { "$ref": "#/components/schemas/HandOver" }])
            );
            continue;
        }
        let failed = name.ends_with("failed") || name.ends_with("action_required") || name == "swap.cancelled";
        if failed {
            // A swap has its reason itself.
            let beside = if name.starts_with("swap.") { "WhatToDo" } else { "Why" };
            let both = serde_json::json!([{ "$ref": view }, { "$ref": format!("#/components/schemas/{beside}") }]);
            assert_eq!(data["allOf"], both, "{name}");
        } else {
            assert_eq!(data["$ref"], view, "{name}");
        }
    }
}

#[test]
fn what_is_sent_is_closed_and_what_is_shown_is_open() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let bodies = operations(&document).into_iter().map(|(_, operation)| &operation["requestBody"]);
    let (sent, mut open) = (reached(&document, bodies), vec![]);
    for (name, schema) in members(schemas).filter(|(_, schema)| has(schema, &["properties"])) {
        if (schema["additionalProperties"] == false) != sent.contains(name.as_str()) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&String>::new());
    assert!(sent.contains("NewPersona") && !sent.contains("Persona"));
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = vec![];
    references(&document, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        assert_ne!(reference, "#/components/schemas/i64", "a number without its bounds");
    }
}

fn reached<'a>(document: &'a Value, from: impl Iterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let (mut ahead, mut reached) = (vec![], BTreeSet::new());
    from.for_each(|one| references(one, &mut ahead));
    while let Some(reference) = ahead.pop() {
        let name = reference.rsplit('/').next().expect("a name");
        if reached.insert(name) {
            references(document.pointer(&reference[1..]).expect("it leads somewhere"), &mut ahead);
        }
    }
    reached
}

fn references<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    into.extend(value.get("$ref").and_then(Value::as_str));
    members(value).for_each(|(_, inner)| references(inner, into));
    items(value).for_each(|inner| references(inner, into));
}

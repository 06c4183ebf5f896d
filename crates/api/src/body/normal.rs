//! What a body means, whatever it is spelled like: two that are the same here are one call. Only what every reader of a
//! field takes for the same is made the same; passwords, references and notes stay as they were sent.

use model::domain::DomainName;
use model::user::{fold, is_email};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::spot::whole;

/// No call takes longer lists; what is refused anyway is not looked at entry by entry.
const LONGEST: usize = 1_000;

/// Which object of a body a field is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Domain,
    Persona,
    Sequencer,
}

/// A body as it is compared.
pub(super) fn body(fields: &Map<String, Value>) -> Map<String, Value> {
    object(Place::Body, fields)
}

/// Fields that are null are left out: no call that is remembered tells the two apart.
fn object(place: Place, fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().filter_map(|(name, value)| Some((name.clone(), field(place, name, value)?))).collect()
}

fn field(place: Place, name: &str, value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => text_field(place, name, text),
        Value::Array(items) if items.len() <= LONGEST => list_field(place, name, items),
        Value::Object(fields) if (place, name) == (Place::Body, "sequencer") => {
            Some(object(Place::Sequencer, fields).into())
        }
        other => Some(by_value(other)),
    }
}

fn text_field(place: Place, name: &str, text: &str) -> Option<Value> {
    use Place::{Body, Domain, Persona, Sequencer};
    let normal = match (place, name) {
        (Body, "user" | "email") if is_email(text) => fold(text),
        (Body, "domain_id" | "replacement_domain") | (Domain, "domain") => name_of(text),
        (Body | Persona, "first_name" | "last_name") | (Body, "name") => {
            Some(text.trim().nfc().collect::<String>()).filter(|name| !name.is_empty())?
        }
        (Persona, "profile_picture_url") | (Sequencer, "client_id" | "api_key") if text.is_empty() => return None,
        (Sequencer, "client_id") => return Some(digits(text).map_or_else(|| text.into(), Value::from)),
        _ => text.to_owned(),
    };
    Some(normal.into())
}

fn list_field(place: Place, name: &str, items: &[Value]) -> Option<Value> {
    let each = |normal: fn(&Value) -> Value| Some(items.iter().map(normal).collect());
    match (place, name) {
        (Place::Body, "domains") => each(|item| match item {
            Value::String(text) => name_of(text).into(),
            Value::Object(fields) => object(Place::Domain, fields).into(),
            other => by_value(other),
        }),
        (Place::Body, "personas") => each(|item| match item {
            Value::Object(fields) => object(Place::Persona, fields).into(),
            other => by_value(other),
        }),
        (Place::Persona, "addresses") if items.is_empty() => None,
        (Place::Persona, "addresses") => each(|item| match item {
            Value::String(text) => text.to_lowercase().into(),
            other => by_value(other),
        }),
        _ => each(by_value),
    }
}

/// A name as calls read it. Ids are no names.
fn name_of(text: &str) -> String {
    let read = if text.len() > LONGEST { None } else { DomainName::parse(text).ok() };
    read.map_or_else(|| text.to_owned(), |name| name.to_string())
}

/// A client's number that was sent as its digits.
fn digits(text: &str) -> Option<i64> {
    let are_all = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if are_all { text.parse().ok() } else { None }
}

/// The same with every whole number spelled as one: `2.0` and `2e0` are `2`.
fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(_) => whole(value).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(by_value).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), by_value(value))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::canonical;
    use super::*;

    fn text(json: &str) -> String {
        canonical::object(&body(serde_json::from_str::<Value>(json).unwrap().as_object().unwrap()))
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        for (one, other) in [
            (r#"{"domains": ["Acme.com", " b\u00fccher.de. "]}"#, r#"{"domains": ["acme.com", "xn--bcher-kva.de"]}"#),
            (r#"{"domains": [{"domain": "ACME.com", "provider": null}]}"#, r#"{"domains": [{"domain": "acme.com"}]}"#),
            (r#"{"user": "Alex@B\u00fccher.de"}"#, r#"{"user": "alex@xn--bcher-kva.de"}"#),
            (r#"{"email": "ALEX@acme.com", "first_name": " "}"#, r#"{"email": "alex@acme.com", "first_name": null}"#),
            (r#"{"google_licenses": 2.0}"#, r#"{"google_licenses": 2}"#),
            (r#"{"google_licenses": 2e0, "metadata": null}"#, r#"{"google_licenses": 2}"#),
            (r#"{"google_licenses": -0.0}"#, r#"{"google_licenses": 0}"#),
            (
                r#"{"personas": [{"first_name": "Zoe\u0308", "last_name": "", "profile_picture_url": ""}]}"#,
                r#"{"personas": [{"first_name": " Zo\u00eb ", "last_name": null, "profile_picture_url": null}]}"#,
            ),
            (r#"{"personas": [{"addresses": ["Alex"]}]}"#, r#"{"personas": [{"addresses": ["alex"]}]}"#),
            (r#"{"personas": [{"addresses": []}]}"#, r#"{"personas": [{}]}"#),
            (r#"{"sequencer": {"client_id": "", "api_key": ""}}"#, r#"{"sequencer": {}}"#),
            (r#"{"sequencer": {"client_id": "042"}}"#, r#"{"sequencer": {"client_id": 42}}"#),
            (r#"{"domain_id": "Acme.com"}"#, r#"{"domain_id": "acme.com"}"#),
        ] {
            assert_eq!(text(one), text(other), "{one}");
        }
    }

    #[test]
    fn what_means_something_else_is_not() {
        for (one, other) in [
            (r#"{"domains": ["a.com", "b.com"]}"#, r#"{"domains": ["b.com", "a.com"]}"#),
            (r#"{"domains": ["dom_A"]}"#, r#"{"domains": ["dom_a"]}"#),
            (r#"{"user": "usr_A"}"#, r#"{"user": "usr_a"}"#),
            (r#"{"bundle_id": "bun_A"}"#, r#"{"bundle_id": "bun_a"}"#),
            (r#"{"reference": "A"}"#, r#"{"reference": "a"}"#),
            (r#"{"reference": "e\u0301"}"#, r#"{"reference": "\u00e9"}"#),
            (r#"{"metadata": {"email": "A@b.com"}}"#, r#"{"metadata": {"email": "a@b.com"}}"#),
            (r#"{"metadata": {"domain": "A.com"}}"#, r#"{"metadata": {"domain": "a.com"}}"#),
            (r#"{"metadata": {"a": ""}}"#, r#"{"metadata": {}}"#),
            (r#"{"sequencer": {"login_password": "e\u0301"}}"#, r#"{"sequencer": {"login_password": "\u00e9"}}"#),
            (r#"{"sequencer": {"login_password": "a "}}"#, r#"{"sequencer": {"login_password": "a"}}"#),
            (r#"{"sequencer": {"login_email": "A@b.com"}}"#, r#"{"sequencer": {"login_email": "a@b.com"}}"#),
            (r#"{"sequencer": {"api_key": "A"}}"#, r#"{"sequencer": {"api_key": "a"}}"#),
            (r#"{"forwarding_url": "https://acme.com/A"}"#, r#"{"forwarding_url": "https://acme.com/a"}"#),
            (r#"{"google_licenses": 2}"#, r#"{"google_licenses": "2"}"#),
            (r#"{"google_licenses": 2.5}"#, r#"{"google_licenses": 2}"#),
            (r#"{"max_total_cents": 1e300}"#, r#"{"max_total_cents": 1e301}"#),
            (r#"{"name": "Growth"}"#, r#"{"name": "growth"}"#),
            (r#"{"personas": [{"first_name": "Alex"}]}"#, r#"{"personas": [{"first_name": "alex"}]}"#),
            (r#"{"give_up": true}"#, "{}"),
        ] {
            assert_ne!(text(one), text(other), "{one}");
        }
    }

    #[test]
    fn a_list_that_no_call_takes_costs_nothing() {
        let names = vec!["Acme.com"; LONGEST + 1];
        let sent = serde_json::json!({ "domains": names });
        assert_eq!(Value::Object(body(sent.as_object().unwrap())), sent);
    }
}

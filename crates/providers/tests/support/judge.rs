//! A vendor's own description (OpenAPI) as the judge of what its adapter sends and its double answers.
//!
//! It is stricter than the description: a field that is not described is a fault too, in both directions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use providers::vendor::{Exchange, Recorder};
use serde_json::{Map, Value, json};
use url::Url;

/// The words of a description that have schemas in them, one or many.
const ONE: [&str; 2] = ["items", "additionalProperties"];
const MANY: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A description, ready to judge.
pub(crate) struct Description {
    /// What paths begin with that it does not say.
    mount: &'static str,
    /// What is put into each body that is sent, because it travelled in headers.
    sent_apart: Map<String, Value>,
    /// What every answer has, whatever is described.
    envelope: &'static [&'static str],
    paths: Map<String, Value>,
    components: Value,
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

impl Description {
    /// Of the text of the vendor's file; `mount` is what paths begin with that it does not say.
    pub(crate) fn new(text: &str, mount: &'static str) -> Self {
        let mut all: Value = serde_json::from_str(text).expect("a description in JSON");
        let mut components = all["components"]["schemas"].take();
        components.as_object_mut().expect("schemas").values_mut().for_each(|schema| close(schema, false));
        let Value::Object(paths) = all["paths"].take() else { panic!("a description has paths") };
        let components = json!({ "schemas": components });
        Self { mount, sent_apart: Map::new(), envelope: &[], paths, components, validators: Mutex::default() }
    }

    /// One that describes credentials as a part of bodies, and not what is around every answer.
    pub(crate) fn with(self, sent_apart: Value, envelope: &'static [&'static str]) -> Self {
        Self { sent_apart: sent_apart.as_object().cloned().unwrap_or_default(), envelope, ..self }
    }

    /// What it has to say against an exchange. An answer that was cut off, or was not the vendor's, is not judged.
    pub(crate) fn faults(&self, exchange: &Exchange) -> Vec<String> {
        let url = Url::parse(&exchange.url).expect("an address");
        let what = format!("{} {}", exchange.method, url.path());
        let Some((template, operation)) = self.operation(&exchange.method, url.path()) else {
            return vec![format!("{what} is not described")];
        };
        let key = format!("{} {template}", exchange.method);
        let mut faults = self.query_faults(&key, operation, &url);
        faults.extend(self.request_faults(&key, operation, exchange));
        faults.extend(self.answer_faults(&key, operation, exchange));
        faults.into_iter().map(|fault| format!("{what}: {fault}")).collect()
    }

    fn operation(&self, method: &str, path: &str) -> Option<(&String, &Value)> {
        let path = path.strip_prefix(self.mount)?;
        let (template, operations) = self.paths.iter().find(|(template, _)| is_of(template, path))?;
        Some((template, operations.get(method.to_lowercase())?))
    }

    fn query_faults(&self, key: &str, operation: &Value, url: &Url) -> Vec<String> {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fault = |(name, text): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            let is_it = |one: &&Value| one["in"] == "query" && one["name"] == *name;
            let Some(described) = parameters.iter().find(is_it) else {
                return vec![format!("the parameter {name} is not described")];
            };
            let value = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
            self.against(&format!("{key} ?{name}"), &described["schema"], &value)
        };
        url.query_pairs().flat_map(fault).collect()
    }

    fn request_faults(&self, key: &str, operation: &Value, exchange: &Exchange) -> Vec<String> {
        let described = &operation["requestBody"];
        let schema = &described["content"]["application/json"]["schema"];
        match (exchange.request_body.as_str(), schema.is_null()) {
            ("", _) if described["required"] == true => vec!["a body is missing".into()],
            ("", _) => vec![],
            (_, true) => vec!["no body is described".into()],
            (text, false) => {
                let mut value: Value = serde_json::from_str(text).unwrap_or_default();
                // What is open to everybody is described without credentials.
                let described = schema.to_string();
                let is_apart = described.contains("$ref") || self.sent_apart.keys().any(|key| described.contains(key));
                if let Some(body) = value.as_object_mut().filter(|_| is_apart) {
                    body.extend(self.sent_apart.clone());
                }
                self.against(&format!("{key} request"), schema, &value)
            }
        }
    }

    fn answer_faults(&self, key: &str, operation: &Value, exchange: &Exchange) -> Vec<String> {
        let Some(answer) = exchange.answer.as_ref().filter(|answer| answer.complete) else { return vec![] };
        let described = &operation["responses"][answer.status.to_string()];
        if described.is_null() {
            return vec![format!("the status {} is not described", answer.status)];
        }
        let schema = &described["content"]["application/json"]["schema"];
        let mut value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let fields = value.as_object_mut().into_iter();
        fields.for_each(|body| self.envelope.iter().for_each(|name| _ = body.remove(*name)));
        match schema.is_null() {
            true => vec![],
            false => self.against(&format!("{key} {}", answer.status), schema, &value),
        }
    }

    fn against(&self, key: &str, schema: &Value, value: &Value) -> Vec<String> {
        let mut validators = self.validators.lock().expect("nobody panics in here");
        let validator = validators.entry(key.to_owned()).or_insert_with(|| Arc::new(self.validator(schema))).clone();
        drop(validators);
        let fault = |error: jsonschema::ValidationError<'_>| format!("{key}, at {}: {error}", error.instance_path());
        validator.iter_errors(value).map(fault).collect()
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        close(&mut schema, true);
        schema["components"] = self.components.clone();
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        options.should_ignore_unknown_formats(true).build(&schema).expect("the vendor's schema")
    }
}

/// Whether a path is of a template such as `/domains/{domainName}:renew`.
fn is_of(template: &str, path: &str) -> bool {
    let (templates, parts): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(template, part): (&&str, &&str)| {
        let Some((before, rest)) = template.split_once('{') else { return template == part };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let value = part.strip_prefix(before).and_then(|part| part.strip_suffix(after));
        value.is_some_and(|value| !value.is_empty() && !value.contains(':'))
    };
    templates.len() == parts.len() && templates.iter().zip(&parts).all(fits)
}

/// Makes a schema one of JSON Schema 2020-12 that allows no field it does not describe, wherever a value stands. The parts of
/// an `allOf` stay open: each sees the whole value.
fn close(schema: &mut Value, is_whole: bool) {
    let Some(schema) = schema.as_object_mut() else { return };
    // OpenAPI 3.0 says so of what may be null.
    if schema.remove("nullable") == Some(true.into())
        && let Some(kind) = schema.get("type").cloned()
    {
        schema.insert("type".into(), json!([kind, "null"]));
    }
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        // What is required is described, if only by that.
        required.iter().filter_map(Value::as_str).for_each(|name| _ = properties.entry(name).or_insert(true.into()));
        properties.values_mut().for_each(|property| close(property, true));
    }
    for word in ONE {
        schema.get_mut(word).into_iter().for_each(|inner| close(inner, true));
    }
    for word in MANY {
        let inner = schema.get_mut(word).and_then(Value::as_array_mut);
        inner.into_iter().flatten().for_each(|inner| close(inner, false));
    }
    let has_fields = ["properties", "$ref", "allOf", "anyOf", "oneOf"].iter().any(|word| schema.contains_key(*word));
    if is_whole && has_fields {
        schema.entry("unevaluatedProperties").or_insert(false.into());
    }
}

/// What has been exchanged with a double, for the judge.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<Exchange>>);

impl Heard {
    /// Every exchange so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().expect("nobody panics in here").clone()
    }

    /// Holds everything so far against a description: all of it, or only what was sent, where the answers were spoilt on
    /// their way.
    pub(crate) fn judge(&self, description: &Description, answers: bool) {
        let heard = |exchange: Exchange| Exchange { answer: exchange.answer.filter(|_| answers), ..exchange };
        let faults: Vec<_> =
            self.exchanges().into_iter().map(heard).flat_map(|exchange| description.faults(&exchange)).collect();
        assert!(faults.is_empty(), "the vendor's description says no:\n{}", faults.join("\n"));
    }
}

impl Recorder for Heard {
    fn record(&self, exchange: Exchange) {
        self.0.lock().expect("nobody panics in here").push(exchange);
    }
}

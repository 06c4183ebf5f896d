//! What is sent and answered, for example.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::document::{Call, Document, Media, Schema};

/// How deep an example goes.
const DEEPEST: usize = 8;

/// A value whose fields keep their order.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Sample {
    Plain(Value),
    List(Vec<Sample>),
    Object(IndexMap<String, Sample>),
}

impl Sample {
    /// As it is shown.
    pub(super) fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Which fields an example has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// All: what is answered.
    All,
    /// Those that have to be sent; where none has to, all of which an example is known.
    Needed,
}

/// An example of a body.
pub(super) fn of_media(document: &Document, media: &Media, fields: Fields) -> Sample {
    let said = media.example.as_ref().or_else(|| media.examples.values().find_map(|one| document.example(one)));
    said.map_or_else(|| of(document, &media.schema, fields, 0), |value| Sample::Plain(value.clone()))
}

/// An example of a value.
pub(super) fn of(document: &Document, schema: &Schema, fields: Fields, depth: usize) -> Sample {
    let (_, found) = document.resolve(schema);
    let said = [schema, found].into_iter().find_map(|one| one.example.as_ref().or_else(|| one.examples.first()));
    if let Some(value) = said {
        return Sample::Plain(value.clone());
    }
    if depth >= DEEPEST {
        return Sample::Plain(Value::Null);
    }
    if let Some(choice) = found.one_of.iter().chain(&found.any_of).find(|one| !one.kinds.has("null")) {
        return of(document, choice, fields, depth + 1);
    }
    if let Some(value) = found.default.as_ref().or_else(|| found.values.first()) {
        return Sample::Plain(value.clone());
    }
    if let Some(items) = &found.items {
        return Sample::List(vec![of(document, items, fields, depth + 1)]);
    }
    if !found.properties.is_empty() {
        return object(document, found, fields, depth);
    }
    Sample::Plain(match found.kinds.names().first().map(String::as_str) {
        Some("string") => match found.format.as_deref() {
            Some("date-time") => "2026-05-08T12:00:00Z".into(),
            _ => "…".into(),
        },
        Some("integer" | "number") => found.minimum.clone().map_or_else(|| 1.into(), Value::Number),
        Some("boolean") => true.into(),
        Some("object") => Value::Object(serde_json::Map::new()),
        _ => Value::Null,
    })
}

fn object(document: &Document, schema: &Schema, fields: Fields, depth: usize) -> Sample {
    let is_wanted = |name: &String, field: &Schema| match fields {
        Fields::All => true,
        Fields::Needed if schema.required.is_empty() => document.resolve(field).1.example.is_some(),
        Fields::Needed => schema.required.contains(name),
    };
    let wanted = schema.properties.iter().filter(|(name, field)| is_wanted(name, field));
    Sample::Object(wanted.map(|(name, field)| (name.clone(), of(document, field, fields, depth + 1))).collect())
}

/// The command that makes a call.
pub(super) fn command(document: &Document, call: &Call<'_>, base: &str) -> String {
    let mut address = call.path.to_owned();
    let mut query = vec![];
    for parameter in call.operation.parameters.iter().map(|one| document.parameter(one)) {
        let Some(example) = parameter.example.as_ref().or(parameter.schema.example.as_ref()) else { continue };
        let example = super::terms::bare(example);
        match parameter.place.as_str() {
            "path" => address = address.replace(&format!("{{{}}}", parameter.name), &example),
            "query" if parameter.required => query.push(format!("{}={example}", parameter.name)),
            _ => {}
        }
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let method = if call.method == "GET" { String::new() } else { format!(" -X {}", call.method) };
    let mut lines = vec![format!("curl{method} {}", quoted(&format!("{base}{address}{query}")))];
    if !call.operation.is_open() {
        lines.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    }
    if let Some((_, media)) = call.operation.body() {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d {}", quoted(&of_media(document, media, Fields::Needed).pretty())));
    }
    lines.join(" \\\n  ")
}

/// A word of the shell, in quotes where it needs them.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._~:/@%+,=".contains(letter));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_reads_what_was_meant() {
        assert_eq!(quoted("https://a.test/x"), "https://a.test/x");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn what_holds_itself_ends() {
        let text = r##"{"components":{"schemas":{"A":{"type":"object","required":["b"],
            "properties":{"b":{"$ref":"#/components/schemas/A"}}}, "L":{"$ref":"#/components/schemas/L"}}}}"##;
        let document: Document = serde_json::from_str(text).unwrap();
        for name in ["A", "L", "nothing"] {
            let schema = Schema { reference: Some(format!("#/components/schemas/{name}")), ..Schema::default() };
            assert!(of(&document, &schema, Fields::Needed, 0).pretty().len() < 1000, "{name}");
        }
    }
}

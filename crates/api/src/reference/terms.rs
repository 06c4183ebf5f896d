//! What a value may be, in words.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, Others, Schema};
use crate::openapi::NO_CONTROL;

/// Values beyond so many are shown when they are asked for.
const MANY: usize = 12;
/// Longer patterns say nothing to people; they are in the description for programs.
const SHORT: usize = 50;

/// The kind of a value: `string (date-time) or null`.
pub(super) fn kind(document: &Document, schema: &Schema) -> String {
    let (_, found) = document.resolve(schema);
    let choices: Vec<_> = found.one_of.iter().chain(&found.any_of).collect();
    if !choices.is_empty() {
        let mut kinds: Vec<_> = choices.into_iter().map(|one| kind(document, one)).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let mut names: Vec<String> = found.kinds.names().iter().map(|name| plain(document, found, name)).collect();
    if names.is_empty() {
        names.push(if found.properties.is_empty() { "anything".to_owned() } else { "object".to_owned() });
    }
    names.join(" or ")
}

fn plain(document: &Document, schema: &Schema, name: &str) -> String {
    match (name, schema.items.as_deref(), schema.format.as_deref()) {
        ("array", Some(items), _) => format!("list of {}", plural(&kind(document, items))),
        ("array", None, _) => "list".to_owned(),
        ("string", _, Some(format @ ("date-time" | "date" | "uri" | "email"))) => format!("string, {format}"),
        _ => name.to_owned(),
    }
}

fn plural(kind: &str) -> String {
    kind.split(" or ")
        .map(|one| match one.split_once(',') {
            Some((name, rest)) => format!("{name}s,{rest}"),
            None if one == "anything" || one.starts_with("list") => one.to_owned(),
            None => format!("{one}s"),
        })
        .collect::<Vec<_>>()
        .join(" or ")
}

/// Limits and an example on one line.
pub(super) fn line(limits: &Markup, example: Option<&Value>) -> Markup {
    html! {
        @if !limits.0.is_empty() || example.is_some() {
            p.limits {
                (limits)
                @if let Some(example) = example {
                    @if limits.0.is_empty() { "for example " } @else { ", for example " }
                    code { (bare(example)) }
                }
            }
        }
    }
}

/// Ranges, lengths, what stands where nothing is sent, and a pattern where no example shows it.
pub(super) fn limits(document: &Document, schema: &Schema, has_example: bool) -> Markup {
    let (_, found) = document.resolve(schema);
    let mut parts: Vec<String> = vec![];
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string);
    let number = |value: &Option<serde_json::Number>| text(value.as_ref().map(|one| one as &dyn ToString));
    let count = |value: &Option<u64>| text(value.as_ref().map(|one| one as &dyn ToString));
    // The largest number that JSON carries exactly is no limit that anybody means.
    let top = number(&found.maximum).filter(|most| most != "9007199254740991");
    parts.extend(range(number(&found.minimum), top, ""));
    parts.extend(range(count(&found.min_length), count(&found.max_length), " characters"));
    parts.extend(range(count(&found.min_items), count(&found.max_items), " entries"));
    parts.extend(range(None, count(&found.max_properties), " entries"));
    let pattern = found.pattern.as_deref();
    parts.extend(pattern.filter(|one| *one == NO_CONTROL).map(|_| "no control characters".to_owned()));
    if schema.write_only || found.write_only {
        parts.push("never shown again".to_owned());
    }
    let default = schema.default.as_ref().or(found.default.as_ref()).filter(|value| !value.is_null());
    html! {
        @for (n, part) in parts.iter().enumerate() { @if n > 0 { ", " } (part) }
        @if let Some(default) = default {
            @if !parts.is_empty() { ", " } "default " code { (json(default)) }
        }
        @if let Some(pattern) = pattern.filter(|one| *one != NO_CONTROL && one.len() <= SHORT && !has_example) {
            @if !parts.is_empty() || default.is_some() { ", " } "pattern " code { (pattern) }
        }
    }
}

fn range(from: Option<String>, to: Option<String>, of: &str) -> Option<String> {
    match (from, to) {
        (Some(from), Some(to)) if from == to => Some(format!("exactly {from}{of}")),
        (Some(from), Some(to)) => Some(format!("{from} to {to}{of}")),
        (Some(from), None) => Some(format!("at least {from}{of}")),
        (None, Some(to)) => Some(format!("at most {to}{of}")),
        (None, None) => None,
    }
}

/// The values that a field or the entries of a list may have.
pub(super) fn values(document: &Document, schema: &Schema) -> Markup {
    let (_, found) = document.resolve(schema);
    let inner = found.items.as_deref().map_or(found, |items| document.resolve(items).1);
    let choices = inner.one_of.iter().map(|one| document.resolve(one).1);
    let all: Vec<_> =
        std::iter::once(inner).chain(choices).flat_map(|one| &one.values).filter(|one| !one.is_null()).collect();
    let list = html! { ul.values { @for value in &all { li { code { (bare(value)) } } } } };
    html! {
        @if all.len() > MANY { details { summary { (all.len()) " values" } (list) } }
        @else if !all.is_empty() { (list) }
    }
}

/// A value as it is written in JSON, without the quotes of a word.
pub(super) fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| json(value), ToOwned::to_owned)
}

fn json(value: &Value) -> String {
    value.to_string()
}

/// Whether the object holds what is not named beforehand, and of which kind.
pub(super) fn others(document: &Document, schema: &Schema) -> Option<String> {
    match &schema.additional_properties {
        Some(Others::Like(like)) => Some(format!("any names; each value a {}", kind(document, like))),
        Some(Others::Allowed(true)) => Some("any names".to_owned()),
        Some(Others::Allowed(false)) | None => None,
    }
}

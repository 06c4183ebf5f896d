//! Every error code, and the one shape of refusals.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, Example, last};
use super::fields::Shown;
use super::{object, plain};
use crate::site::{Findable, Page, prose};

/// Where it is.
pub(super) const PATH: &str = "/docs/errors";

pub(super) fn page(shown: &Shown<'_>) -> Page {
    let codes = &shown.document.components.examples;
    let body = html! {
        (prose::heading(1, "top", &html! { "Errors" }))
        p { "What is refused says why, where, and what to do next. Branch on " code { "code" } "; new codes may be added. What to do about each kind: the guide "
            a href="/guides/errors" { "Errors" } "." }
        (object(shown, "Error"))
        (prose::heading(2, "codes", &html! { "Codes" }))
        @for (code, example) in codes { (one(shown.document, code, example)) }
    };
    let findable = codes.iter().map(|(code, example)| Findable {
        address: format!("{PATH}#{code}"),
        heading: code.clone(),
        text: example.summary.clone(),
    });
    let within = [(super::anchor("Error"), "The shape".to_owned()), ("codes".to_owned(), "Codes".to_owned())];
    let within = within.map(|(id, text)| (format!("{PATH}#{id}"), text)).into();
    let about = "Every error code and what it means.";
    Page { findable: findable.collect(), within, ..plain(PATH.to_owned(), "Errors", about, body) }
}

fn one(document: &Document, code: &str, example: &Example) -> Markup {
    let statuses: Vec<_> = statuses(document, code).into_iter().collect();
    let text = serde_json::to_string_pretty(&example.value).unwrap_or_default();
    html! {
        section aria-labelledby=(code) {
            (prose::heading(3, code, &html! { code { (code) } }))
            p { @if !statuses.is_empty() { span.need { (statuses.join(", ")) } " " } (example.summary) "." }
            details { summary { "For example" } (prose::code("json", &text)) }
        }
    }
}

/// The statuses that a code comes with.
fn statuses<'a>(document: &'a Document, code: &str) -> BTreeSet<&'a str> {
    let answers = document.calls().flat_map(|call| &call.operation.responses);
    let with_code = answers.filter(|(_, answer)| {
        let examples = answer.content.values().flat_map(|media| media.examples.values());
        examples.filter_map(|one| one.get("$ref").and_then(Value::as_str)).any(|to| last(to) == code)
    });
    with_code.map(|(status, _)| status.as_str()).collect()
}

//! Every error code, and the one shape of refusals.

use maud::{Markup, html};
use model::refusal::Code;
use serde_json::Value;

use super::fields::Shown;
use super::{object, plain};
use crate::site::{Findable, Page, prose};

/// Where it is.
pub(super) const PATH: &str = "/docs/errors";

pub(super) fn page(shown: &Shown<'_>) -> Page {
    let body = html! {
        (prose::heading(1, "top", &html! { "Errors" }))
        p { "What is refused says why, where, and what to do next. Branch on " code { "code" } "; new codes may be added. What to do about each kind: the guide "
            a href="/guides/errors" { "Errors" } "." }
        (object(shown, "Error"))
        (prose::heading(2, "codes", &html! { "Codes" }))
        @for code in Code::ALL { (one(shown, *code)) }
    };
    let findable = Code::ALL.iter().map(|code| Findable {
        address: address(*code),
        heading: code.as_str().to_owned(),
        text: code.meaning().to_owned(),
    });
    let within = [(super::anchor("Error"), "The error object"), ("codes".to_owned(), "Codes")];
    let within = within.map(|(id, text)| (format!("{PATH}#{id}"), text.to_owned())).into();
    let about = "Every error code and what it means.";
    Page { findable: findable.collect(), within, ..plain(PATH.to_owned(), "Errors", about, body) }
}

/// Where the shape of refusals is.
pub(super) fn shape() -> String {
    format!("{PATH}#{}", super::anchor("Error"))
}

/// Where a code is explained.
pub(super) fn address(code: Code) -> String {
    format!("{PATH}#{}", code.as_str())
}

fn one(shown: &Shown<'_>, code: Code) -> Markup {
    let name = code.as_str();
    let about = format!("**{}** {}.", code.status(), code.meaning());
    html! {
        section aria-labelledby=(name) {
            (prose::heading(3, name, &html! { code { (name) } }))
            (prose::description(&about, shown.words))
            @if let Some(example) = shown.document.components.examples.get(name) {
                details { summary { "For example" } (prose::code("json", &pretty(&example.value))) }
            }
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

//! What endpoints are sent: every event, and what is the same for all of them.

use maud::{Markup, html};

use super::document::{Call, Schema, last};
use super::fields::{Shown, Way, spaced};
use super::sample::{self, Fields};
use super::{plain, terms};
use crate::site::{Findable, Page, prose};

/// Where it is.
pub(super) const PATH: &str = "/docs/webhook-events";

/// Where an event is on the page.
pub(super) fn anchor(event: &str) -> String {
    event.replace('.', "_")
}

pub(super) fn page(shown: &Shown<'_>) -> Page {
    let all: Vec<Call<'_>> = shown.document.webhooks.iter().flat_map(|(name, item)| item.calls(name)).collect();
    let about = "Every event that endpoints are sent, and how a delivery is signed.";
    let body = html! {
        (prose::heading(1, "top", &html! { "Webhook events" }))
        p { "An endpoint is sent one event in each request. How to verify it, in four languages: the guide " a href="/guides/webhooks" { "Webhooks" } "." }
        @if let Some(first) = all.first() { (common(shown, first)) }
        (prose::heading(2, "events", &html! { "Events" }))
        @for event in &all { (one(shown, event)) }
    };
    let findable = all.iter().map(|event| Findable {
        address: format!("{PATH}#{}", anchor(event.path)),
        heading: event.path.to_owned(),
        text: format!("{}. {}", event.operation.summary, event.operation.description),
    });
    let within = [("delivery", "A delivery"), ("events", "Events")];
    let within = within.map(|(id, text)| (format!("{PATH}#{id}"), text.to_owned())).into();
    Page { findable: findable.collect(), within, ..plain(PATH.to_owned(), "Webhook events", about, body) }
}

/// What all deliveries have: headers, a body in one shape, and what to answer.
fn common(shown: &Shown<'_>, event: &Call<'_>) -> Markup {
    let headers: Vec<_> = event.operation.parameters.iter().map(|one| shown.document.parameter(one)).collect();
    html! {
        (prose::heading(2, "delivery", &html! { "A delivery" }))
        @if let Some((body, media)) = event.operation.body() {
            (prose::description(&body.description, shown.words))
            (prose::code("json", &sample::of_media(shown.document, media, Fields::All).pretty()))
        }
        h3 { "Headers" }
        (shown.parameters(&headers))
        h3 { "What to answer" }
        dl.answers {
            @for (status, answer) in &event.operation.responses {
                div { dt { (if status == "default" { "else" } else { status }) } dd { (prose::description(&answer.description, shown.words)) } }
            }
        }
    }
}

fn one(shown: &Shown<'_>, event: &Call<'_>) -> Markup {
    let data =
        event.operation.body().and_then(|(_, media)| shown.document.resolve(&media.schema).1.properties.get("data"));
    let about = format!("{}. {}", event.operation.summary, event.operation.description);
    html! {
        section aria-labelledby=(anchor(event.path)) {
            (prose::heading(3, &anchor(event.path), &html! { code { (event.path) } }))
            (prose::description(&about, shown.words))
            @if let Some(data) = data {
                @let (object, beside) = data.all_of.split_first().unwrap_or((data, &[]));
                p.limits { code { "data" } " is " (held(shown, object)) @if !beside.is_empty() { ", and beside its fields:" } }
                @for part in beside.iter().flat_map(|part| parts(shown, part)) { (shown.fields(part, Way::Answered, &[])) }
                div.limits { (prose::description(&data.description, shown.words)) }
            }
        }
    }
}

/// What a schema is joined from, down to those that have fields.
fn parts<'a>(shown: &Shown<'a>, schema: &'a Schema) -> Vec<&'a Schema> {
    let (_, found) = shown.document.resolve(schema);
    if found.all_of.is_empty() {
        vec![found]
    } else {
        found.all_of.iter().flat_map(|part| parts(shown, part)).collect()
    }
}

/// What an event is about, with a link to its fields.
fn held(shown: &Shown<'_>, data: &Schema) -> Markup {
    let name = data.reference.as_deref().map(last);
    html! {
        @match name.and_then(|name| Some((name, shown.homes.get(name)?))) {
            Some((name, home)) => a href=(home) { "the " (spaced(name)) " object" },
            None => (terms::kind(shown.document, data)),
        }
    }
}

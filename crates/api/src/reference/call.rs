//! A call: what it does, what is sent, what is answered, and both for example.

use maud::{Markup, html};

use super::document::{Answer, Call, Parameter, RequestBody, Schema};
use super::errors;
use super::fields::{Shown, Way, spaced};
use super::sample::{self, Fields};
use crate::site::prose;

/// The call as a section of its page.
pub(super) fn section(shown: &Shown<'_>, call: &Call<'_>, base: &str) -> Markup {
    let operation = call.operation;
    html! {
        section.operation aria-labelledby=(operation.operation_id) {
            (prose::heading(2, &operation.operation_id, &html! { (operation.summary) }))
            p.route { span class={ "verb " (call.method.to_lowercase()) } { (call.method) } span { (call.path) } }
            div.pair {
                div {
                    (prose::description(&operation.description, shown.words))
                    @if operation.is_open() { p.quiet { "No key is needed." } }
                    (parameters(shown, call))
                    @if let Some((body, media)) = operation.body() { (sent(shown, call, body, &media.schema)) }
                    (answers(shown, call))
                }
                div.shown {
                    (title(call, "example", "Example"))
                    (prose::code("sh", &sample::command(shown.document, call, base)))
                    (answered(shown, call))
                }
            }
        }
    }
}

/// A heading within a call; its address is the call's and a word.
fn title(call: &Call<'_>, word: &str, text: &str) -> Markup {
    html! { h3 id={ (call.operation.operation_id) "-" (word) } { (text) } }
}

fn parameters(shown: &Shown<'_>, call: &Call<'_>) -> Markup {
    let all: Vec<_> = call.operation.parameters.iter().map(|one| shown.document.parameter(one)).collect();
    let places = [("path", "In the path"), ("query", "In the query"), ("header", "Headers")];
    html! {
        @for (place, name) in places {
            @let here: Vec<&Parameter> = all.iter().copied().filter(|one| one.place == place).collect();
            @if !here.is_empty() { (title(call, place, name)) (shown.parameters(&here)) }
        }
    }
}

fn sent(shown: &Shown<'_>, call: &Call<'_>, body: &RequestBody, schema: &Schema) -> Markup {
    html! {
        (title(call, "body", "Body"))
        @if !body.required { p.quiet { "It may be left out." } }
        (prose::description(&body.description, shown.words))
        (shown.whole(schema, Way::Sent))
    }
}

fn answers(shown: &Shown<'_>, call: &Call<'_>) -> Markup {
    html! {
        (title(call, "answers", "Answers"))
        p.limits { "What refuses is in the shape of " a href=(errors::shape()) { "the error object" } "." }
        dl.answers {
            @for (status, answer) in &call.operation.responses {
                div {
                    dt class=(if status.starts_with('2') { "good" } else { "bad" }) { (status) }
                    dd {
                        (prose::description(&answer.description, shown.words))
                        @if status.starts_with('2') { (held(shown, answer)) }
                    }
                }
            }
        }
    }
}

/// What a good answer holds.
fn held(shown: &Shown<'_>, answer: &Answer) -> Markup {
    let Some(media) = answer.content.get("application/json") else { return html! {} };
    let (_, envelope) = shown.document.resolve(&media.schema);
    let is_list = envelope.properties.contains_key("meta");
    let home = shown.document.held(media).and_then(|name| Some((name, shown.homes.get(name)?)));
    html! {
        @if let Some((name, home)) = home {
            p.limits {
                @if is_list { code { "data" } " is a list; each entry is " } @else { "The fields of " code { "data" } ": " }
                a href=(home) { (spaced(name)) }
                @if is_list { ". Beside it " code { "links" } " and " code { "meta" } ": " a href="/docs#lists" { "lists" } }
            }
        } @else if !envelope.properties.is_empty() {
            details { summary { "Fields" } (shown.whole(&media.schema, Way::Answered)) }
        }
        @if !answer.headers.is_empty() {
            p.limits {
                a href="/docs#headers" { "Headers" } ":"
                @for name in answer.headers.keys() { " " code { (name) } }
            }
        }
        @if answer.content.contains_key("text/event-stream") {
            p.limits { "With " code { "Accept: text/event-stream" } " it goes on as a stream of events." }
        }
    }
}

/// The body of the first good answer, for example.
fn answered(shown: &Shown<'_>, call: &Call<'_>) -> Markup {
    let Some((status, answer)) = call.operation.success() else { return html! {} };
    let Some(media) = answer.content.get("application/json") else { return html! {} };
    let body = sample::of_media(shown.document, media, Fields::All).pretty();
    html! { p.quiet { "Answer, " (status) } (prose::code("json", &body)) }
}

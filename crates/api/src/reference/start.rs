//! The first page of the reference: what is the same for all calls, and the list of them.

use maud::{Markup, html};

use super::fields::{Shown, Way};
use super::{BASE, PATH, anchor, list, of, path_of, plain};
use crate::site::{Findable, Page, prose};

pub(super) fn page(shown: &Shown<'_>, base: &str) -> Page {
    let document = shown.document;
    let headings = [
        ("base-address", "Address and key"),
        ("calls", "Calls"),
        ("lists", "Lists"),
        ("headers", "Headers of answers"),
    ];
    let body = html! {
        (prose::heading(1, "top", &html! { (document.info.title) }))
        (prose::description(&document.info.description, shown.words))
        p { "Version " (document.info.version) " · as " a href="/openapi.json" { "OpenAPI 3.1" } " for generators and tools · "
            a href="/docs.md" { "in short" } " for agents · step by step in the " a href="/guides" { "guides" } "." }
        (second(headings[0]))
        p { "Every path below that begins with " code { (BASE) } " is called at this server's address, with a key." }
        (prose::code("sh", &format!("export KEY=pk_test_…\ncurl {base}{BASE}/me -H \"Authorization: Bearer $KEY\"")))
        p { "What refuses a call says so in one shape: see " a href=(super::errors::PATH) { "errors" } ". What happens later is told by "
            a href=(super::events::PATH) { "webhooks" } "." }
        (second(headings[1]))
        @for tag in &document.tags {
            h3 { a href=(path_of(&tag.name)) { (tag.name) } }
            (prose::description(&tag.description, shown.words))
            (list(&of(document, &tag.name).collect::<Vec<_>>()))
        }
        (second(headings[2]))
        p { "Lists answer " code { "data" } ", a page of entries, and beside it:" }
        @for name in ["Links", "Meta"] { (envelope(shown, name)) }
        (second(headings[3]))
        (headers(shown))
    };
    let found = headings.map(|(id, text)| Findable {
        address: format!("{PATH}#{id}"),
        heading: text.into(),
        text: String::new(),
    });
    let within = headings.map(|(id, text)| (format!("{PATH}#{id}"), text.to_owned())).into();
    let about = "Every call of the API: what is sent, what is answered, for example.";
    Page { within, findable: found.into(), ..plain(PATH.to_owned(), "Overview", about, body) }
}

fn second((id, text): (&str, &str)) -> Markup {
    prose::heading(2, id, &html! { (text) })
}

/// One of the two objects beside the entries of a list.
fn envelope(shown: &Shown<'_>, name: &str) -> Markup {
    let Some(schema) = shown.document.components.schemas.get(name) else { return html! {} };
    html! {
        h3 id=(anchor(name)) { code { (name.to_lowercase()) } }
        (prose::description(&schema.description, shown.words))
        (shown.fields(schema, Way::Answered, &[name]))
    }
}

fn headers(shown: &Shown<'_>) -> Markup {
    html! {
        ul.fields {
            @for (name, header) in &shown.document.components.headers {
                li {
                    div.what { code { (name) } }
                    div.about { (prose::description(&header.description, shown.words)) }
                    @if let Some(example) = &header.example { p.limits { "For example " code { (super::terms::bare(example)) } } }
                }
            }
        }
    }
}

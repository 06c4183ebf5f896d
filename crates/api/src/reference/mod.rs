//! The reference: pages made of the very description that `/openapi.json` serves.

use std::collections::HashMap;

use maud::{Markup, html};
use model::refusal::Code;

use crate::site::{Findable, Heading, Page, prose};

mod call;
mod document;
mod errors;
mod events;
mod fields;
mod sample;
mod start;
mod terms;

use document::{Call, Document, Schema};
use fields::{Shown, Way, spaced};

/// What addresses of the reference begin with.
pub(crate) const PATH: &str = "/docs";
/// What stands before the paths of most calls.
const BASE: &str = "/partner/v1";

/// All pages of the reference, in the order in which they are read. `base` is where this server is reached.
pub(crate) fn pages(description: &[u8], base: &str) -> Result<Vec<Page>, serde_json::Error> {
    let document: Document = serde_json::from_slice(description)?;
    let homes = homes(&document);
    let words = words(&document);
    let shown = Shown { document: &document, homes: &homes, words: &words };
    let mut pages = vec![start::page(&shown, base)];
    for tag in &document.tags {
        pages.push(of_tag(&shown, &tag.name, &tag.description, base));
    }
    pages.push(events::page(&shown));
    pages.push(errors::page(&shown));
    Ok(pages)
}

fn path_of(tag: &str) -> String {
    format!("{PATH}/{}", prose::slug(tag))
}

fn of<'a>(document: &'a Document, tag: &'a str) -> impl Iterator<Item = Call<'a>> {
    document.calls().filter(move |call| call.operation.tags.iter().any(|one| one == tag))
}

/// Where the fields of each object are that is answered: on the first page where it is.
fn homes(document: &Document) -> HashMap<String, String> {
    let mut homes = HashMap::new();
    for tag in &document.tags {
        for call in of(document, &tag.name) {
            for name in held(document, &call) {
                homes.entry(name.to_owned()).or_insert_with(|| format!("{}#{}", path_of(&tag.name), anchor(name)));
            }
        }
    }
    for name in ["Links", "Meta"] {
        homes.insert(name.to_owned(), format!("{PATH}#{}", anchor(name)));
    }
    homes.insert("Error".to_owned(), errors::shape());
    homes
}

fn held<'a>(document: &'a Document, call: &Call<'a>) -> impl Iterator<Item = &'a str> {
    let good = call.operation.responses.iter().filter(|(status, _)| status.starts_with('2'));
    good.filter_map(|(_, answer)| document.held(answer.content.get("application/json")?))
}

fn anchor(name: &str) -> String {
    format!("object-{}", prose::slug(&spaced(name)))
}

/// Words that lead to where they are explained.
fn words(document: &Document) -> HashMap<String, String> {
    let calls = document.calls().filter_map(|call| {
        let page = path_of(call.operation.tags.first()?);
        let path = call.path.strip_prefix(BASE).unwrap_or(call.path);
        Some((format!("{} {path}", call.method), format!("{page}#{}", call.operation.operation_id)))
    });
    let events =
        document.webhooks.keys().map(|name| (name.clone(), format!("{}#{}", events::PATH, events::anchor(name))));
    let errors = Code::ALL.iter().map(|code| (code.as_str().to_owned(), errors::address(*code)));
    calls.chain(events).chain(errors).collect()
}

fn of_tag(shown: &Shown<'_>, tag: &str, about: &str, base: &str) -> Page {
    let path = path_of(tag);
    let calls: Vec<_> = of(shown.document, tag).collect();
    let objects: Vec<&str> =
        shown.document.components.schemas.keys().map(String::as_str).filter(|name| is_at(shown, name, &path)).collect();
    let within =
        calls.iter().map(|call| (format!("{path}#{}", call.operation.operation_id), call.operation.summary.clone()));
    let within = within.chain(objects.iter().map(|name| (format!("{path}#{}", anchor(name)), title(name)))).collect();
    let body = html! {
        (prose::heading(1, "top", &html! { (tag) }))
        (prose::description(about, shown.words))
        (list(&calls))
        @for call in &calls { (call::section(shown, call, base)) }
        @for name in &objects { (object(shown, name)) }
    };
    let found = calls.iter().map(|call| findable(shown, call, &path));
    let found = found.chain(objects.iter().map(|name| findable_object(shown, name, &path))).collect();
    Page { within, findable: found, ..plain(path, tag, about, body) }
}

/// A page without anything beside it.
fn plain(path: String, title: &str, about: &str, body: Markup) -> Page {
    let headings: Vec<Heading> = vec![];
    Page {
        path,
        title: title.to_owned(),
        about: about.to_owned(),
        body,
        within: vec![],
        headings,
        findable: vec![],
        markdown: None,
        group: "",
    }
}

fn is_at(shown: &Shown<'_>, name: &str, path: &str) -> bool {
    shown.homes.get(name).and_then(|home| home.split('#').next()) == Some(path)
}

/// Calls in a list, each leading to its place.
fn list(calls: &[Call<'_>]) -> Markup {
    html! {
        ul.calls {
            @for call in calls {
                li {
                    a href={ (path_of(call.operation.tags.first().map_or("", String::as_str))) "#" (call.operation.operation_id) } { (call.operation.summary) }
                    span.path { span class={ "verb " (call.method.to_lowercase()) } { (call.method) } " " (call.path) }
                }
            }
        }
    }
}

fn title(name: &str) -> String {
    format!("The {} object", spaced(name))
}

/// The fields of an object that is answered.
fn object(shown: &Shown<'_>, name: &str) -> Markup {
    let Some(schema) = shown.document.components.schemas.get(name) else { return html! {} };
    html! {
        section.operation aria-labelledby=(anchor(name)) {
            (prose::heading(2, &anchor(name), &html! { (title(name)) }))
            (prose::description(&schema.description, shown.words))
            (shown.fields(schema, Way::Answered, &[name]))
        }
    }
}

fn findable(shown: &Shown<'_>, call: &Call<'_>, path: &str) -> Findable {
    let operation = call.operation;
    let mut text = format!("{} {} {} {}.", call.method, call.path, operation.operation_id, operation.description);
    for parameter in operation.parameters.iter().map(|one| shown.document.parameter(one)) {
        text.push_str(&format!(" {}: {}", parameter.name, parameter.description));
    }
    if let Some((_, media)) = operation.body() {
        text.push_str(&named(shown.document, &media.schema));
    }
    Findable { address: format!("{path}#{}", operation.operation_id), heading: operation.summary.clone(), text }
}

fn findable_object(shown: &Shown<'_>, name: &str, path: &str) -> Findable {
    let schema = shown.document.components.schemas.get(name);
    let text = schema.map(|schema| format!("{} {}", schema.description, named(shown.document, schema)));
    Findable { address: format!("{path}#{}", anchor(name)), heading: title(name), text: text.unwrap_or_default() }
}

/// The fields of an object, for the search.
fn named(document: &Document, schema: &Schema) -> String {
    let fields = document.resolve(schema).1.properties.iter();
    fields.map(|(name, field)| format!(" {name}: {}", field.description)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that may hold text holds what must not get through.
    #[test]
    fn nothing_in_a_description_becomes_part_of_the_page() {
        let hostile = r#"</code></pre><script>alert(1)</script><img src=x onerror=y>"'` **b** [l](javascript:x)"#;
        let said = serde_json::to_string(hostile).unwrap();
        let schema = format!(
            r##"{{"type":"object","description":{said},"required":[{said}],"properties":{{{said}:{{"type":["string",{said}],
            "format":{said},"description":{said},"pattern":{said},"enum":[{said}],"default":{said},"example":{said}}},
            "x":{{"type":"object","additionalProperties":{{"type":{said}}},"example":{{{said}:{said}}}}},
            "y":{{"oneOf":[{{"$ref":"#/components/schemas/E"}},{{"type":{said},"description":{said}}}]}}}}}}"##
        );
        let text = format!(
            r##"{{"info":{{"title":{said},"version":{said},"description":{said}}},"tags":[{{"name":{said},"description":{said}}}],
            "paths":{{{said}:{{"post":{{"tags":[{said}],"summary":{said},"description":{said},"operationId":{said},
              "parameters":[{{"name":{said},"in":"query","required":true,"description":{said},"example":{said},"schema":{{"type":{said}}}}}],
              "requestBody":{{"description":{said},"content":{{"application/json":{{"schema":{schema}}}}}}},
              "responses":{{{said}:{{"description":{said}}},"200":{{"description":{said},"content":{{"application/json":{{"schema":{schema}}}}}}}}}}}}}}},
            "webhooks":{{{said}:{{"post":{{"summary":{said},"description":{said},"operationId":{said}}}}}}},
            "components":{{"schemas":{{"E":{schema}}},"examples":{{{said}:{{"summary":{said},"value":{{{said}:{said}}}}}}},
              "headers":{{{said}:{{"description":{said}}}}}}}}}"##
        );
        let pages = pages(text.as_bytes(), "https://api.acme.test").unwrap();
        for page in pages {
            let html = page.body.into_string().to_lowercase();
            for wrong in ["<script", "<img", "href=\"javascript:"] {
                assert!(!html.contains(wrong), "{wrong} on {}: {html}", page.path);
            }
        }
    }

    #[test]
    fn names_are_words() {
        assert_eq!(title("WebhookEndpoint"), "The webhook endpoint object");
        assert_eq!(anchor("WebhookEndpoint"), "object-webhook-endpoint");
    }
}

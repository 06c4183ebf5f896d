//! The fields of an object, those of what it holds below them.

use std::collections::HashMap;

use maud::{Markup, html};

use super::document::{Document, Parameter, Schema};
use super::terms;
use crate::site::prose;

/// How deep fields are shown below fields.
const DEEPEST: usize = 6;

/// What showing fields needs to know.
pub(super) struct Shown<'a> {
    pub(super) document: &'a Document,
    /// Objects that have a place of their own, and where.
    pub(super) homes: &'a HashMap<String, String>,
    /// Words that lead somewhere.
    pub(super) words: &'a HashMap<String, String>,
}

/// Whether it is of interest what has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It is sent: some fields have to be.
    Sent,
    /// It is answered: fields are there, or it is said.
    Answered,
}

impl Shown<'_> {
    /// The fields of an object, in a list. `within` are the names of the objects that are already open.
    pub(super) fn fields(&self, schema: &Schema, way: Way, within: &[&str]) -> Markup {
        let (name, found) = self.document.resolve(schema);
        let within: Vec<&str> = within.iter().copied().chain(name).collect();
        html! {
            @if !found.properties.is_empty() {
                ul.fields {
                    @for (name, field) in &found.properties {
                        li { (self.field(name, field, found.required.contains(name), way, &within)) }
                    }
                }
            }
        }
    }

    fn field(&self, name: &str, field: &Schema, is_required: bool, way: Way, within: &[&str]) -> Markup {
        let need = match (way, is_required) {
            (Way::Sent, true) => Some("required"),
            (Way::Answered, false) => Some("not always there"),
            _ => None,
        };
        let (_, found) = self.document.resolve(field);
        let text = if field.description.is_empty() { &found.description } else { &field.description };
        html! {
            div.what {
                code { (name) }
                span.type { (terms::kind(self.document, field)) }
                @if let Some(need) = need { span.need { (need) } }
            }
            div.about { (prose::description(text, self.words)) }
            (self.details(field))
            (self.below(field, way, within))
        }
    }

    /// Limits, values and an example.
    fn details(&self, schema: &Schema) -> Markup {
        let (_, found) = self.document.resolve(schema);
        let others = terms::others(self.document, found);
        let example = [schema, found].into_iter().find_map(|one| one.example.as_ref().or_else(|| one.examples.first()));
        let values = terms::values(self.document, schema);
        let limits = terms::limits(self.document, schema, example.is_some());
        let example = example.filter(|_| values.0.is_empty());
        html! {
            @if let Some(others) = others { p.limits { (others) } }
            (values)
            (terms::line(&limits, example))
        }
    }

    /// What a field holds: fields of its own, those of its entries, or a choice.
    fn below(&self, field: &Schema, way: Way, within: &[&str]) -> Markup {
        let (name, found) = self.document.resolve(field);
        if let Some(items) = &found.items {
            return self.below(items, way, within);
        }
        let choices: Vec<_> = found.one_of.iter().chain(&found.any_of).filter(|one| !one.kinds.has("null")).collect();
        if let [only] = choices[..] {
            return self.below(only, way, within);
        }
        if found.properties.is_empty() && choices.is_empty() {
            return html! {};
        }
        if let Some(home) = name.and_then(|name| self.homes.get(name)) {
            return html! { p.limits { "As " a href=(home) { "the " (spaced(name.unwrap_or_default())) " object" } } };
        }
        if name.is_some_and(|name| within.contains(&name)) || within.len() >= DEEPEST {
            return html! { p.limits { "Its fields are as above." } };
        }
        html! {
            @if choices.is_empty() { (self.fields(field, way, within)) } @else { (self.choices(&choices, way, within)) }
        }
    }

    fn choices(&self, choices: &[&Schema], way: Way, within: &[&str]) -> Markup {
        html! {
            p.limits { "One of:" }
            ul.fields {
                @for choice in choices {
                    @let (_, found) = self.document.resolve(choice);
                    @let text = if choice.description.is_empty() { &found.description } else { &choice.description };
                    li {
                        div.what { span.type { (terms::kind(self.document, choice)) } }
                        div.about { (prose::description(text, self.words)) }
                        (self.details(choice))
                        (self.below(choice, way, within))
                    }
                }
            }
        }
    }

    /// All of a body: its fields, or the choice that it is.
    pub(super) fn whole(&self, schema: &Schema, way: Way) -> Markup {
        let (_, found) = self.document.resolve(schema);
        if found.properties.is_empty() { self.below(schema, way, &[]) } else { self.fields(schema, way, &[]) }
    }

    /// Limits and an example of a parameter.
    fn about(&self, parameter: &Parameter) -> Markup {
        let example = parameter.example.as_ref().or(parameter.schema.example.as_ref());
        terms::line(&terms::limits(self.document, &parameter.schema, example.is_some()), example)
    }

    /// Parameters, as fields are shown.
    pub(super) fn parameters(&self, parameters: &[&Parameter]) -> Markup {
        html! {
            ul.fields {
                @for parameter in parameters {
                    li {
                        div.what {
                            code { (parameter.name) }
                            span.type { (terms::kind(self.document, &parameter.schema)) }
                            @if parameter.required { span.need { "required" } }
                        }
                        div.about { (prose::description(&parameter.description, self.words)) }
                        (terms::values(self.document, &parameter.schema))
                        (self.about(parameter))
                    }
                }
            }
        }
    }
}

/// The name of an object in words: `WebhookEndpoint` is a webhook endpoint.
pub(super) fn spaced(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

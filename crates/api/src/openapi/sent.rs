//! What partners send is read strictly, and described so.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Components, KnownFormat, Object, OpenApi, Ref, RefOr};

use super::walk::{self, Node};

/// Says of everything that is sent what the readers of bodies demand of all of it: no unknown fields, no
/// control characters, web addresses only.
pub(super) fn tighten(document: &mut OpenApi) {
    walk::of_bodies(document).for_each(no_null);
    walk::operations_of(document).for_each(parameters);
    let Some(mut components) = document.components.take() else { return };
    let sent = walk::reached(walk::of_bodies(document), &mut components);
    let shown = walk::reached(walk::of_answers(document), &mut components);
    let sent = set_apart(&sent, &shown, document, &mut components);
    for name in &sent {
        if let Some(schema) = components.schemas.get_mut(name) {
            walk::through(schema, &mut |node| {
                if let Node::Object(object) = node {
                    close(object);
                }
            });
        }
    }
    document.components = Some(components);
}

/// No parameter is null, and a filter has at least one character: whoever wants none leaves it out.
fn parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(Parameter { parameter_in, schema: Some(schema), .. }) = parameter else { continue };
        no_null(schema);
        if let RefOr::T(Schema::Object(text)) = schema {
            if let SchemaType::Array(kinds) = &mut text.schema_type {
                kinds.retain(|kind| *kind != Type::Null);
            }
            if *parameter_in != ParameterIn::Query {
                continue;
            }
            hold(text);
            if walk::takes(text, &Type::String) && text.enum_values.is_none() && text.format.is_none() {
                text.min_length.get_or_insert(1);
            }
        }
    }
}

/// What may be left out is not `null`.
fn no_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(either)) = schema else { return };
    if let Some(body) = either.items.iter().find(|item| matches!(item, RefOr::Ref(_))) {
        *schema = body.clone();
    }
}

/// Objects that are shown too get a twin for sending: what is shown may have more fields one day. Answers the
/// names of all that is sent.
fn set_apart(
    sent: &BTreeSet<String>,
    shown: &BTreeSet<String>,
    document: &mut OpenApi,
    components: &mut Components,
) -> BTreeSet<String> {
    let has_fields =
        |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(object)) if !object.properties.is_empty());
    let both = sent.intersection(shown).filter(|name| components.schemas.get(*name).is_some_and(has_fields));
    let both: BTreeSet<String> = both.cloned().collect();
    for name in &both {
        if let Some(schema) = components.schemas.get(name).cloned() {
            components.schemas.insert(twin(name), schema);
        }
    }
    let names: BTreeSet<_> =
        sent.iter().map(|name| if both.contains(name) { twin(name) } else { name.clone() }).collect();
    let mut redirect = |node: Node<'_>| {
        if let Node::Reference(reference) = node
            && let Some(name) = walk::name_of(reference).filter(|name| both.contains(*name))
        {
            reference.ref_location = Ref::from_schema_name(twin(name)).ref_location;
        }
    };
    for name in &names {
        if let Some(schema) = components.schemas.get_mut(name) {
            walk::through(schema, &mut redirect);
        }
    }
    walk::of_bodies(document).for_each(|schema| walk::through(schema, &mut redirect));
    names
}

fn twin(name: &str) -> String {
    format!("New{name}")
}

fn close(object: &mut Object) {
    if !object.properties.is_empty() && object.additional_properties.is_none() {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
    for property in object.properties.values_mut() {
        if let RefOr::T(Schema::Object(text)) = property {
            hold(text);
        }
    }
}

/// Demands of a text what readers demand of every text.
fn hold(text: &mut Object) {
    if walk::takes(text, &Type::String) && text.pattern.is_none() && text.enum_values.is_none() {
        text.pattern = pattern(text.format.as_ref()).map(str::to_owned);
    }
}

/// What every text that is sent has to look like. Those of some formats are held by the format.
fn pattern(format: Option<&SchemaFormat>) -> Option<&'static str> {
    match format {
        None | Some(SchemaFormat::KnownFormat(KnownFormat::Password)) => Some(NO_CONTROL),
        Some(SchemaFormat::Custom(format)) if format == "uri" => Some(WEB_ADDRESS),
        Some(_) => None,
    }
}

/// A text without control characters and marks of writing direction.
pub(crate) const NO_CONTROL: &str = r"^[^\x00-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*$";
const WEB_ADDRESS: &str = r"^https?://[^\s/?#@\\\x00-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]+([/?#][^\s\x00-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*)?$";

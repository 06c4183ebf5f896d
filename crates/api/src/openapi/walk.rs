//! Walking through the description.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Components, Content, Object, OpenApi, Ref, RefOr};

/// What is met on the way through a schema.
pub(super) enum Node<'a> {
    /// Another schema, by its name.
    Reference(&'a mut Ref),
    /// A schema that is not made of others, or an object.
    Object(&'a mut Object),
}

/// Visits a schema and everything in it, but not what it refers to.
pub(super) fn through(schema: &mut RefOr<Schema>, visit: &mut dyn FnMut(Node<'_>)) {
    match schema {
        RefOr::Ref(reference) => visit(Node::Reference(reference)),
        RefOr::T(Schema::Object(object)) => {
            visit(Node::Object(object));
            object.properties.values_mut().for_each(|property| through(property, visit));
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                through(values, visit);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                through(items, visit);
            }
        }
        RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(|item| through(item, visit)),
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(|item| through(item, visit)),
        RefOr::T(Schema::AnyOf(any)) => any.items.iter_mut().for_each(|item| through(item, visit)),
        RefOr::T(_) => {}
    }
}

/// Visits every named schema.
pub(super) fn of_components(document: &mut OpenApi, visit: impl FnMut(&mut RefOr<Schema>)) {
    document.components.get_or_insert_default().schemas.values_mut().for_each(visit);
}

/// Every operation of a path, and whether it reads a body: all that change something do, if only to refuse
/// what does not belong there.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let all = [(false, &mut item.get), (true, &mut item.post), (true, &mut item.patch), (true, &mut item.delete)];
    all.into_iter().filter_map(|(reads_body, operation)| Some((reads_body, operation.as_mut()?)))
}

/// Every operation of the API.
pub(super) fn operations_of(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(operations).map(|(_, operation)| operation)
}

/// The schemas of all request bodies.
pub(super) fn of_bodies(document: &mut OpenApi) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let bodies = operations_of(document).filter_map(|operation| match &mut operation.request_body {
        Some(RefOr::T(body)) => Some(body),
        _ => None,
    });
    bodies.flat_map(|body| body.content.values_mut()).filter_map(schema)
}

/// The schemas of all answers.
pub(super) fn of_answers(document: &mut OpenApi) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let responses = operations_of(document).flat_map(|operation| operation.responses.responses.values_mut());
    let contents = responses.filter_map(|response| match response {
        RefOr::T(response) => Some(response.content.values_mut()),
        RefOr::Ref(_) => None,
    });
    contents.flatten().filter_map(schema)
}

fn schema(content: &mut RefOr<Content>) -> Option<&mut RefOr<Schema>> {
    match content {
        RefOr::T(content) => content.schema.as_mut(),
        RefOr::Ref(_) => None,
    }
}

/// The names of the schemas that these ones lead to, directly or through others.
pub(super) fn reached<'a>(
    from: impl Iterator<Item = &'a mut RefOr<Schema>>,
    components: &mut Components,
) -> BTreeSet<String> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![]);
    from.for_each(|schema| names(schema, &mut ahead));
    while let Some(name) = ahead.pop() {
        if let Some(schema) = components.schemas.get_mut(&name)
            && reached.insert(name)
        {
            names(schema, &mut ahead);
        }
    }
    reached
}

fn names(schema: &mut RefOr<Schema>, into: &mut Vec<String>) {
    through(schema, &mut |node| {
        if let Node::Reference(reference) = node {
            into.extend(name_of(reference).map(str::to_owned));
        }
    });
}

/// The name that a reference to a schema leads to.
pub(super) fn name_of(reference: &Ref) -> Option<&str> {
    reference.ref_location.strip_prefix("#/components/schemas/")
}

/// Whether values of this type are let in.
pub(super) fn takes(object: &Object, kind: &Type) -> bool {
    match &object.schema_type {
        SchemaType::Type(one) => one == kind,
        SchemaType::Array(several) => several.contains(kind),
        SchemaType::AnyValue => false,
    }
}

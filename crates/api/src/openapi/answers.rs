//! What partners are shown: bounds that no single view need repeat.

use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, OpenApi};

use super::walk::{self, Node};
use crate::body::LARGEST;

/// Says of everything that is shown how ids look, and that whole numbers stay within what every reader of
/// JSON keeps exactly.
pub(super) fn bound(document: &mut OpenApi) {
    let Some(mut components) = document.components.take() else { return };
    let sent = walk::reached(walk::of_bodies(document), &mut components);
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| !sent.contains(*name)) {
        walk::through(schema, &mut |node| {
            if let Node::Object(object) = node {
                shape_id(object);
                limit(object);
            }
        });
    }
    document.components = Some(components);
}

/// An id looks like its example: the prefix of its kind and a ULID.
fn shape_id(object: &mut Object) {
    let example = object.example.as_ref().and_then(|example| example.as_str());
    let Some((prefix, rest)) = example.and_then(|example| example.split_once('_')) else { return };
    let ulid = rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if ulid && prefix.len() == 3 && object.pattern.is_none() {
        object.pattern = Some(pattern(prefix));
    }
}

/// How an id of a kind looks.
pub(super) fn pattern(prefix: &str) -> String {
    format!("^{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}$")
}

fn limit(object: &mut Object) {
    if walk::takes(object, &Type::Integer) {
        object.minimum.get_or_insert_with(|| (-LARGEST).into());
        object.maximum.get_or_insert_with(|| LARGEST.into());
    }
}

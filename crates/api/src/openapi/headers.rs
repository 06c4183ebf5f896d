//! The headers of answers: each is described once.

use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr};

/// Says which headers the answers of an operation have.
pub(super) fn say(operation: &mut Operation, behind_the_gate: bool) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut names = vec!["Peeker-Request-Id", "X-Request-Id"];
        if behind_the_gate && !matches!(status.as_str(), "401" | "500" | "503") {
            names.extend(["RateLimit", "RateLimit-Policy"]);
        }
        if behind_the_gate && !matches!(status.as_str(), "401" | "429" | "500" | "503") {
            names.push("Mailwright-Ignored-Parameters");
        }
        match status.as_str() {
            "401" => names.push("WWW-Authenticate"),
            "429" | "503" => names.push("Retry-After"),
            _ => {}
        }
        let refer = |name: &str| (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))));
        response.headers.extend(names.into_iter().map(refer));
    }
}

/// Describes them.
pub(super) fn describe(document: &mut OpenApi) {
    let said = document.components.get_or_insert_default();
    said.headers.extend(ALL.map(|(name, text)| (name.to_owned(), RefOr::T(header(name, text)))));
}

const ALL: [(&str, &str); 9] = [
    ("Peeker-Request-Id", "The id of this request; quote it when something is unclear."),
    ("X-Request-Id", "The same id under its usual name."),
    ("RateLimit", "What the key has left (`r`), and after how many seconds its bucket is full again (`t`)."),
    ("RateLimit-Policy", "How many requests (`q`) the key may make in how many seconds (`w`)."),
    (
        "Mailwright-Ignored-Parameters",
        "Query parameters that the call does not know and passed over, percent-encoded, with commas between; behind one that is near a known one, which was probably meant.",
    ),
    ("Retry-After", "After how many seconds the next request passes."),
    ("WWW-Authenticate", "How to say who calls."),
    ("Idempotent-Replayed", "`true` when an equal call was accepted before: this one has changed nothing."),
    ("Idempotent-Order-Status", "On a repeat: the order's status now; the body is the answer as it was first said."),
];

fn header(name: &str, text: &str) -> Header {
    let (kind, example): (Type, Value) = match name {
        "RateLimit" => (Type::String, json!(r#""default";r=599;t=1"#)),
        "RateLimit-Policy" => (Type::String, json!(r#""default";q=600;w=60"#)),
        "Retry-After" => (Type::Integer, json!(1)),
        "Mailwright-Ignored-Parameters" => (Type::String, json!("limit; did-you-mean=per_page")),
        "WWW-Authenticate" => (Type::String, json!("Bearer")),
        "Idempotent-Replayed" => (Type::String, json!("true")),
        "Idempotent-Order-Status" => (Type::String, json!("completed")),
        _ => (Type::String, json!("req_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    };
    let mut schema = ObjectBuilder::new().schema_type(kind.clone());
    if kind == Type::Integer {
        schema = schema.minimum(Some(1)).maximum(Some(60));
    } else if name.ends_with("Request-Id") {
        schema = schema.pattern(Some(super::answers::pattern("req")));
    }
    HeaderBuilder::new().schema(Some(schema.build())).description(Some(text)).example(Some(example)).build()
}

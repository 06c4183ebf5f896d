//! The calls that an `Idempotency-Key` makes safe to repeat.

use model::refusal::Code;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Response};

use crate::repeat::HEADER;

/// The calls that write nothing, begin everything anew, or whose answers are kept nowhere: a key would mean nothing there.
const WITHOUT: &[&str] = &["check_availability", "reset_sandbox", "hand_out_inbox_access", "hand_out_order_access"];

/// The calls whose answers tell of an order.
const OF_ORDERS: &[&str] = &["create_order", "cancel_order"];

/// Says of a `POST` that it takes a key, how a repeat is recognised, and what is in the way of another call.
pub(super) fn say(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    if WITHOUT.contains(&id.as_str()) {
        return;
    }
    operation.parameters.get_or_insert_default().push(RefOr::T(key()));
    let conflict = operation.responses.responses.entry("409".to_owned());
    if let RefOr::T(response) = conflict.or_insert_with(|| RefOr::T(super::refusal(Code::IdempotencyConflict))) {
        name_conflict(response);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('2')
        {
            tell(response, "Idempotent-Replayed");
            if OF_ORDERS.contains(&id.as_str()) {
                tell(response, "Idempotent-Order-Status");
            }
        }
    }
}

fn key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    let description = "Makes it safe to send this call again: for 24 hours the same call with the same key and body is \
        answered as the first time and changes nothing. 1 to 255 characters, another key for every call.";
    ParameterBuilder::new()
        .name(HEADER)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(text.build()))
        .example(Some("order-1042".into()))
        .build()
}

fn name_conflict(response: &mut Response) {
    if !response.description.contains(Code::IdempotencyConflict.as_str()) {
        let code = Code::IdempotencyConflict;
        response.description = format!("{} `{}`: {}.", response.description, code.as_str(), code.meaning());
    }
}

fn tell(response: &mut Response, header: &str) {
    let reference = RefOr::Ref(Ref::new(format!("#/components/headers/{header}")));
    response.headers.insert(header.to_owned(), reference);
}

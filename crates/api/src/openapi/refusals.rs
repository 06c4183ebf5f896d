//! What errors look like, per call: the codes that a description names become examples.

use std::collections::HashSet;

use model::refusal::Code;
use serde_json::{Value, json};
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use super::walk;

/// Shows every code once, and refers to those that each answer's description names.
pub(super) fn exemplify(document: &mut OpenApi) {
    let mut used = HashSet::new();
    for operation in walk::operations_of(document) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                used.extend(refer(response));
            }
        }
    }
    let used = Code::ALL.iter().filter(|code| used.contains(*code));
    let examples = used.map(|code| (code.as_str().to_owned(), RefOr::T(example(*code))));
    document.components.get_or_insert_default().examples.extend(examples);
}

fn refer(response: &mut Response) -> Vec<Code> {
    let codes: Vec<_> = named(&response.description).collect();
    for content in response.content.values_mut() {
        if let RefOr::T(content) = content
            && is_error(content)
        {
            let reference = |code: &Code| RefOr::Ref(Ref::new(format!("#/components/examples/{}", code.as_str())));
            content.examples.extend(codes.iter().map(|code| (code.as_str().to_owned(), reference(code))));
        }
    }
    codes
}

/// The codes that stand in a text, between backticks.
fn named(text: &str) -> impl Iterator<Item = Code> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|word| Code::ALL.iter().copied().find(|code| code.as_str() == word))
}

fn is_error(content: &Content) -> bool {
    matches!(&content.schema, Some(RefOr::Ref(reference)) if walk::name_of(reference) == Some("ErrorBody"))
}

fn example(code: Code) -> Example {
    let mut error = said(code);
    error["code"] = json!(code.as_str());
    ExampleBuilder::new().summary(code.meaning()).value(Some(json!({ "error": error }))).build()
}

/// The rest of the error: message, and field and details where it has some.
fn said(code: Code) -> Value {
    match code {
        Code::InvalidRequest => json!({
            "message": "Send a whole number from 1 to 10000000; -5 was sent.", "field": "monthly_sending_volume" }),
        Code::Unauthorized => json!({ "message": "The API key is missing. Send it as `Authorization: Bearer pk_…`." }),
        Code::Forbidden => json!({
            "message": "This key's preset is `read`; the call needs `full`. Use a key that has it." }),
        Code::NotFound => {
            json!({ "message": "There is no such record in this environment. Check the id and the key." })
        }
        Code::MethodNotAllowed => json!({
            "message": "/partner/v1/me does not take POST. The Allow header lists what it takes." }),
        Code::UnsupportedMediaType => json!({
            "message": "The body must be JSON. Send it with `Content-Type: application/json`." }),
        Code::PayloadTooLarge => json!({ "message": "The body is over 1 MiB. Send less at once." }),
        Code::OrderShapeConflict => json!({
            "message": "Send bundle_id or licence counts, not both.", "field": "bundle_id" }),
        Code::DomainCountMismatch => json!({
            "message": "This size needs 19 domains and 2 were sent. Add 17 more.", "field": "domains",
            "details": { "required_count": 19, "submitted_count": 2, "missing_count": 17 } }),
        Code::DomainProviderMismatch => json!({
            "message": "Microsoft needs 1 name; none of these can be used. Send another.", "field": "domains",
            "details": { "provider": "microsoft", "required_count": 1, "usable_count": 0, "usable_domains": [] } }),
        Code::DomainUnavailable => json!({
            "message": "Cannot be had now: taken-acme.com. Nothing was bought or charged. Send other names.",
            "field": "domains[0]",
            "details": { "domains": [{ "domain": "taken-acme.com", "reason": "taken" }] } }),
        Code::PriceChanged => json!({
            "message": "The total is 6800 cents. Raise max_total_cents, or order less.", "field": "max_total_cents",
            "details": { "expected_cents": 6500, "actual_cents": 6800 } }),
        other => said_of_records(other),
    }
}

fn said_of_records(code: Code) -> Value {
    match code {
        Code::BundleArchived => json!({ "message": "This bundle is archived. Use another.", "field": "bundle_id" }),
        Code::AlreadyExists => json!({
            "message": "This reference was used before. Send another.", "field": "reference",
            "details": { "id": "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0" } }),
        Code::Conflict => json!({
            "message": "The order was cancelled and cannot be changed.", "details": { "reason": "order_cancelled" } }),
        Code::IdempotencyConflict => json!({
            "message": "This Idempotency-Key came with another call or body before. Send that again, or a new key.",
            "field": "Idempotency-Key" }),
        Code::SpendLimitExceeded => json!({
            "message": "This key may spend 500000 cents a month; 498000 are booked and this costs 6800. Order less.",
            "details": { "limit_cents": 500_000, "spent_cents": 498_000, "order_cents": 6800, "scope": "key" } }),
        Code::QuotaExceeded => json!({
            "message": "4 of 4 premium swaps of the last 30 days are used: 20 % of 22 active Microsoft domains, at \
                least one. Wait for one to become free, or swap with type standard.",
            "details": { "limit": 4, "used": 4, "active_domains": 22, "percent": 20,
                "frees_at": "2026-05-21T09:30:00Z" } }),
        Code::RateLimited => json!({
            "message": "Too many requests with this key. Wait 1 s.", "details": { "retry_after_seconds": 1 } }),
        Code::CursorLost => json!({
            "message": "This server does not know the event evt_01JTZ8A1B2C3D4E5F6G7H8J9K0 any more. Go on after \
                evt_01JTZ7Z0B2C3D4E5F6G7H8J9K0.",
            "field": "after", "details": { "go_on_after": "evt_01JTZ7Z0B2C3D4E5F6G7H8J9K0" } }),
        Code::Busy => json!({
            "message": "More is waiting than the server takes. Nothing was done. Send the same request again in 1 s.",
            "details": { "retry_after_seconds": 1 } }),
        Code::ProviderNotConfigured => json!({
            "message": "The operator has configured no registrar for this environment. Use a test key." }),
        Code::BuyingPaused => json!({
            "message": "The operator has paused buying, and takes no orders meanwhile. Nothing was done. Send the same \
                order again later." }),
        _ => json!({ "message": "Something failed on our side. Send the same request again." }),
    }
}

//! How an order is recognised when it is sent again.

use axum::http::{HeaderMap, HeaderValue};
use model::clock::Time;
use model::idempotency::{Handle, body_key};
use model::refusal::{Code, Fault, Refusal};
use model::world::Scope;
use store::{Db, Halt, Vault, idempotency};

use crate::body::Payload;

/// The header that takes the place of the body.
pub(super) const HEADER: &str = "Idempotency-Key";

/// What this request is recognised by: its key when it has one, otherwise its body. Both are keyed
/// hashes: the body holds a password.
pub(super) fn handle(vault: &Vault, headers: &HeaderMap, body: &Payload) -> Result<Handle, Refusal> {
    let fingerprint = vault.keyed_hash("order body", body.canonical().as_bytes());
    let key = match key(headers)? {
        Some(key) => format!("key:{}", vault.keyed_hash("idempotency key", key)),
        None => body_key(&fingerprint),
    };
    Ok(Handle { key, fingerprint })
}

fn key(headers: &HeaderMap) -> Result<Option<&[u8]>, Refusal> {
    let mut values = headers.get_all(HEADER).iter().map(HeaderValue::as_bytes);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(key), None) if (1..=255).contains(&key.len()) => Ok(Some(key)),
        _ => {
            let message = "Send one Idempotency-Key of 1 to 255 characters.";
            Err(Fault::invalid(HEADER, message).into())
        }
    }
}

/// The answer to the request that this one repeats.
pub(super) async fn replay(
    db: &mut Db,
    scope: &Scope,
    handle: &Handle,
    partner_now: Time,
) -> Result<Option<String>, Halt> {
    let Some(kept) = idempotency::peek(db, scope, &handle.key, partner_now).await? else { return Ok(None) };
    if kept.fingerprint == handle.fingerprint {
        return Ok(Some(kept.answer));
    }
    let message = "This Idempotency-Key came with another body before. Send that body, or a new key.";
    Err(Refusal::from(Fault::new(Code::IdempotencyConflict, message).at(HEADER)).into())
}

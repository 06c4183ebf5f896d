//! The keys by which anybody can check what this installation has signed. No key of the API is needed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::App;

/// A set of public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(crate) struct SigningKeys {
    /// The keys.
    keys: Vec<SigningKey>,
}

/// A public key (RFC 8037).
#[derive(Serialize, ToSchema)]
pub(crate) struct SigningKey {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// What it is for: always `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// How signatures name it.
    #[schema(example = "5a1c0f9e8d7b6a53")]
    kid: String,
    /// Its 32 bytes, in base64 for addresses.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// Read the keys that evidence is signed with
///
/// They stay as long as the installation has its master key: keep them where you keep signed evidence.
#[utoipa::path(get, path = "/.well-known/mailwright-keys.json", operation_id = "get_signing_keys", tag = "Domains",
    security(()), responses((status = 200, description = "The keys.", body = SigningKeys)))]
pub(crate) async fn handler(State(app): State<Arc<App>>) -> Response {
    let key = app.store.vault().public_key();
    let x = BASE64_URL_SAFE_NO_PAD.encode(&key.bytes);
    let keys = vec![SigningKey { kty: "OKP", crv: "Ed25519", purpose: "sig", kid: key.id, x }];
    ([(CACHE_CONTROL, "public, max-age=3600")], Json(SigningKeys { keys })).into_response()
}

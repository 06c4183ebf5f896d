//! Who gets to read what the operator may.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use model::refusal::{Code, Fault, Refusal};
use secrecy::{ExposeSecret as _, SecretString};
use store::{Store, Vault};

/// Knows the token by its keyed hash: a comparison takes as long for a good guess as for a bad one.
pub(super) struct Gate {
    store: Store,
    wanted: Option<String>,
    hint: String,
}

impl Gate {
    /// Lets in who has the token, or everybody where there is none.
    pub(super) fn new(store: &Store, token: Option<&SecretString>, file: Option<&Path>) -> Self {
        let wanted = token.map(|token| hash(store.vault(), token.expose_secret()));
        // Only the file's name: a path says more of the machine than a stranger should know.
        let file = file.and_then(Path::file_name).unwrap_or_default().display();
        let hint =
            format!("Send the operator's token as `Authorization: Bearer op_…`; it is in {file} in the data folder.");
        Self { store: store.clone(), wanted, hint }
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(wanted) = &self.wanted else { return true };
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent =
            sent.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        sent.is_some_and(|(_, token)| hash(self.store.vault(), token.trim()) == *wanted)
    }
}

fn hash(vault: &Vault, token: &str) -> String {
    vault.keyed_hash("operator token", token.as_bytes())
}

/// Turns away whoever has not got the token.
pub(super) async fn admit(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if gate.admits(request.headers()) {
        return next.run(request).await;
    }
    let fault = Fault::new(Code::Unauthorized, gate.hint.clone());
    let mut response = (StatusCode::UNAUTHORIZED, Json(Refusal::from(fault).body())).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

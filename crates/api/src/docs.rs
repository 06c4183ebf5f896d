//! The reference for people, and the way in.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, serve};

use crate::state::App;

/// The description, and the pages that show it.
pub(crate) fn routes(document: OpenApi) -> Router<Arc<App>> {
    let document = Arc::new(document);
    let config = Arc::new(Config::from("/openapi.json").validator_url("none").use_base_layout());
    let first = config.clone();
    Router::new()
        .route("/", get(welcome))
        .route("/openapi.json", get(async move || Json(document.as_ref()).into_response()))
        .route("/docs", get(async || Redirect::to("/docs/")))
        .route("/docs/", get(async move || file("index.html", first)))
        .route("/docs/{*path}", get(async move |Path(path): Path<String>| file(&path, config)))
}

/// Whoever opens the server in a browser wants to read; everybody else has no business here.
async fn welcome(headers: HeaderMap) -> Response {
    let reads = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("text/html"));
    if reads { Redirect::to("/guides").into_response() } else { StatusCode::NOT_FOUND.into_response() }
}

fn file(path: &str, config: Arc<Config<'static>>) -> Response {
    let Ok(found) = serve(path, config) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let Some(file) = found else { return StatusCode::NOT_FOUND.into_response() };
    let kind = [(CONTENT_TYPE, file.content_type)];
    if file.gzpipped {
        let packed = [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        return (kind, packed, file.bytes.into_owned()).into_response();
    }
    match std::str::from_utf8(&file.bytes) {
        Ok(page) if path == "index.html" => {
            (kind, page.replace("<title>Swagger UI</title>", "<title>Mailwright API</title>")).into_response()
        }
        _ => (kind, file.bytes.into_owned()).into_response(),
    }
}

//! The site: guides, reference, search, and the description that both people and programs read.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{RawQuery, Request};
use axum::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::html;
use model::refusal::{Code, Fault};
use url::form_urlencoded;

use crate::problem::Problem;
use crate::site::kept::{Kept, Lasting};
use crate::site::search::Index;
use crate::site::shell::{self, Frame, Shelf};
use crate::site::{Page, prose};
use crate::state::App;
use crate::{guides, reference, routes};

/// The description as it is served; the reference is made of these very bytes.
static DESCRIPTION: LazyLock<Kept> = LazyLock::new(|| {
    let text = serde_json::to_vec(&routes::document()).unwrap_or_else(|error| {
        tracing::error!(%error, "the description of the API cannot be written");
        vec![]
    });
    Kept::new("application/json", text)
});

/// Everything that is the same for every reader, rendered once.
struct Site {
    kept: HashMap<String, Kept>,
    frame: Frame,
    index: Index,
}

/// Rendered when somebody first asks.
type Late = Arc<LazyLock<Site, Box<dyn FnOnce() -> Site + Send>>>;

/// The pages, and what they are made of.
pub(crate) fn routes(public_url: &str) -> Router<Arc<App>> {
    let base = public_url.trim_end_matches('/').to_owned();
    let here = base.clone();
    let site: Late = Arc::new(LazyLock::new(Box::new(move || Site::new(&base))));
    let page = {
        let site = site.clone();
        get(async move |request: Request| site.answer(&request))
    };
    let asset = {
        let site = site.clone();
        get(async move |request: Request| site.asset(&request))
    };
    Router::new()
        .route("/", get(async move |headers: HeaderMap| welcome(&here, &headers)))
        .route("/openapi.json", get(description).options(preflight))
        .route("/guides", get(async || Redirect::permanent("/guides/getting-started")))
        .route("/guides/", get(async || Redirect::permanent("/guides/getting-started")))
        .route("/guides/search", get(async move |RawQuery(query): RawQuery| site.search(query.as_deref())))
        .route("/guides/{page}", page.clone())
        .route("/docs", page.clone())
        .route("/docs/", page.clone())
        .route("/docs/{*path}", page.clone())
        .route("/docs.md", page.clone())
        .route("/llms.txt", page)
        .route("/assets/{name}", asset)
}

/// Whether the answer is read by a person.
fn reads(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("text/html"))
}

/// Whoever opens the server in a browser wants to read; a program has mistaken the address.
fn welcome(base: &str, headers: &HeaderMap) -> Response {
    let mut answer = if reads(headers) {
        Redirect::to("/guides").into_response()
    } else {
        let message = format!(
            "There is nothing at /. Calls go to {base}/partner/v1; they are described at {base}/openapi.json, for people \
             at {base}/docs, for agents at {base}/llms.txt."
        );
        Problem::from(Fault::new(Code::NotFound, message)).into_response()
    };
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    answer
}

/// Any page of the web may read the description: it is public, and holds nothing but what everybody is told. The API
/// itself is for servers: a browser is never let in.
async fn description(headers: HeaderMap) -> Response {
    let mut answer = DESCRIPTION.answer(&headers, Lasting::Asked);
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
    answer
}

async fn preflight() -> Response {
    let said = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, said).into_response()
}

impl Site {
    fn new(base: &str) -> Self {
        let guides = guides::pages(base);
        let reference = reference::pages(DESCRIPTION.text(), base).unwrap_or_else(|error| {
            tracing::error!(%error, "the description of the API cannot be read back: there is no reference");
            vec![]
        });
        let mut kept = HashMap::new();
        let mut asset = |name: &str, kind: &'static str, text: &'static str| {
            let (path, file) = (format!("/assets/{name}"), Kept::new(kind, text));
            let address = format!("{path}?v={}", file.mark());
            kept.insert(path, file);
            address
        };
        let frame = Frame {
            style: asset("style.css", "text/css; charset=utf-8", shell::STYLE),
            script: asset("script.js", "text/javascript; charset=utf-8", shell::SCRIPT),
            icon: asset("icon.svg", "image/svg+xml", shell::ICON),
            shelves: vec![
                Shelf::of("/guides", "Guides", &guides),
                Shelf::of(reference::PATH, "API reference", &reference),
            ],
        };
        let mut index = Index::default();
        for page in guides.iter().chain(&reference) {
            index.add(&page.title, &page.findable);
            kept.insert(page.path.clone(), Kept::page(frame.around(page)));
        }
        kept.extend(guides::markdown(base));
        Self { kept, frame, index }
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.uri().path();
        if let Some(kept) = self.kept.get(path) {
            return kept.answer(request.headers(), Lasting::Asked);
        }
        let above = path.strip_suffix("/index.html").or_else(|| path.strip_suffix('/')).unwrap_or(path);
        if above != path && self.kept.contains_key(above) {
            return Redirect::permanent(above).into_response();
        }
        if reads(request.headers()) { self.missing() } else { StatusCode::NOT_FOUND.into_response() }
    }

    /// What a page loads. Its address has its mark: another text has another address.
    fn asset(&self, request: &Request) -> Response {
        let Some(kept) = self.kept.get(request.uri().path()) else { return StatusCode::NOT_FOUND.into_response() };
        let is_this = marked(request.uri()).is_some_and(|mark| mark == kept.mark());
        kept.answer(request.headers(), if is_this { Lasting::Forever } else { Lasting::Asked })
    }

    fn search(&self, query: Option<&str>) -> Response {
        let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let wanted = pairs.find(|(name, _)| name == "q").map(|(_, value)| value).unwrap_or_default();
        Html(self.frame.around(&alone("/guides/search", "Search", self.index.show(&wanted)))).into_response()
    }

    fn missing(&self) -> Response {
        let body = html! {
            (prose::heading(1, "top", &html! { "There is no such page" }))
            p { "It may have another name now. The " a href="/guides" { "guides" } ", the " a href="/docs" { "API reference" }
                " and the search above lead to everything that is here." }
        };
        let page = Html(self.frame.around(&alone("", "No such page", body)));
        let said = [(CACHE_CONTROL, "no-store"), (VARY, "accept")];
        (StatusCode::NOT_FOUND, said, page).into_response()
    }
}

fn marked(address: &Uri) -> Option<&str> {
    address.query().and_then(|query| query.strip_prefix("v="))
}

/// A page that stands in no list.
fn alone(path: &str, title: &str, body: maud::Markup) -> Page {
    Page {
        path: path.to_owned(),
        title: title.to_owned(),
        about: String::new(),
        body,
        within: vec![],
        headings: vec![],
        findable: vec![],
        markdown: None,
        group: "",
    }
}

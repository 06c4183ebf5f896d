//! The guides: for readers as pages, for agents as the Markdown that the pages are made of.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::state::App;

mod html;
mod shelf;

use shelf::{PAGES, Page};

/// The base address that the pages show as they stand in the repository.
const EXAMPLE: &str = "http://127.0.0.1:8080/partner/v1";

/// The pages, and what tells agents about them: see <https://llmstxt.org>.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/llms.txt", get(contents))
        .route("/docs.md", get(async || markdown(shelf::CALLS)))
        .route("/guides", get(async || Redirect::permanent("/guides/getting-started")))
        .route("/guides/", get(async || Redirect::permanent("/guides/getting-started")))
        .route(
            html::STYLE_PATH,
            get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], html::STYLE).into_response()),
        )
        .route("/guides/{page}", get(page))
}

async fn contents(State(app): State<Arc<App>>) -> Response {
    let base = app.settings.public_url.trim_end_matches('/');
    let list: String = PAGES
        .iter()
        .map(|page| format!("- [{}]({base}/guides/{}.md): {}\n", page.title(), page.slug, page.about))
        .collect();
    let text = format!(
        "# Mailwright\n\n\
         > One idempotent call buys domains, runs their DNS, makes Google and Microsoft inboxes and links them to the \
         sequencer. Keys that begin with pk_test_ speak to a sandbox where every branch can be tested without money.\n\n\
         The API is described at {base}/openapi.json (OpenAPI 3.1), in short at {base}/docs.md. Every page below is \
         Markdown; without `.md` it is for people.\n\n## Guides\n\n{list}"
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn page(State(app): State<Arc<App>>, Path(name): Path<String>) -> Response {
    let (slug, raw) = name.strip_suffix(".md").map_or((name.as_str(), false), |slug| (slug, true));
    match PAGES.iter().find(|page| page.slug == slug) {
        Some(page) if raw => markdown(&page.here(&app.settings.public_url)),
        Some(page) => Html(html::render(page, &page.here(&app.settings.public_url))).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// All pages lie in one folder here; in the repository some lie one above.
fn markdown(text: &str) -> Response {
    (
        [(CONTENT_TYPE, "text/markdown; charset=utf-8")],
        text.replace("](../errors.md", "](codes.md").replace("](../", "]("),
    )
        .into_response()
}

impl Page {
    /// Its first heading.
    fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }

    /// Its text with this server's address in the commands.
    fn here(&self, public_url: &str) -> String {
        self.text.replace(EXAMPLE, &format!("{}/partner/v1", public_url.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_heading_and_every_link_between_pages_leads_somewhere() {
        for page in PAGES {
            assert!(!page.title().is_empty(), "{}", page.slug);
            for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let name = link.rsplit('/').next().unwrap_or_default();
                let Some((slug, _)) = name.split_once(".md") else { continue };
                assert!(PAGES.iter().any(|page| page.slug == slug), "{}: {link}", page.slug);
            }
        }
    }

    #[test]
    fn pages_are_rendered_with_links_to_pages() {
        let page = PAGES.iter().find(|page| page.slug == "getting-started").unwrap();
        let html = html::render(page, &page.here("https://api.acme.com/"));
        assert!(html.contains("<h1>Getting started</h1>"));
        assert!(html.contains(r#"href="/guides/buying""#), "{html}");
        assert!(html.contains("<code class=\"language-sh\">"));
        assert!(html.contains("export BASE=https://api.acme.com/partner/v1\n"), "{html}");
    }
}

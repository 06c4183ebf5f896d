//! The pages for people: where their links lead, how much they weigh, what they load, and how they are kept.

mod kept;
mod reference;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request};
use tower::ServiceExt as _;

use crate::support::Api;

/// The most that a page may weigh before it is packed.
const HEAVIEST: usize = 300 * 1024;

/// An answer as it goes over the wire.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("text")
    }
}

pub(super) async fn ask(api: &Api, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = api.router.clone().oneshot(request).await.expect("the router never fails");
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

/// The values of an attribute, wherever it stands, as a browser reads them.
pub(super) fn values(html: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    let values = html.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&").replace("&lt;", "<").replace("&quot;", "\"")).collect()
}

/// Every page that links lead to, from the two ways in.
pub(super) async fn all(api: &Api) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut open = vec!["/docs".to_owned(), "/guides/getting-started".to_owned()];
    while let Some(path) = open.pop() {
        if pages.contains_key(&path) || path.ends_with(".md") {
            continue;
        }
        let answer = ask(api, "GET", &path, &[("accept", "text/html")]).await;
        assert_eq!(answer.status, 200, "{path}");
        let html = answer.text();
        let links = values(&html, "href").into_iter().map(|link| link.split('#').next().unwrap_or_default().to_owned());
        open.extend(links.filter(|link| link.starts_with("/docs") || link.starts_with("/guides/")));
        pages.insert(path, html);
    }
    pages
}

#[tokio::test]
async fn every_link_and_every_anchor_leads_somewhere() {
    let api = Api::start().await;
    let pages = all(&api).await;
    assert!(pages.len() > 30, "{:?}", pages.keys());
    let ids: BTreeMap<&str, BTreeSet<String>> =
        pages.iter().map(|(path, html)| (path.as_str(), values(html, "id").into_iter().collect())).collect();
    for (path, html) in &pages {
        assert_eq!(values(html, "id").len(), ids[path.as_str()].len(), "an id is there twice on {path}");
        for link in values(html, "href") {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            let (to, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let to = if to.is_empty() { path } else { to };
            match ids.get(to) {
                Some(ids) => assert!(anchor.is_empty() || ids.contains(anchor), "{path} leads to {link}"),
                None => {
                    let status = ask(&api, "GET", to, &[]).await.status;
                    assert!([200, 308].contains(&status) && anchor.is_empty(), "{path} leads to {link}: {status}");
                }
            }
        }
    }
}

#[tokio::test]
async fn pages_are_light_and_load_from_here_alone() {
    let api = Api::start().await;
    for (path, html) in all(&api).await {
        assert!(html.len() < HEAVIEST, "{path} weighs {} KB", html.len() / 1024);
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{path}");
        for needed in ["name=\"viewport\"", "class=\"skip\"", "<main ", "<h1", "role=\"search\"", "<title>"] {
            assert!(html.contains(needed), "{path} lacks {needed}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        // Nothing that stands in a page is run or styles it; what it loads is here.
        assert!(!html.contains(" style=") && !html.contains("<style"), "{path}");
        assert!(!html.contains(" onclick") && !html.contains(" onload") && !html.contains("<iframe"), "{path}");
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/assets/").count(), "{path}");
        assert_eq!(html.matches("<img").count(), 0, "{path}");
        for tag in html.split("<link ").skip(1) {
            let address = values(&format!(" {tag}"), "href").remove(0);
            assert!(address.starts_with("/assets/") || address.ends_with(".md"), "{path} loads {address}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_to_people_and_to_programs() {
    let api = Api::start().await;
    for path in ["/docs/nothing", "/docs/a/b", "/guides/nothing", "/guides/nothing.md", "/docs/nothing/index.html"] {
        let page = ask(&api, "GET", path, &[("accept", "text/html,*/*;q=0.8")]).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text().contains("There is no such page"), "{path}");
        assert_eq!((page.header("cache-control"), page.header("vary")), ("no-store", "accept"), "{path}");
        let error = ask(&api, "GET", path, &[("accept", "*/*")]).await;
        assert!(error.status == 404 && error.text().contains("\"not_found\""), "{path}: {}", error.text());
    }
    let hostile = "/docs/%3Cscript%3Ealert(1)%3C/script%3E";
    let page = ask(&api, "GET", hostile, &[("accept", "text/html")]).await;
    assert!(page.status == 404 && !page.text().contains("<script>"));
}

#[tokio::test]
async fn addresses_that_were_once_right_still_lead_there() {
    let api = Api::start().await;
    for path in ["/docs/", "/docs/index.html"] {
        let answer = ask(&api, "GET", path, &[]).await;
        assert_eq!((answer.status, answer.header("location")), (308, "/docs"), "{path}");
    }
    assert_eq!(ask(&api, "GET", "/docs/orders/", &[]).await.header("location"), "/docs/orders");
    let lost = ask(&api, "HEAD", "/", &[("accept", "text/html")]).await;
    assert_eq!((lost.status, lost.header("location"), lost.header("vary")), (303, "/guides", "accept"));
}

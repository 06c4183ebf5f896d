//! The guides, for people and for agents.

use axum::http::StatusCode;

use crate::support::Api;

#[tokio::test]
async fn agents_find_every_page_as_markdown() {
    let api = Api::start().await;
    let contents = api.text("/llms.txt").await;
    assert_eq!(contents.0, StatusCode::OK);
    let links = contents.1.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let links: Vec<_> = links.map(|link| link.split("/guides/").nth(1).unwrap().to_owned()).collect();
    assert!(links.len() > 15, "{links:?}");
    for link in links {
        let (status, text) = api.text(&format!("/guides/{link}")).await;
        assert_eq!(status, StatusCode::OK, "{link}");
        assert!(text.starts_with("# "), "{link}");
        let (status, html) = api.text(&format!("/guides/{}", link.trim_end_matches(".md"))).await;
        assert_eq!(status, StatusCode::OK, "{link}");
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains("aria-current"), "{link}");
    }
    assert!(api.text("/docs.md").await.1.contains("POST /partner/v1/orders"));
    let (status, unknown) = api.text("/guides/nothing").await;
    assert_eq!((status, unknown.contains("not_found")), (StatusCode::NOT_FOUND, true));
}

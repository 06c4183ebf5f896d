//! The search over guides and reference.

use super::{all, ask, values};
use crate::support::Api;

/// Where a search leads, best first.
async fn found(api: &Api, query: &str) -> Vec<String> {
    let answer = ask(api, "GET", &format!("/guides/search?q={query}"), &[]).await;
    assert_eq!(answer.status, 200, "{query}");
    let html = answer.text();
    let list = html.split("<ol class=\"found\">").nth(1).and_then(|rest| rest.split("</ol>").next());
    values(list.unwrap_or_default(), "href")
}

#[tokio::test]
async fn people_find_what_they_look_for() {
    let api = Api::start().await;
    for (query, expected) in [
        ("place+an+order", "/docs/orders#create_order"),
        ("create_order", "/docs/orders#create_order"),
        ("domain_unavailable", "/docs/errors#domain_unavailable"),
        ("order.completed", "/docs/webhook-events#order_completed"),
        ("idempotency", "/docs/errors#idempotency_conflict"),
        ("VERIFY", "/guides/webhooks#verify-it"),
        ("cancelling", "/guides/cancelling"),
        ("trusted_proxies", "/guides/settings"),
    ] {
        let found = found(&api, query).await;
        assert!(found.iter().take(8).any(|one| one == expected), "{query}: {found:?}");
    }
    assert_eq!(found(&api, "place+an+order").await[0], "/docs/orders#create_order");
    assert!(found(&api, "thisisnowhere").await.is_empty());
}

#[tokio::test]
async fn all_that_is_found_is_there() {
    let api = Api::start().await;
    let pages = all(&api).await;
    for query in ["order", "domain", "webhook", "inbox", "key", "e"] {
        let found = found(&api, query).await;
        assert!(!found.is_empty() && found.len() <= 30, "{query}: {}", found.len());
        for address in found {
            let (path, anchor) = address.split_once('#').unwrap_or((&address, ""));
            assert!(
                anchor.is_empty() || values(&pages[path], "id").iter().any(|id| id == anchor),
                "{query}: {address}"
            );
        }
    }
}

#[tokio::test]
async fn a_query_is_words_and_nothing_else() {
    let api = Api::start().await;
    let long = format!("q={}", "%C3%9F".repeat(8000));
    for query in [
        "",
        "q",
        "q=",
        "q=a&q=b",
        "x=y",
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "q=%00%1b%e2%80%ae",
        "q=%ff%fe%",
        "q=((((.*)*)*)*)%24",
        "q=%c4%b0%c4%b0",
        &long,
    ] {
        let answer = ask(&api, "GET", &format!("/guides/search?{query}"), &[]).await;
        assert_eq!(answer.status, 200, "{query:.60}");
        let html = answer.text();
        assert!(!html.contains("<script>") && !html.contains("<img"), "{query:.60}");
        assert!(html.len() < 60_000, "{query:.60}: {}", html.len());
        assert!(html.contains("noindex"));
    }
}

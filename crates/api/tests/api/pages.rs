//! Walking through lists.

use model::partner::Preset;
use model::world::Environment;
use serde_json::json;

use crate::support::Api;

const HOST: &str = "https://api.mailwright.test";

async fn with_bundles(count: usize) -> (Api, Vec<String>) {
    let api = Api::start().await;
    let mut ids = vec![];
    for _ in 0..count {
        ids.push(api.small_bundle().await);
    }
    ids.reverse();
    (api, ids)
}

#[tokio::test]
async fn following_next_shows_every_row_once_newest_first() {
    proves!("GET /bundles");
    let (api, ids) = with_bundles(7).await;
    let mut path = "/api/partner/v1/bundles?per_page=3&status=active&colour=red".to_owned();
    let (mut seen, mut sizes) = (vec![], vec![]);
    loop {
        let page = api.get(&path).await.is(200);
        let rows = page.data().as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        sizes.push(rows.len());
        assert_eq!(page.json["meta"]["path"], format!("{HOST}/api/partner/v1/bundles"));
        assert_eq!(page.json["meta"]["per_page"], 3);
        assert_eq!(page.json["meta"]["returned"], rows.len());
        assert_eq!(page.json["links"]["first"], format!("{HOST}/api/partner/v1/bundles?status=active&per_page=3"));
        let Some(next) = page.json["links"]["next"].as_str() else { break };
        path = next.strip_prefix(HOST).unwrap().to_owned();
        // A row that comes while somebody walks is newer than all pages to come.
        api.small_bundle().await;
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_list_without_a_query_has_25_rows_to_a_page() {
    let (api, _) = with_bundles(26).await;
    let page = api.get("/partner/v1/bundles").await.is(200);
    assert_eq!(
        page.json["meta"],
        json!({ "path": format!("{HOST}/partner/v1/bundles"), "per_page": 25, "returned": 25 })
    );
    assert_eq!(page.json["links"]["first"], format!("{HOST}/partner/v1/bundles"));
    assert!(page.json["links"]["next"].is_string());
    let full = api.get("/partner/v1/bundles?per_page=26").await.is(200);
    assert_eq!(full.json["links"]["next"], json!(null));
}

#[tokio::test]
async fn bad_page_sizes_are_refused() {
    let (api, _) = with_bundles(0).await;
    for value in ["0", "101", "-1", "ten", "", "1.0", "9999999999999999999999"] {
        api.get(&format!("/partner/v1/bundles?per_page={value}")).await.refuses_field("per_page");
    }
    api.get("/partner/v1/bundles?per_page=100").await.is(200);
}

#[tokio::test]
async fn a_token_is_good_only_for_its_own_list() {
    let (api, _) = with_bundles(3).await;
    let page = api.get("/partner/v1/bundles?per_page=1&status=active").await.is(200);
    let next = page.json["links"]["next"].as_str().unwrap();
    let token = next.split("page_token=").nth(1).unwrap();
    api.get(&format!("/partner/v1/bundles?status=active&page_token={token}")).await.is(200);
    api.get(&format!("/api/partner/v1/bundles?status=active&per_page=2&page_token={token}")).await.is(200);

    let mut damaged = token.to_owned();
    damaged.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    let foreign = [
        format!("/partner/v1/bundles?page_token={token}"),
        format!("/partner/v1/bundles?status=archived&page_token={token}"),
        format!("/partner/v1/orders?page_token={token}"),
        format!("/partner/v1/bundles?status=active&page_token={damaged}"),
        format!("/partner/v1/bundles?status=active&page_token={token}AA"),
        "/partner/v1/bundles?page_token=".into(),
        "/partner/v1/bundles?page_token=bun_01JTZ8A1B2C3D4E5F6G7H8J9K0".into(),
        "/partner/v1/bundles?page_token=%ff%00".into(),
    ];
    for path in foreign {
        api.get(&path).await.refuses_field("page_token");
    }
    let other = api.add_partner("Other").await;
    let key = api.add_key_of(&other, Environment::Test, Preset::Read, |_| ()).await;
    let path = format!("/partner/v1/bundles?status=active&page_token={token}");
    api.get_as(&key, &path).await.refuses_field("page_token");
}

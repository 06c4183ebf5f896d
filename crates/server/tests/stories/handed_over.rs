//! Inboxes that are handed over by webhook: each is told once it is there, and how it is logged in to is fetched.

use serde_json::json;

use crate::support::{Rig, order_body};

#[tokio::test]
async fn each_inbox_is_told_with_where_its_access_is_fetched_and_with_nothing_secret() {
    proves!("event inbox.handed_over");
    let rig = Rig::sqlite().await;
    let mut body = order_body(&["acme-hooked.com"]);
    body["sequencer"] = json!({ "provider": "webhook" });
    let id = rig.place(&body).await;
    rig.settle_all().await;
    let inboxes = rig.call("GET", &format!("/inboxes?order_id={id}"), None).await.body["data"].clone();
    let told = rig.call("GET", "/events?type=inbox.handed_over", None).await.body["data"].clone();
    let (inboxes, told) = (inboxes.as_array().unwrap(), told.as_array().unwrap());
    assert!(!inboxes.is_empty() && told.len() == inboxes.len(), "{told:?}");
    for inbox in inboxes {
        assert_eq!(inbox["sequencer"]["status"], "linked");
        let event = told.iter().find(|event| event["data"]["id"] == inbox["id"]).unwrap_or_else(|| panic!("{inbox}"));
        assert_eq!(event["type"], "inbox.handed_over");
        let path = event["data"]["access_path"].as_str().unwrap().strip_prefix("/partner/v1").unwrap();
        let access = rig.call("POST", path, None).await;
        assert_eq!((access.status.as_u16(), &access.body["data"]["access"]["email"]), (201, &inbox["email"]));
        assert_eq!(access.body["data"]["reason"], "not_given", "the sandbox's inboxes have none");
        assert!(event["data"].get("password").is_none());
    }
    let others = rig.place(&order_body(&["acme-usual.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&others).await["status"], "completed");
    let after = rig.call("GET", "/events?type=inbox.handed_over", None).await.body["data"].clone();
    assert_eq!(after.as_array().unwrap().len(), told.len(), "other sequencers are not told of like this");
}

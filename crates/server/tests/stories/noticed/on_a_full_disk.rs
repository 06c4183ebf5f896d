//! Nothing can be written down: it is seen and told from memory.

use serde_json::Value;

use crate::program::{client, json, mailwright, receiver};
use crate::readiness::{limit_files, serve_on_a_small_disk, status};

#[tokio::test]
async fn what_cannot_be_written_is_shown_and_told_and_written_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (url, mut received) = receiver().await;
    let mut program = mailwright(&data);
    program.env("MAILWRIGHT_OPERATOR__WEBHOOK_URL", &url);
    let (client, running) = (client(), serve_on_a_small_disk(program, &data).await);
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let ask = async |path: &str| {
        let request = client.get(format!("{}{path}", running.operator)).bearer_auth(&token);
        request.send().await.expect("an answer").text().await.expect("text")
    };
    let notices = async |query: &str| -> Vec<Value> {
        let answer: Value = serde_json::from_str(&ask(&format!("/notices{query}")).await).expect("JSON");
        answer["data"].as_array().expect("notices").clone()
    };
    let unusable = async || notices("").await.into_iter().find(|one| one["kind"] == "database_unusable");
    // Its start is over when it answers.
    assert_eq!((status(&client, &running).await, unusable().await), (200, None));
    if !limit_files(&running, "4096").await {
        // Only Linux has that program.
        return;
    }
    let told = received.recv().await.expect("the operator is told");
    assert_eq!((&told["type"], &told["data"]["kind"]), (&"notice.opened".into(), &"database_unusable".into()));
    let seen = unusable().await.expect("it is shown");
    assert_eq!((&seen["id"], &seen["status"]), (&Value::Null, &"open".into()), "nothing has written it down");
    assert_eq!(status(&client, &running).await, 503);
    while !ask("/metrics").await.contains("mailwright_open_notices{kind=\"database_unusable\"} 1") {}
    assert!(limit_files(&running, "unlimited").await);
    let closed = received.recv().await.expect("the operator is told that it is over");
    assert_eq!((&closed["type"], &closed["data"]["id"]), (&"notice.closed".into(), &told["data"]["id"]));
    assert!(unusable().await.is_none());
    assert_eq!(status(&client, &running).await, 200);
    let kept = notices("?status=closed").await;
    assert_eq!((kept.len(), &kept[0]["id"]), (1, &told["data"]["id"]), "it can be read later");
    let listed = json(&data, &["notices", "--all"]).await;
    assert_eq!(listed[0]["id"], told["data"]["id"]);
}

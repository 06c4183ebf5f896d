//! The audit trail of an afternoon, as the operator reads it.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Running, client, json, mailwright, post, run, serve};
use crate::support::order_body;

fn acts(entries: &Value) -> Vec<&str> {
    entries.as_array().expect("entries").iter().rev().map(|entry| entry["act"].as_str().expect("an act")).collect()
}

#[tokio::test]
async fn an_afternoon_is_put_down_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let (client, key) = (client(), running.key.clone().expect("a key"));
    let made =
        json(&data, &["keys", "create", "--partner", "Sandbox", "--environment", "test", "--preset", "full"]).await;
    let made_id = made["id"].as_str().expect("an id").to_owned();
    json(&data, &["keys", "set", "--key", &made_id, "--spend-limit", "500000"]).await;
    json(&data, &["partners", "set", "--partner", "Sandbox", "--spend-limit", "900000"]).await;
    let endpoint =
        post(&client, &running, &key, "/webhook_endpoints", &json!({ "url": "http://127.0.0.1:9/hooks" })).await;
    let endpoint = endpoint["data"]["id"].as_str().expect("an endpoint").to_owned();
    let rotated =
        post(&client, &running, &key, &format!("/webhook_endpoints/{endpoint}/rotate_secret"), &json!({})).await;
    let order = post(&client, &running, &key, "/orders", &order_body(&["acme-mail.com"])).await;
    let order = order["data"]["id"].as_str().expect("an order").to_owned();
    // A repeat and a refusal are no acts.
    post(&client, &running, &key, "/orders", &order_body(&["acme-mail.com"])).await;
    post(&client, &running, &key, "/orders", &order_body(&["taken-acme.com"])).await;
    post(&client, &running, &key, &format!("/orders/{order}/cancel"), &json!({})).await;
    json(&data, &["keys", "revoke", &made_id]).await;
    let copy = folder.path().join("copy.db");
    json(&data, &["backup", copy.to_str().expect("text")]).await;
    let entries = json(&data, &["audit"]).await;
    assert_eq!(
        acts(&entries),
        [
            "partner.create",
            "key.create",
            "key.create",
            "key.change",
            "partner.change",
            "endpoint.create",
            "endpoint.rotate_secret",
            "order.place",
            "order.cancel",
            "key.revoke",
            "database.backup"
        ]
    );
    let of =
        |act: &str| entries.as_array().expect("entries").iter().find(|entry| entry["act"] == act).expect("it").clone();
    let placed = of("order.place");
    assert_eq!(
        (&placed["subject"], &placed["who"], &placed["address"]),
        (&json!(order), &json!("key"), &json!("127.0.0.1"))
    );
    assert!(placed["request"].as_str().is_some_and(|id| id.starts_with("req_")) && placed["key"].is_string());
    let limited = of("key.change");
    assert_eq!(
        (&limited["subject"], &limited["who"], &limited["command"]),
        (&json!(made_id), &json!("operator"), &json!("keys set"))
    );
    assert!(limited["system_user"].as_str().is_some_and(|user| !user.is_empty()), "{limited}");
    let text = entries.to_string();
    for secret in
        [key.as_str(), made["key"].as_str().expect("a key"), rotated["data"]["secret"].as_str().expect("a secret")]
    {
        assert!(!text.contains(secret), "no secret is in the trail");
    }

    the_trail_outlives_the_sandbox(&data, &running, &key, &order).await;
}

async fn the_trail_outlives_the_sandbox(data: &Path, running: &Running, key: &str, order: &str) {
    let client = client();
    // The sandbox is emptied, and the trail is not.
    post(&client, running, key, "/test/reset", &json!({})).await;
    let of_order = json(data, &["audit", "--subject", order]).await;
    assert_eq!(acts(&of_order), ["order.place", "order.cancel"]);
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let page =
        client.get(format!("{}/audit?limit=2", running.operator)).bearer_auth(&token).send().await.expect("an answer");
    let page: Value = page.json().await.expect("JSON");
    assert_eq!(acts(&page["data"]), ["database.backup", "sandbox.reset"]);
    let before = page["next_before"].as_str().expect("more");
    let next =
        client.get(format!("{}/audit?limit=1&before={before}", running.operator)).bearer_auth(&token).send().await;
    let next: Value = next.expect("an answer").json().await.expect("JSON");
    assert_eq!(acts(&next["data"]), ["key.revoke"]);
}

#[tokio::test]
async fn what_somebody_took_out_of_the_file_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    for name in ["Acme", "Globex", "Initech"] {
        json(&data, &["partners", "create", "--name", name]).await;
    }
    // Sealed a moment later, by the server.
    let mut report = Value::Null;
    for _ in 0..200 {
        report = json(&data, &["audit", "--check"]).await;
        if report["unsealed"] == 0 {
            break;
        }
    }
    assert_eq!((&report["unsealed"], &report["findings"], &report["entries"]), (&json!(0), &json!([]), &json!(5)));
    let head = report["head"].as_str().expect("a head").to_owned();
    assert!(run(&data, &["audit", "--check", "--head", &head]).await.status.success());
    running.child.kill().await.expect("it stops");

    let url = format!("sqlite:{}", data.join("mailwright.db").display());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.expect("the file opens");
    let refused = sqlx::query("DELETE FROM audit").execute(&pool).await.expect_err("a trigger says no");
    assert!(refused.to_string().contains("only ever added to"), "{refused}");
    sqlx::query("DROP TRIGGER audit_is_kept").execute(&pool).await.expect("whoever has the file can");
    sqlx::query("DELETE FROM audit WHERE act = 'partner.create' AND id = (SELECT MIN(id) FROM audit WHERE act = 'partner.create')")
        .execute(&pool)
        .await
        .expect("a row is taken out");
    pool.close().await;
    let output = run(&data, &["audit", "--check"]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("was made over") || said.contains("does not fit"), "{said}");
    let other = mailwright(&data).args(["audit", "--check", "--head", "0000"]).output().await.expect("it runs");
    assert!(String::from_utf8_lossy(&other.stdout).contains("cut off"));
}

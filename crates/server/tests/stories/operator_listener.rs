//! The operator's own listener, of a program that runs.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::program::{client, greeted, mailwright, refused, serve};

/// What a path answers: status and body.
async fn get(base: &str, path: &str, token: Option<&str>) -> (u16, Value) {
    let request = client().get(format!("{base}{path}"));
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn it_is_there_with_a_token_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let file = data.join("operator.token");
    assert_eq!(file.metadata().expect("a token").permissions().mode() & 0o777, 0o600);
    let token = std::fs::read_to_string(&file).expect("a token").trim().to_owned();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(&running.operator, path, None).await.0, 200, "{path}");
    }
    for wrong in [None, Some("op_"), Some(&token[..66]), running.key.as_deref()] {
        let (status, body) = get(&running.operator, "/", wrong).await;
        assert_eq!((status, &body["error"]["code"]), (401, &"unauthorized".into()));
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(
            message.contains("operator.token") && !message.contains(&*folder.path().to_string_lossy()),
            "{message}"
        );
    }
    let (status, contents) = get(&running.operator, "/", Some(&token)).await;
    assert_eq!(status, 200);
    for path in contents["paths"].as_array().expect("paths") {
        let path = path.as_str().expect("a path");
        assert_eq!(get(&running.operator, path, Some(&token)).await.0, 200, "{path}");
        if !["/healthz", "/readyz"].contains(&path) {
            assert_eq!(get(&running.operator, path, None).await.0, 401, "{path}");
            let api = running.api.trim_end_matches("/partner/v1");
            assert_eq!(get(api, path, Some(&token)).await.0, 404, "the API's listener knows nothing of {path}");
        }
    }
}

#[tokio::test]
async fn an_address_that_is_taken_stops_only_whoever_has_chosen_it() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = mailwright(&data).arg("serve").env("MAILWRIGHT_OPERATOR_LISTEN", &address).output().await;
    refused(&output.expect("it runs"), &[&address, "MAILWRIGHT_OPERATOR_LISTEN"]);
    assert!(!data.exists(), "nothing was touched");
}

#[tokio::test]
async fn everybody_gets_in_only_where_it_is_said_and_only_on_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = mailwright(&data);
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("MAILWRIGHT_OPERATOR__ACCESS", "open");
    command.env("MAILWRIGHT_OPERATOR_LISTEN", "0.0.0.0:0");
    refused(&command.output().await.expect("it runs"), &["operator.access", "0.0.0.0:0", "token"]);
    let child = command.env("MAILWRIGHT_OPERATOR_LISTEN", "127.0.0.1:0").stdout(std::process::Stdio::piped()).spawn();
    let running = greeted(child.expect("it starts"), true).await;
    assert_eq!(get(&running.operator, "/", None).await.0, 200);
    assert!(!data.join("operator.token").exists());
}

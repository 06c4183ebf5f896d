//! A developer's afternoon, through the program itself: events at a local address, events on demand, and what is
//! wrong with a signature.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::http::HeaderMap;
use engine::signature::{self, verify_peeker, verify_standard};
use model::clock::{Clock as _, SystemClock};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json as value};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::program::{Running, client, json, mailwright, post, refused, run, serve};
use crate::support::order_body;

/// Longer than anything here takes, and shorter than the 30 seconds that a server waits for requests.
const PATIENCE: Duration = Duration::from_secs(25);

/// A command that goes on until it is told to end.
struct Lasting {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Lasting {
    fn start(data: &Path, args: &[&str]) -> Self {
        let mut child = mailwright(data).args(args).stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { _child: child, lines }
    }

    /// The next line that has this in it.
    async fn line(&mut self, part: &str) -> String {
        let looking = async {
            loop {
                let line = self.lines.next_line().await.expect("text").expect("it goes on");
                if line.contains(part) {
                    return line;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("the line comes")
    }
}

/// A developer's own endpoint: what it gets comes out of the channel.
async fn endpoint() -> (String, mpsc::UnboundedReceiver<(HeaderMap, String)>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
    let (sender, received) = mpsc::unbounded_channel();
    let router = axum::Router::new().fallback(move |headers: HeaderMap, body: String| {
        let sender = sender.clone();
        async move {
            drop(sender.send((headers, body)));
            axum::http::StatusCode::ACCEPTED
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

fn root(running: &Running) -> &str {
    running.api.trim_end_matches("/partner/v1")
}

#[tokio::test]
async fn listening_brings_every_event_signed_to_a_local_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    let key = running.key.take().expect("a key");
    let (url, mut received) = endpoint().await;
    let kinds = ["order.in_progress", "domain.connected", "order.completed"];
    let mut args = vec!["listen", "--forward-to", &url, "--key", &key, "--url", root(&running)];
    args.extend(kinds.iter().flat_map(|kind| ["--event", *kind]));
    let mut listening = Lasting::start(&data, &args);
    let secret = SecretString::from(listening.line("whsec_").await.trim().to_owned());
    listening.line("Ctrl-C").await;
    let operator = ["listen", "--print-only", "--partner", "Sandbox", "--environment", "test"];
    let mut watching = Lasting::start(&data, &operator);
    watching.line("listening").await;

    post(&client(), &running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    for kind in kinds {
        let (headers, body) = received.recv().await.expect("an event");
        let event: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(event["type"], kind, "they come in the order of their telling");
        let header = |name: &str| headers[name].to_str().expect("text");
        let seconds: i64 = header("peeker-timestamp").parse().expect("seconds");
        assert!(verify_peeker(&secret, seconds, &body, header("peeker-signature")));
        assert!(verify_standard(&secret, header("webhook-id"), seconds, &body, header("webhook-signature")));
        assert_eq!(
            (header("peeker-event-id"), header("content-type")),
            (event["id"].as_str().unwrap(), "application/json")
        );
        let line = listening.line(kind).await;
        assert!(
            line.contains(event["id"].as_str().unwrap()) && line.contains("  202  ") && line.ends_with(" ms"),
            "{line}"
        );
        assert!(watching.line(kind).await.contains(event["id"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn a_stream_that_broke_off_goes_on_where_it_was() {
    use axum::response::IntoResponse as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answers = [
        "id: evt_0\n\n",
        ": hello\n\nid: evt_1\nevent: order.failed\ndata: {\"id\":\"evt_1\"}\n\nid: evt_2\nevent: half",
        "id: evt_2\nevent: order.completed\ndata: {\"id\":\"evt_2\"}\n\n",
    ];
    let (sender, mut asked) = mpsc::unbounded_channel();
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let router = axum::Router::new().fallback(move |headers: HeaderMap| {
        let last = headers.get("last-event-id").map(|value| value.to_str().expect("text").to_owned());
        let answer = answers.get(calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst)).copied();
        drop(sender.send(last));
        async move {
            match answer {
                Some(text) => ([("content-type", "text/event-stream")], text).into_response(),
                None => axum::http::StatusCode::BAD_GATEWAY.into_response(),
            }
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["listen", "--print-only", "--format", "json", "--key", "pk_test_x", "--url", &url];
    let mut listening = Lasting::start(&folder.path().join("unused"), &args);
    assert_eq!(listening.line("evt_").await, r#"{"id":"evt_1"}"#);
    assert_eq!(listening.line("evt_").await, r#"{"id":"evt_2"}"#);
    for last in [None, Some("evt_0"), Some("evt_1"), Some("evt_2")] {
        assert_eq!(asked.recv().await.expect("a call").as_deref(), last);
    }
}

#[tokio::test]
async fn listening_goes_on_where_a_server_says_that_was_restored() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    let key = running.key.take().expect("a key");
    post(&client(), &running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    let api = ["--key", &key, "--url", root(&running)];
    let folder = ["--partner", "Sandbox", "--environment", "test"];
    for whose in [api.as_slice(), &folder] {
        // Before the first event: everything is told again.
        let lost = ["listen", "--print-only", "--after", "evt_00000000010000000000000000"];
        let mut listening = Lasting::start(&data, &[&lost[..], whose].concat());
        listening.line("order.in_progress").await;
    }
}

#[tokio::test]
async fn listening_that_cannot_begin_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let url = root(&running);
    let failed = run(&data, &["listen", "--print-only", "--key", "pk_test_wrong", "--url", url]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("401"), "{failed:?}");
    let nobody = run(&data, &["listen", "--print-only", "--key", "pk_test_x", "--url", "http://127.0.0.1:1"]).await;
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("mailwright serve"), "{nobody:?}");
    for (args, word) in [
        (vec!["--print-only", "--key", "secret"], "pk_test_"),
        (vec!["--print-only", "--key", "pk_test_x", "--url", "localhost:8080"], "--url"),
        (vec!["--forward-to", "localhost:3000", "--key", "pk_test_x"], "--forward-to"),
        (vec!["--forward-to", "http://localhost:3000", "--key", "pk_test_x", "--secret", "hush"], "whsec_"),
        (vec!["--print-only", "--partner", "Nobody", "--environment", "test"], "Nobody"),
        (vec!["--print-only", "--partner", "Sandbox", "--environment", "test", "--after", "evt_x"], "evt_x"),
    ] {
        refused(&run(&data, &[vec!["listen"], args].concat()).await, &[word]);
    }
    let odd = run(&data, &["listen", "--print-only", "--key", "pk_test_x", "--event", "order.faild"]).await;
    assert!(odd.status.code() == Some(2) && String::from_utf8_lossy(&odd.stderr).contains("'order.failed'"), "{odd:?}");
    let nothing = run(&data, &["listen", "--key", "pk_test_x"]).await;
    assert_eq!(nothing.status.code(), Some(2));
}

#[tokio::test]
async fn an_open_stream_does_not_keep_a_server_from_stopping() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = serve(&folder.path().join("data")).await;
    let key = running.key.take().expect("a key");
    let request = client().get(format!("{}/events", running.api)).bearer_auth(&key);
    let mut stream = request.header("accept", "text/event-stream").send().await.expect("a stream");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(stream.chunk().await.expect("the mark").is_some());
    let pid = running.child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
    let ended = tokio::time::timeout(PATIENCE, running.child.wait()).await.expect("it does not wait for the stream");
    assert_eq!(ended.expect("it ends").code(), Some(0));
    assert_eq!(stream.chunk().await.expect("a clean end"), None);
}

/// Those that one call after the other brings about within seconds.
const fn caused() -> &'static [&'static str] {
    &[
        "order.in_progress",
        "order.completed",
        "order.failed",
        "order.action_required",
        "domain.connected",
        "domain.action_required",
        "webhook.test",
        "order.cancel_scheduled",
        "order.cancel_undone",
        "order.cancelled",
        "order.renewed",
        "domain.renewed",
        "domain.dns_drifted",
        "domain.dns_restored",
        "domain_import.completed",
        "domain_import.failed",
        "domain_import.action_required",
        "domain.forwarding_updated",
        "domain.forwarding_failed",
    ]
}

#[tokio::test]
async fn events_are_caused_on_demand() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut running = serve(&data).await;
    let key = running.key.take().expect("a key");
    let trigger = async |event: &str, more: &[&str]| {
        let args = ["trigger", "--timeout", "110", event, "--key", &key, "--url", root(&running)];
        run(&data, &[&args, more].concat()).await
    };
    let without = trigger("webhook.test", &[]).await;
    assert_eq!(without.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&without.stderr).contains("webhooks set"), "{without:?}");
    let (url, _received) = endpoint().await;
    json(&data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", &url]).await;
    let disabled = post(&client(), &running, &key, "/webhook_endpoints", &value!({ "url": url })).await;
    let path = format!("/webhook_endpoints/{}", disabled["data"]["id"].as_str().expect("an id"));
    let disabling = client().patch(format!("{}{path}", running.api)).bearer_auth(&key);
    let disabling = disabling.json(&value!({ "status": "disabled" })).send().await.expect("an answer");
    assert!(disabling.status().is_success());
    for event in caused() {
        for _ in 0..2 {
            let told = trigger(event, &["--format", "json"]).await;
            assert!(told.status.success(), "{event}: {}", String::from_utf8_lossy(&told.stderr));
            let told: Value = serde_json::from_slice(&told.stdout).expect("one JSON value");
            assert_eq!(told["type"], *event);
        }
    }
    let said = trigger("order.in_progress", &[]).await;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let body = said.strip_prefix("POST /orders  200\n").expect("what was called").trim_end();
    let wire = r#"{"id":"evt_"#;
    assert!(body.starts_with(wire) && body.contains(r#","type":"order.in_progress","created_at":""#), "{body}");
    let moved = trigger("domain_import.completed", &[]).await;
    let moved = String::from_utf8_lossy(&moved.stdout).into_owned();
    assert!(moved.contains("the partner's sandbox clock is moved forward by 3 min"), "{moved}");
    let help = String::from_utf8_lossy(&trigger("--help", &[]).await.stdout).into_owned();
    assert!(help.contains("order.cancelled                32 days"), "{help}");

    let unknown = trigger("order.faild", &[]).await;
    let error = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(error.contains("'order.failed'") && error.contains("similar"), "{error}");
    refused(&run(&data, &["trigger", "--timeout", "110", "order.failed", "--key", "pk_live_x"]).await, &["pk_test_"]);
}

const BODY: &str = r#"{"id":"evt_1","type":"order.completed","created_at":"2026-05-08T12:00:00Z","data":{"n":1}}"#;

/// Files of a webhook that was signed now, and its secret.
fn signed(folder: &Path) -> (String, String, String) {
    let secret = signature::new_secret([9; 32]);
    let headers = signature::headers("evt_1", SystemClock.now().seconds(), BODY, std::slice::from_ref(&secret));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let path = |name: &str| folder.join(name).display().to_string();
    std::fs::write(path("headers"), lines).expect("a file");
    std::fs::write(path("body"), BODY).expect("a file");
    (path("headers"), path("body"), secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_signature_is_verified_or_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("unused");
    let (headers, body, secret) = signed(folder.path());
    let verify = ["webhooks", "verify", "--headers-file", &headers, "--secret", &secret];
    let good = run(&data, &[&verify[..], &["--body-file", &body]].concat()).await;
    assert!(good.status.success() && String::from_utf8_lossy(&good.stdout).ends_with("\ngood\n"), "{good:?}");
    let report = json(&data, &[&verify[..], &["--body-file", &body]].concat()).await;
    assert_eq!((&report["good"], &report["notes"]), (&Value::Bool(true), &Value::Array(vec![])));

    std::fs::write(&body, format!("{BODY}\n")).expect("a file");
    let bad = run(&data, &[&verify[..], &["--body-file", &body, "--format", "json"]].concat()).await;
    assert_eq!(bad.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&bad.stdout).expect("one JSON value");
    assert_eq!(report["schemes"][0]["mistakes"][0]["code"], "body_newline");
    let words = run(&data, &[&verify[..], &["--body-file", &body]].concat()).await;
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    assert!(
        words.contains("(body_newline)") && words.contains("would be v1=") && words.ends_with("\nnot good\n"),
        "{words}"
    );

    std::fs::write(&body, BODY).expect("a file");
    let secrets = folder.path().join("secret").display().to_string();
    std::fs::write(&secrets, format!("{secret}\n")).expect("a file");
    let from_file = ["webhooks", "verify", "--headers-file", &headers, "--secret-file", &secrets, "--body-file", &body];
    let good = run(&data, &from_file).await;
    let words = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && words.contains("with the secret base64-decoded as the key"), "{words}");
    let none = run(&data, &["webhooks", "verify", "--headers-file", &headers, "--body-file", &body]).await;
    assert_eq!(none.status.code(), Some(2));

    let old = SystemClock.now().seconds() - 3_600;
    let signed_then = signature::headers("evt_1", old, BODY, &[SecretString::from(secret.clone())]);
    let lines: String = signed_then.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    std::fs::write(&headers, lines).expect("a file");
    let late = run(&data, &from_file).await;
    let words = String::from_utf8_lossy(&late.stdout).into_owned();
    assert_eq!(late.status.code(), Some(1));
    assert!(words.contains("\nthe signature is good, the timestamp is too old: "), "{words}");
    assert!(run(&data, &[&from_file[..], &["--tolerance", "7200"]].concat()).await.status.success());

    let missing = ["webhooks", "verify", "--secret", &secret, "--header", "Peeker-Timestamp: 1", "--body-file", &body];
    let missing = run(&data, &missing).await;
    assert!(String::from_utf8_lossy(&missing.stdout).contains("(header_missing)"), "{missing:?}");
    let nothing = ["webhooks", "verify", "--secret", &secret, "--header", "nonsense", "--body-file", &body];
    refused(&run(&data, &nothing).await, &["Name: value"]);
    refused(&run(&data, &[&verify[..], &["--body-file", "/nowhere"]].concat()).await, &["/nowhere"]);
    assert!(!data.exists(), "no data folder is needed");
}

#[tokio::test]
async fn a_body_can_come_from_standard_input() {
    use tokio::io::AsyncWriteExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let (headers, _, secret) = signed(folder.path());
    let mut verifying = mailwright(&folder.path().join("unused"))
        .args(["webhooks", "verify", "--headers-file", &headers, "--secret", &secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = verifying.stdin.take().expect("its input");
    input.write_all(BODY.as_bytes()).await.expect("written");
    drop(input);
    assert!(verifying.wait().await.expect("it ends").success());
}

//! An order's trace: from the request to its webhooks, over a death, and never in anybody's way.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

use crate::dead_logs::{stop, works};
use crate::program::{Running, client, greeted, json, mailwright};
use crate::support::collector::{Told, collector, receiver};
use crate::support::{Rig, order_body};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
/// What stands in the file of headers.
const COLLECTORS_KEY: &str = "hunter3-collector";

/// What must not hang gets this long.
const PATIENCE: Duration = Duration::from_secs(120);

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let headers = folder.path().join("headers");
    std::fs::write(&headers, format!("x-collector-key: {COLLECTORS_KEY}\n")).expect("a file");
    std::fs::set_permissions(&headers, std::fs::Permissions::from_mode(0o600)).expect("its owner's alone");
    let data = folder.path().join("data");
    (folder, data)
}

/// A server that sends its traces to somebody.
async fn serve(data: &Path, endpoint: &str, settings: &[(&str, &str)]) -> Running {
    let mut command = mailwright(data);
    command
        .args(["serve", "--log-format", "json"])
        .env("MAILWRIGHT_LOG", "info")
        .env("MAILWRIGHT_TRACES__ENDPOINT", endpoint)
        .env("MAILWRIGHT_TRACES__HEADERS_FILE", data.with_file_name("headers"))
        .envs(settings.iter().copied());
    let fresh = !data.join("mailwright.db").exists();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    greeted(child, fresh).await
}

async fn hook(data: &Path, url: &str) -> String {
    let set = json(data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", url]).await;
    set["secret"].as_str().expect("a secret").to_owned()
}

async fn order(running: &Running, key: &str, names: &[&str], traceparent: &str) -> String {
    let request = client().post(format!("{}/orders", running.api)).bearer_auth(key).json(&order_body(names));
    let answer = request.header("traceparent", traceparent).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    body["data"]["id"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn is_of(kind: &str, body: &str) -> bool {
    serde_json::from_str::<Value>(body).expect("JSON")["type"] == kind
}

async fn metrics(running: &Running, data: &Path) -> String {
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token");
    let request = client().get(format!("{}/metrics", running.operator)).bearer_auth(token.trim());
    request.send().await.expect("an answer").text().await.expect("text")
}

/// What a process has said in its log.
async fn log(running: &mut Running) -> String {
    let mut text = String::new();
    running.child.stderr.take().expect("its log").read_to_string(&mut text).await.expect("text");
    text
}

#[tokio::test]
async fn an_order_is_one_trace_from_the_callers_span_to_its_webhooks_over_a_kill() {
    let told = tokio::time::timeout(PATIENCE, bought_over_a_kill()).await.expect("nothing hangs");
    let spans: Vec<_> = told.iter().filter(|span| span.trace == TRACE).collect();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).copied().collect::<Vec<_>>();
    let [request] = named("request")[..] else { panic!("one request: {spans:?}") };
    assert_eq!((request.parent.as_str(), request.kind), (SPAN, 2), "the caller's span is its parent");
    assert_eq!(request.fields["http.route"], "/partner/v1/orders");
    let id = &request.fields["order"];
    let processes: HashSet<_> = named("step").iter().map(|span| span.process.as_str()).collect();
    assert_eq!(processes.len(), 2, "both processes went on with it");
    let known: HashSet<_> = spans.iter().map(|span| span.id.as_str()).chain([SPAN]).collect();
    for span in &spans {
        // The step that the kill met has never ended; its calls had.
        let is_cut_off = span.name == "call" && span.process == request.process;
        assert!(known.contains(span.parent.as_str()) || is_cut_off, "{span:?}");
        if ["step", "delivery"].contains(&span.name.as_str()) {
            assert_eq!((&span.fields["order"], &span.parent), (id, &request.id), "{span:?}");
        }
    }
    let steps: HashSet<_> = named("step").iter().map(|span| span.fields["step"].as_str()).collect();
    for step in model::run::RunKind::Provision.spec().steps {
        assert!(steps.contains(step.as_str()), "{step:?}");
    }
    assert!(named("call").iter().any(|span| span.fields["role"] == "registrar" && span.fields["outcome"] == "ok"));
    assert!(named("delivery").iter().any(|span| span.fields["outcome"] == "received" && span.kind == 3));
    // What looks after a domain for years is a trace of its own, which says whose it is.
    let watch = told.iter().filter(|span| span.name == "step" && span.trace != TRACE);
    assert!(watch.clone().all(|span| span.links == 1 && span.parent.is_empty()), "{:?}", watch.collect::<Vec<_>>());
}

/// Lets an order be bought by a server that is killed and started again, and answers with every span. What everybody was
/// sent is held against what nobody may see.
async fn bought_over_a_kill() -> Vec<Told> {
    let ((_folder, data), collector, hooks) = (place(), collector(COLLECTORS_KEY).await, receiver().await);
    // A domain takes it far longer than the first step, after which it is killed.
    let slow = [("MAILWRIGHT_SANDBOX__STEP_DELAY_MS", "1500")];
    let mut first = serve(&data, &collector.url, &slow).await;
    let key = first.key.clone().expect("a key");
    let secret = hook(&data, &hooks.url).await;
    let id = order(&first, &key, &["acme-one.com", "acme-two.com"], &format!("00-{TRACE}-{SPAN}-01")).await;
    let has = |spans: &[Told], name: &str| spans.iter().any(|span| span.name == name && span.trace == TRACE);
    collector.until(|spans| has(spans, "request") && has(spans, "step")).await;
    first.child.kill().await.expect("killed");

    let mut second = serve(&data, &collector.url, &[]).await;
    let sent = hooks.until(|all| all.iter().any(|(_, body)| is_of("order.completed", body))).await;
    let counted = metrics(&second, &data).await;
    stop(&mut second).await;
    let told = collector.all();
    for (headers, body) in &sent {
        let said = headers["traceparent"].to_str().expect("text");
        let [_, trace, span, "01"] = said.split('-').collect::<Vec<_>>()[..] else { panic!("{said}") };
        let is_known = told.iter().any(|one| one.name == "delivery" && one.id == span);
        // The first process sent no more than this; what it had not told of it yet died with it.
        assert!(trace == TRACE && (is_known || is_of("order.in_progress", body)), "{said}: {body}");
    }
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token");
    let (first, second) = (log(&mut first).await, log(&mut second).await);
    assert!(first.contains(&id) && first.contains(TRACE), "{first}");
    for seen in [format!("{told:?}"), counted, first, second] {
        for secret in ["hunter2-secret", COLLECTORS_KEY, &key, &secret, token.trim()] {
            assert!(!seen.contains(secret), "{secret} in {}", &seen[..2_000.min(seen.len())]);
        }
    }
    told
}

#[tokio::test]
async fn a_collector_that_is_dead_or_hangs_or_answers_rubbish_costs_nothing_but_spans() {
    let dead = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let hanging_url = format!("http://{}", hanging.local_addr().expect("an address"));
    let rubbish = receiver_of_rubbish().await;
    for (endpoint, loses) in [(dead, true), (hanging_url, true), (rubbish, false)] {
        let (_folder, data) = place();
        let mut running = serve(&data, &endpoint, &[]).await;
        tokio::time::timeout(PATIENCE, works(&mut running)).await.expect("nothing hangs");
        let said = log(&mut running).await;
        let about = said.lines().filter(|line| line.contains("spans are lost") || line.contains("last spans")).count();
        assert!(about <= 2 && (about > 0) == loses, "{endpoint}: {said}");
    }
}

/// One that says yes in words that are none.
async fn receiver_of_rubbish() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(|| async { vec![0xff_u8; 1 << 20] });
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_sampled_whatever_a_caller_wants() {
    for (ratio, flags) in [("0", "01"), ("1", "00")] {
        let ((_folder, data), collector, hooks) = (place(), collector(COLLECTORS_KEY).await, receiver().await);
        let mut running = serve(&data, &collector.url, &[("MAILWRIGHT_TRACES__SAMPLE_RATIO", ratio)]).await;
        let key = running.key.clone().expect("a key");
        hook(&data, &hooks.url).await;
        order(&running, &key, &["acme-one.com"], &format!("00-{TRACE}-{SPAN}-{flags}")).await;
        let sent = hooks.until(|all| all.iter().any(|(_, body)| is_of("order.completed", body)));
        let sent = tokio::time::timeout(PATIENCE, sent).await.expect("it completes");
        stop(&mut running).await;
        let of_it: Vec<_> = collector.all().into_iter().filter(|span| span.trace == TRACE).collect();
        assert!(of_it.is_empty(), "{of_it:?}");
        for (headers, _) in sent {
            let said = headers["traceparent"].to_str().expect("text").to_owned();
            assert!(said.starts_with(&format!("00-{TRACE}-")) && said.ends_with("-00"), "{said}");
        }
    }
}

#[tokio::test]
async fn without_a_collector_a_callers_trace_is_handed_on_and_nonsense_is_passed_over() {
    let rig = Rig::sqlite().await;
    rig.endpoint("https://acme.com/hook").await;
    let good = format!("00-{TRACE}-{SPAN}-01");
    let long = "0".repeat(8_000);
    let cases: [(&[&str], bool); 6] = [
        (&[&good], true),
        (&[], false),
        (&["00-x"], false),
        (&[&long], false),
        (&[&good, &good], false),
        (&["é"], false),
    ];
    for (n, (values, is_kept)) in cases.into_iter().enumerate() {
        let headers: Vec<_> = values.iter().map(|value| ("traceparent", *value)).collect();
        let body = order_body(&[&format!("acme-{n}.com")]).to_string();
        let answer = rig.send("POST", "/orders", Some(body), &headers).await;
        assert_eq!(answer.status, 200, "{values:?}: {}", answer.body);
        rig.settle_all().await;
        let id = &answer.body["data"]["id"];
        let sent = rig.courier.sent().into_iter().filter(|sent| {
            let data = &sent.event()["data"];
            data["id"] == *id || data["order_id"] == *id
        });
        let said: Vec<_> = sent.map(|sent| sent.headers.get("traceparent").cloned()).collect();
        assert!(
            said.len() >= 3 && said.iter().all(|one| *one == is_kept.then(|| good.clone())),
            "{values:?}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_collectors_settings_are_checked_before_anything_starts() {
    let (folder, data) = place();
    let headers = folder.path().join("headers");
    std::fs::set_permissions(&headers, std::fs::Permissions::from_mode(0o644)).expect("set");
    for (settings, word) in [
        (json!({ "ENDPOINT": "http://me:hunter4@127.0.0.1:1" }), "login"),
        (json!({ "ENDPOINT": "http://127.0.0.1:1", "SAMPLE_RATIO": "7" }), "sample_ratio"),
        (json!({ "ENDPOINT": "http://127.0.0.1:1", "HEADERS_FILE": headers }), "chmod"),
    ] {
        let mut command = mailwright(&data);
        for (name, value) in settings.as_object().expect("settings") {
            command.env(format!("MAILWRIGHT_TRACES__{name}"), value.as_str().expect("text"));
        }
        let output = command.arg("serve").output().await.expect("it runs");
        crate::program::refused(&output, &["traces.", word]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter"), "nothing secret is repeated");
    }
}

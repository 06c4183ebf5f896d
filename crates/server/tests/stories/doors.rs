//! The program's doors: who is let in, what is left for its own work, and how it leaves.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::program::{Running, client, json, mailwright, post};
use crate::support::{Rig, order_body};

/// A server with a first key, started in some way.
async fn serve(mut command: Command) -> Running {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (mut api, mut key) = (String::new(), None);
    while key.is_none() {
        let line = lines.next_line().await.expect("text").expect("a key");
        if let Some(address) = line.trim().strip_prefix("API ") {
            address.trim().clone_into(&mut api);
        }
        key = Some(line.trim().to_owned()).filter(|line| line.starts_with("pk_test_"));
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Running { child, api, key, operator: String::new() }
}

fn host(running: &Running) -> String {
    running.api.trim_start_matches("http://").split('/').next().expect("an address").to_owned()
}

async fn signal(running: &Running) {
    let pid = running.child.id().expect("a process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill runs").success());
}

/// A connection on which something was said.
async fn said(running: &Running, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host(running)).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("sent");
    stream
}

/// A receiver that takes everything and never answers; it says when something has come.
async fn stalled(data: &Path) -> tokio::sync::mpsc::UnboundedReceiver<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut held = vec![];
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
            let _ = sender.send(());
        }
    });
    json(data, &["webhooks", "set", "--partner", "Sandbox", "--environment", "test", "--url", &url]).await;
    received
}

#[tokio::test]
async fn a_stop_lets_others_take_over_and_waits_for_nobody_who_stalls() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = mailwright(&data);
    command.arg("serve").env("MAILWRIGHT_SHUTDOWN__GRACE_SECONDS", "2").env("MAILWRIGHT_LOG", "info");
    let (mut running, client) = (serve(command).await, client());
    let (key, mut received) = (running.key.take().expect("a key"), stalled(&data).await);
    post(&client, &running, &key, "/orders", &order_body(&["acme-one.com"])).await;
    received.recv().await.expect("a delivery is under way");
    let mut half = vec![];
    for text in ["GET /half", "POST /partner/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"] {
        half.push(said(&running, text).await);
    }
    let stream = client.get(format!("{}/events", running.api)).bearer_auth(&key).header("accept", "text/event-stream");
    let stream = stream.send().await.expect("a stream");

    signal(&running).await;
    let ready = format!("http://{}/readyz", host(&running));
    let answer = loop {
        let answer = client.get(&ready).send().await.expect("it still answers");
        if answer.status() != 200 {
            break answer;
        }
    };
    assert_eq!((answer.status().as_u16(), &answer.headers()["connection"]), (503, &"close".parse().expect("a value")));
    let me = client.get(format!("{}/me", running.api)).bearer_auth(&key).send().await.expect("it still serves");
    assert_eq!((me.status().as_u16(), &me.headers()["connection"]), (200, &"close".parse().expect("a value")));
    stream.text().await.expect("streams end in good order");
    // What stalls would hold it for thirty seconds.
    let ended =
        tokio::time::timeout(Duration::from_secs(25), running.child.wait()).await.expect("nobody is waited for");
    assert_eq!(ended.expect("it ends").code(), Some(0));
    let mut log = String::new();
    running.child.stderr.take().expect("its log").read_to_string(&mut log).await.expect("text");
    assert!(log.contains("stopped"), "{log}");
}

#[tokio::test]
async fn what_is_said_of_doors_is_checked_and_can_come_from_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = async |name: &str, value: &str| {
        let mut command = mailwright(&folder.path().join("data"));
        let output =
            command.arg("check-config").env(format!("MAILWRIGHT_{name}"), value).output().await.expect("it runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (name, value) in [
        ("TRUSTED_PROXIES", r#"["10.0.0.0/8", "::1"]"#),
        ("TRUSTED_PROXIES", "[127.0.0.1]"),
        ("SHUTDOWN__GRACE_SECONDS", "3"),
        ("SHUTDOWN__GRACE_SECONDS", "auto"),
        ("CONNECTIONS__MOST", "100"),
    ] {
        assert_eq!(check(name, value).await, (true, String::new()), "{name}={value}");
    }
    for (name, value, words) in [
        ("TRUSTED_PROXIES", "[nginx]", "trusted_proxies"),
        ("SHUTDOWN__GRACE_SECONDS", "-2", "shutdown.grace_seconds"),
        ("CONNECTIONS__HEADER_SECONDS", "0", "connections.header_seconds"),
    ] {
        let (fine, said) = check(name, value).await;
        assert!(!fine && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_grace_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = mailwright(&folder.path().join("data"));
    command.arg("serve").env("MAILWRIGHT_SHUTDOWN__GRACE_SECONDS", "600");
    let (mut running, client) = (serve(command).await, client());
    signal(&running).await;
    let ready = format!("http://{}/readyz", host(&running));
    while client.get(&ready).send().await.expect("it still answers").status() == 200 {}
    signal(&running).await;
    assert_eq!(running.child.wait().await.expect("it ends").code(), Some(1));
}

/// With as few descriptors as many containers and old systems give, whoever opens more connections than there are
/// descriptors does not keep the server from anything.
#[tokio::test]
async fn a_crowd_of_silent_sockets_leaves_the_server_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = mailwright(&data);
    let program = server.as_std().get_program().to_owned();
    let mut command = Command::new("sh");
    command.arg("-c").arg("ulimit -n 600; exec \"$0\" serve").arg(program).kill_on_drop(true);
    command.current_dir(folder.path());
    for (name, value) in server.as_std().get_envs() {
        command.env(name, value.expect("it is set"));
    }
    let (running, client) = (serve(command).await, client());
    let (key, mut received) = (running.key.clone().expect("a key"), stalled(&data).await);
    // As many as are let in from one address, and more than there are descriptors.
    let inside = said(&running, "").await;
    let mut crowd = vec![];
    for _ in 0..700 {
        crowd.push(said(&running, "").await);
    }
    // Those for whom there was no place are told so.
    let mut told = String::new();
    let last = crowd.last_mut().expect("a crowd");
    last.read_to_string(&mut told).await.expect("an answer");
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("\"busy\""), "{told}");
    drop(inside);
    let body = loop {
        let url = format!("{}/orders", running.api);
        let sent = client.post(url).bearer_auth(&key).json(&order_body(&["acme-one.com"])).send().await;
        match sent {
            Ok(answer) if answer.status() == 200 => break answer.json::<Value>().await.expect("JSON"),
            // Until the first of the crowd has used up its time.
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(body["data"]["status"], "in_progress");
    received.recv().await.expect("its webhooks go out");
}

#[tokio::test]
async fn a_delivery_that_stalls_is_cut_off_by_a_stop_and_sent_again() {
    let rig = Rig::sqlite().await;
    let url = "https://stalled.example.com/";
    let (endpoint, _) = rig.endpoint(url).await;
    rig.courier.hold(url);
    rig.place(&order_body(&["acme-one.com"])).await;
    let engine = rig.wired.engine.clone();
    let working = tokio::spawn(async move { engine.run().await });
    rig.courier.until(|sent| sent.iter().any(|one| one.url == url)).await;
    rig.wired.stop.cancel();
    // Well below the thirty seconds that steps have; it waits for two.
    let stopped = tokio::time::timeout(Duration::from_secs(20), working).await.expect("it is not waited for");
    assert_eq!(stopped.expect("no panic"), engine::Stopped::CutOff);
    let path = format!("/webhook_deliveries?endpoint_id={}", endpoint.id);
    let delivery = rig.call("GET", &path, None).await.body["data"].as_array().and_then(|all| all.last().cloned());
    let delivery = delivery.expect("a delivery");
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&"pending".into(), &serde_json::json!([])));
    let another = rig.another(None).await;
    let before = another.courier.sent().len();
    let engine = another.wired.engine.clone();
    tokio::spawn(async move { engine.run().await });
    another.courier.until(|sent| sent.len() > before).await;
    another.wired.stop.cancel();
}

#[tokio::test]
async fn what_this_server_could_not_send_is_no_attempt_and_is_sent_when_it_can() {
    let rig = Rig::sqlite().await;
    let url = "https://well.example.com/";
    rig.endpoint(url).await;
    rig.courier.unable(url, true);
    rig.place(&order_body(&["acme-one.com"])).await;
    for _ in 0..20 {
        rig.advance(model::clock::HOUR).await;
    }
    rig.advance(4 * model::clock::DAY).await;
    let list = rig.call("GET", "/webhook_deliveries", None).await.body;
    let rows = list["data"].as_array().expect("a list");
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!((&row["status"], &row["attempts"]), (&"pending".into(), &serde_json::json!([])), "{row}");
    }
    let endpoints = rig.call("GET", "/webhook_endpoints", None).await.body;
    assert_eq!(endpoints["data"][0]["status"], "active", "four days of ours are none of the endpoint's");
    rig.courier.unable(url, false);
    rig.advance(model::clock::HOUR).await;
    for row in rig.call("GET", "/webhook_deliveries", None).await.body["data"].as_array().expect("a list") {
        assert_eq!((&row["status"], row["attempts"].as_array().map(Vec::len)), (&"delivered".into(), Some(1)), "{row}");
    }
}

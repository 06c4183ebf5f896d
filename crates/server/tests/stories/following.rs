//! Following an order: over a real connection, and on the command line.

use std::process::Stdio;

use model::clock::MINUTE;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::support::{Rig, order_body};

/// Serves a rig's API on a port of its own; answers its address.
pub(crate) async fn listen(rig: &Rig) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (router, stop) = (rig.router.clone(), rig.wired.stop.clone());
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    tokio::spawn(serving.into_future());
    format!("http://{address}/partner/v1")
}

/// An open stream of events.
struct Stream {
    response: reqwest::Response,
    text: String,
}

/// An event: its name, its data and its id.
type Event = (String, Value, Option<String>);

impl Stream {
    async fn open(rig: &Rig, api: &str, order: &str, last_event_id: Option<&str>) -> Self {
        // Building the guarded client installs the crypto provider that every client needs.
        providers::egress::Egress::new(true).expect("a client");
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut request = client.get(format!("{api}/orders/{order}/timeline")).bearer_auth(&rig.key);
        request = request.header("Accept", "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` when the stream has ended as it should.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let line = |key: &str| event.lines().find_map(|line| line.strip_prefix(key)).map(ToOwned::to_owned);
                let Some(name) = line("event: ") else { continue };
                let data = serde_json::from_str(&line("data: ").expect("data")).expect("JSON");
                return Some((name, data, line("id: ")));
            }
            let chunk = self.response.chunk().await.expect("the connection holds")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// Everything up to the end of a batch.
    async fn batch(&mut self) -> Vec<Event> {
        let mut events = vec![];
        while let Some(event) = self.next().await {
            let last = event.2.is_some();
            events.push(event);
            if last {
                break;
            }
        }
        events
    }

    /// Everything up to the end.
    async fn rest(&mut self) -> Vec<Event> {
        let mut events = vec![];
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|(name, ..)| name.as_str()).collect()
}

fn id(events: &[Event]) -> &str {
    events.last().and_then(|(.., id)| id.as_deref()).expect("the last of a batch has an id")
}

#[tokio::test]
async fn a_client_that_is_cut_off_comes_back_to_where_it_was() {
    let rig = Rig::sqlite().await;
    let api = listen(&rig).await;
    let order = rig.place(&order_body(&["action-acme.com", "acme-two.com"])).await;
    let mut stream = Stream::open(&rig, &api, &order, None).await;
    let before = stream.batch().await;
    assert_eq!(names(&before), ["domain", "domain", "order"]);
    drop(stream);

    rig.work_off().await;
    let shown = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body["data"].clone();
    let mut back = Stream::open(&rig, &api, &order, Some(id(&before))).await;
    let missed = back.batch().await;
    assert_eq!(names(&missed), ["domain", "domain", "order"], "something has changed, so everything is told");
    assert_eq!(id(&missed), shown["change"].to_string());
    assert_eq!(json!([missed[0].1, missed[1].1]), shown["domains"]);
    assert_eq!(missed[2].1["status"], "action_required");

    let mut up_to_date = Stream::open(&rig, &api, &order, Some(id(&missed))).await;
    rig.advance(10 * MINUTE).await;
    rig.settle_all().await;
    for stream in [&mut back, &mut up_to_date] {
        let news = stream.rest().await;
        let (first, last) = (news.first().expect("news"), news.last().expect("news"));
        assert_eq!((first.0.as_str(), &first.1["domain"]), ("domain", &json!("action-acme.com")));
        let domains: Vec<_> = news.iter().filter(|(name, ..)| name == "domain").collect();
        assert!(domains.iter().all(|(_, data, _)| data["domain"] == "action-acme.com"), "the other has not changed");
        assert_eq!((last.0.as_str(), &last.1["status"]), ("end", &json!("completed")));
        assert!(news.iter().any(|(name, data, _)| name == "order" && data["status"] == "completed"));
    }
}

#[tokio::test]
async fn a_server_that_stops_lets_its_streams_end() {
    let rig = Rig::sqlite().await;
    let api = listen(&rig).await;
    let order = rig.place(&order_body(&["acme-one.com"])).await;
    let mut stream = Stream::open(&rig, &api, &order, None).await;
    stream.batch().await;
    rig.wired.stop.cancel();
    assert!(stream.rest().await.is_empty());
}

/// The program beside a rig's server.
pub(crate) fn mailwright(rig: &Rig, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailwright"));
    command.args(args).env("MAILWRIGHT_DATA", rig.folder.path()).env("MAILWRIGHT_LOG", "error").kill_on_drop(true);
    command
}

pub(crate) async fn text(rig: &Rig, args: &[&str]) -> (String, Option<i32>) {
    let output = mailwright(rig, args).output().await.expect("the command runs");
    (String::from_utf8(output.stdout).expect("text"), output.status.code())
}

#[tokio::test]
async fn where_an_order_is_can_be_seen_at_a_glance() {
    let rig = Rig::sqlite().await;
    let names = ["acme-one.com", "slow-acme.com", "action-acme.com", "fail-acme.com"];
    let order = rig.place(&order_body(&names)).await;
    rig.work_off().await;
    let (shown, code) = text(&rig, &["orders", "show", &order]).await;
    assert_eq!(code, Some(0));
    let timeline = rig.call("GET", &format!("/orders/{order}/timeline"), None).await.body["data"].clone();
    let action = timeline["domains"][2]["runs"][0]["steps"][0]["action_id"].as_str().expect("an action").to_owned();
    for told in [
        &format!("{order}  action_required"),
        "1 of 4 domains is active, 1 waits for the partner, 1 waits for a provider, 1 was given up",
        "expected  when the partner has acted",
        "by Acme (test)",
        "The partner has to act\n  action-acme.com  Buy the name, tried once, looked at again",
        &format!(
            "waits for POST /orders/pending/{action}/resolve with replacement_domain or max_total_cents or give_up"
        ),
        "The registrar refused the registration.",
        "Given up\n  fail-acme.com  Open the mail domain, tried once\n    The mail host does not take fail-acme.com.",
        "A provider is not ready yet; it is looked at again by itself\n  slow-acme.com  Buy the name",
        "The registrar is still working on it.",
    ] {
        assert!(shown.contains(told), "{told:?} is not in\n{shown}");
    }
    let (json, _) = text(&rig, &["orders", "show", &order, "--format", "json"]).await;
    let json: Value = serde_json::from_str(&json).expect("one JSON value");
    assert_eq!(json, rig.order(&order).await, "scripts get what the API shows");
}

#[tokio::test]
async fn watching_tells_every_change_and_how_it_ended() {
    let rig = Rig::sqlite().await;
    let order = rig.place(&order_body(&["action-acme.com", "acme-two.com"])).await;
    let mut child = mailwright(&rig, &["orders", "watch", &order, "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut told = vec![];
    while let Some(line) = lines.next_line().await.expect("text") {
        let line: Value = serde_json::from_str(&line).expect("one JSON value on each line");
        told.push(line);
        // The snapshot has been told; from then on only changes are.
        if told.len() == 3 {
            rig.settle_all().await;
        }
    }
    assert_eq!(child.wait().await.expect("it ends").code(), Some(0));
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().expect("a name")).collect();
    assert_eq!(events[..3], ["domain", "domain", "order"]);
    let changes: Vec<_> = told.iter().map(|line| line["change"].as_i64().expect("a number")).collect();
    assert!(changes.is_sorted());
    let last = told.last().expect("lines");
    assert_eq!((&last["event"], &last["data"]["status"]), (&json!("end"), &json!("completed")));
    let active = |line: &&Value| line["event"] == "domain" && line["data"]["status"] == "active";
    assert_eq!(told.iter().filter(active).count(), 2);

    let (lines, code) = text(&rig, &["orders", "watch", &order]).await;
    assert_eq!(code, Some(0));
    assert!(lines.contains("action-acme.com          active          11/11  done in"), "{lines}");
    assert!(lines.trim_end().ends_with("nothing is left to do"), "{lines}");

    let order = rig.place(&order_body(&["fail-acme.com"])).await;
    rig.settle_all().await;
    let (lines, code) = text(&rig, &["orders", "watch", &order]).await;
    assert_eq!(code, Some(1));
    assert!(lines.contains("The mail host does not take fail-acme.com."), "{lines}");
    assert_eq!(text(&rig, &["orders", "watch", "ord_1"]).await.1, Some(2));
}

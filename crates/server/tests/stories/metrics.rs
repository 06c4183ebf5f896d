//! What a running program tells Prometheus.

use std::collections::{BTreeMap, BTreeSet};

use model::metric::{self, Kind};
use serde_json::json;

use crate::program::{Running, client, greeted, json as json_of, mailwright, post, serve};
use crate::support::order_body;

/// A sample: its series' name, its labels and its value.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn samples(text: &str) -> Vec<Sample> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let pairs = labels.trim_end_matches('}').split("\",").filter(|pair| !pair.is_empty());
        let labels = pairs
            .filter_map(|pair| pair.split_once("=\""))
            .map(|(name, value)| (name.trim_start_matches(',').to_owned(), value.trim_end_matches('"').to_owned()));
        Sample { name: name.to_owned(), labels: labels.collect(), value: value.parse().expect("a number") }
    };
    lines.map(sample).collect()
}

async fn scraped(running: &Running, token: &str) -> Vec<Sample> {
    let request = client().get(format!("{}/metrics", running.operator)).bearer_auth(token);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    samples(&answer.text().await.expect("text"))
}

fn sum(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |one: &&Sample| {
        let has = |(label, value): &(&str, &str)| one.labels.get(*label).is_some_and(|has| has == value);
        one.name == name && labels.iter().all(has)
    };
    samples.iter().filter(fits).map(|one| one.value).sum()
}

/// The metric that a series belongs to.
fn metric_of(name: &str) -> &'static metric::Metric {
    let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
    let histogram = histogram.and_then(metric::find).filter(|metric| metric.kind == Kind::Histogram);
    histogram.or_else(|| metric::find(name)).unwrap_or_else(|| panic!("{name} is in no table"))
}

#[tokio::test]
async fn an_order_and_what_it_cost_can_be_seen_and_every_series_is_as_its_table_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let (client, key) = (client(), running.key.clone().expect("a key"));
    let names = ["acme-mail.com", "action-acme.com"];
    let order = post(&client, &running, &key, "/orders", &order_body(&names)).await;
    let id = order["data"]["id"].as_str().expect("an order").to_owned();
    post(&client, &running, &key, "/nowhere/acme-secret-path", &json!({})).await;
    let mut seen = vec![];
    // The order asks a person when it has done what it can.
    for _ in 0..600 {
        seen = scraped(&running, &token).await;
        if sum(&seen, metric::OPEN_ACTIONS, &[("reason", "registrar_rejected")]) == 1.0 {
            break;
        }
        tokio::time::timeout(std::time::Duration::from_secs(1), async {
            client
                .get(format!("{}/orders/{id}/timeline", running.api))
                .bearer_auth(&key)
                .send()
                .await
                .expect("an answer")
        })
        .await
        .expect("in time");
    }
    assert_eq!(sum(&seen, metric::OPEN_ACTIONS, &[("reason", "registrar_rejected")]), 1.0);
    assert_eq!(
        sum(&seen, metric::REQUESTS, &[("route", "/partner/v1/orders"), ("method", "POST"), ("status", "200")]),
        1.0
    );
    assert_eq!(sum(&seen, metric::BOOKED_CENTS, &[("kind", "domain_registration")]), 2600.0);
    assert!(sum(&seen, metric::STEPS, &[("step", "register_name"), ("outcome", "done")]) >= 1.0);
    assert!(sum(&seen, metric::PROVIDER_CALLS, &[("account", "sandbox"), ("role", "registrar")]) >= 2.0);
    assert!(sum(&seen, metric::DATABASE_BYTES, &[]) > 0.0 && sum(&seen, metric::DATABASE_UP, &[]) == 1.0);
    for one in &seen {
        let metric = metric_of(&one.name);
        let labels: BTreeSet<_> = one.labels.keys().map(String::as_str).filter(|label| *label != "le").collect();
        assert_eq!(labels, metric.labels.iter().copied().collect(), "{}", one.name);
        for value in one.labels.values() {
            let is_somebodys =
                ["acme", "ord_", "dom_", "org_", "key_0", "secret"].iter().any(|part| value.contains(part));
            assert!(!is_somebodys, "{one:?}");
        }
    }
}

/// Places an order of each name with its partner's key, and waits until all of them are done.
async fn ordered(running: &Running, token: &str, names: &[(String, String)], done: f64) -> Vec<Sample> {
    for (key, name) in names {
        let placed = post(&client(), running, key, "/orders", &order_body(&[name])).await;
        assert_eq!(placed["data"]["status"], "in_progress", "{placed}");
    }
    loop {
        let seen = scraped(running, token).await;
        if sum(&seen, metric::STEPS, &[("step", "confirm_ready"), ("outcome", "done")]) >= done {
            return seen;
        }
    }
}

fn series(samples: &[Sample]) -> BTreeSet<String> {
    samples.iter().map(|one| format!("{}{:?}", one.name, one.labels)).collect()
}

async fn partner(data: &std::path::Path, name: &str) -> (String, String) {
    let made = json_of(data, &["partners", "create", "--name", name]).await;
    let key = json_of(data, &["keys", "create", "--partner", name, "--environment", "test", "--preset", "full"]).await;
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    (text(&made["id"]), text(&key["key"]))
}

#[tokio::test]
async fn more_partners_and_orders_make_no_more_series() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let running = serve(&data).await;
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let mut names = vec![];
    for n in 0..12 {
        let key = partner(&data, &format!("Partner {n}")).await.1;
        names.extend((0..3).map(|order| (key.clone(), format!("acme-{n}-{order}.com"))));
    }
    let before = series(&ordered(&running, &token, &names[..3], 3.0).await);
    let after = series(&ordered(&running, &token, &names[3..], 36.0).await);
    let more: Vec<_> = after.difference(&before).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[tokio::test]
async fn partners_have_series_of_their_own_where_that_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = mailwright(&data);
    command.arg("serve").env("MAILWRIGHT_OPERATOR__PARTNER_LABELS", "true").stdout(std::process::Stdio::piped());
    let running = greeted(command.spawn().expect("it starts"), true).await;
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    let (id, key) = partner(&data, "Acme").await;
    let seen = ordered(&running, &token, &[(key, "acme-one.com".into())], 1.0).await;
    let of = |name: &str| sum(&seen, name, &[("partner", &id)]);
    assert_eq!(of(metric::PARTNER_REQUESTS), 1.0);
    assert!(of(metric::PARTNER_STEPS) >= 10.0);
    assert_eq!(of(metric::PARTNER_BOOKED_CENTS), sum(&seen, metric::BOOKED_CENTS, &[]));
}

#[tokio::test]
async fn our_own_servers_for_sites_and_zones_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut serving = mailwright(&data);
    serving.arg("serve").stdout(std::process::Stdio::piped());
    let [site, zones] = ["REDIRECT", "DNS"].map(|server| {
        let address = crate::redirects::support::free_address().expect("a free address");
        serving.env(format!("MAILWRIGHT_SANDBOX__{server}_LISTEN"), address.to_string());
        address
    });
    let running = greeted(serving.spawn().expect("the server starts"), true).await;
    let token = std::fs::read_to_string(data.join("operator.token")).expect("a token").trim().to_owned();
    // It lets nobody in before it knows its sites.
    let answer =
        client().get(format!("http://{site}/")).header("host", "nobody.example").send().await.expect("an answer");
    assert_eq!(answer.status(), 404);
    let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    // A question for nobody.example, A (RFC 1035).
    let question = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x06nobody\x07example\0\0\x01\0\x01";
    stranger.send_to(question, zones).await.expect("it is sent");
    stranger.recv(&mut [0; 512]).await.expect("an answer");
    let seen = scraped(&running, &token).await;
    let answered = [("listener", "redirect_test"), ("scheme", "http"), ("status", "404")];
    assert_eq!(sum(&seen, metric::REDIRECT_ANSWERS, &answered), 1.0);
    assert_eq!(sum(&seen, metric::REDIRECT_SITES, &[("listener", "redirect_test")]), 0.0);
    let refused = [("listener", "dns_test"), ("transport", "udp"), ("code", "refused")];
    assert_eq!(sum(&seen, metric::DNS_ANSWERS, &refused), 1.0);
}

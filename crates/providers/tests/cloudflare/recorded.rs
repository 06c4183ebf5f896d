//! What the vendor has really said, replayed. The answers are recorded by others and not in this repository.

use std::path::PathBuf;
use std::sync::Arc;

use doubles::cloudflare::TOKEN;
use model::clock::HandClock;
use model::dns::{RrType, joined};
use providers::all::cloudflare::Cloudflare;
use providers::egress::Egress;
use providers::roles::DnsHost as _;
use providers::trouble::Trouble;
use providers::vendor::Vendor;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::stage::{call, set};
use crate::support::start;

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
#[expect(clippy::disallowed_methods, reason = "where the data lies is a word between the build server and the tests")]
fn recorded() -> Option<Vec<Value>> {
    let is_required = std::env::var("REQUIRE_VENDOR_DATA").is_ok_and(|value| value == "1");
    match std::env::var_os("VENDOR_DATA") {
        Some(folder) => {
            let path = PathBuf::from(folder).join("recorded/cloudflare.json");
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Some(serde_json::from_slice(&bytes).unwrap())
        }
        None => {
            assert!(!is_required, "VENDOR_DATA does not say where the vendors' answers are, and they are required");
            eprintln!("skipped: no vendor data");
            None
        }
    }
}

/// An answer as it came.
fn raw(one: &Value) -> Vec<u8> {
    let (status, body) = (one["status"].as_u64().unwrap(), one["response"].as_str().unwrap());
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.into_bytes(), body.as_bytes().to_vec()].concat()
}

fn answer(one: &Value) -> Value {
    serde_json::from_str(one["response"].as_str().unwrap()).unwrap()
}

fn is_of(one: &Value, method: &str, part: &str) -> bool {
    let path = one["uri"].as_str().unwrap().split('?').next().unwrap();
    one["method"] == method && path.ends_with(part)
}

/// An adapter of the account that was recorded, whose vendor says these.
async fn replayed(zones: &Value, more: Vec<(String, String, Vec<u8>)>) -> (Cloudflare, JoinHandle<()>) {
    let answers = [more, vec![("GET".to_owned(), "/zones".to_owned(), raw(zones))]].concat();
    let (base, serving) = doubles::replay(answers).await;
    let settings = Cloudflare::settings("main", base, TOKEN.into());
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), HandClock::at(start())).unwrap();
    let account = answer(zones)["result"][0]["account"]["id"].as_str().unwrap().to_owned();
    (Cloudflare::new(Arc::new(vendor), account), serving)
}

#[tokio::test]
async fn zones_are_found_by_their_name_in_their_account() {
    let Some(recorded) = recorded() else { return };
    let lists: Vec<_> = recorded.iter().filter(|one| is_of(one, "GET", "/zones") && one["status"] == 200).collect();
    assert!(!lists.is_empty());
    for list in lists {
        let (adapter, _serving) = replayed(list, vec![]).await;
        for zone in answer(list)["result"].as_array().unwrap() {
            let servers = adapter.ensure_zone(&call(zone["name"].as_str().unwrap())).await.unwrap();
            assert_eq!(serde_json::json!(servers), zone["name_servers"]);
        }
    }
}

#[tokio::test]
async fn records_are_read_as_they_were_said() {
    let Some(recorded) = recorded() else { return };
    let zones = recorded.iter().find(|one| is_of(one, "GET", "/zones")).unwrap();
    let mut count = 0;
    for list in recorded.iter().filter(|one| is_of(one, "GET", "/dns_records")) {
        let page = ("GET".to_owned(), "/dns_records".to_owned(), raw(list));
        let (adapter, _serving) = replayed(zones, vec![page]).await;
        let name = answer(zones)["result"][0]["name"].as_str().unwrap().to_owned();
        let sets = adapter.records(&call(&name)).await.unwrap().unwrap();
        for record in answer(list)["result"].as_array().unwrap() {
            let (owner, rtype) = (record["name"].as_str().unwrap(), record["type"].as_str().unwrap());
            let value = record["content"].as_str().unwrap();
            let value = if rtype == "TXT" { joined(value) } else { value.to_owned() };
            let set = sets.iter().find(|set| set.name == owner && set.rtype.as_str() == rtype).unwrap();
            assert!(set.values.contains(&value), "{value}");
            assert_eq!(serde_json::json!(set.ttl), record["ttl"]);
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

/// What was recorded of a single record, the vendor says of a batch as well.
#[tokio::test]
async fn a_record_that_is_there_already_is_looked_at_and_not_taken_for_a_no() {
    let Some(recorded) = recorded() else { return };
    let zones = recorded.iter().find(|one| is_of(one, "GET", "/zones")).unwrap();
    let refused = recorded.iter().find(|one| one["status"] == 400).unwrap();
    assert_eq!(answer(refused)["errors"][0]["code"], 81_058);
    let is_empty = |one: &&Value| is_of(one, "GET", "/dns_records") && answer(one)["result"] == serde_json::json!([]);
    let nothing = recorded.iter().find(is_empty).unwrap();
    let answers = vec![
        ("GET".to_owned(), "/dns_records".to_owned(), raw(nothing)),
        ("POST".to_owned(), "/batch".to_owned(), raw(refused)),
    ];
    let (adapter, _serving) = replayed(zones, answers).await;
    let name = answer(zones)["result"][0]["name"].as_str().unwrap().to_owned();
    let told = adapter.ensure_records(&call(&name), &[set(&name, RrType::Txt, &["challengetoken"])]).await;
    assert_eq!(told, Err(Trouble::Later(None)));
}

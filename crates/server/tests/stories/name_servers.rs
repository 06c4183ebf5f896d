//! Our own name servers: an order's zones as whoever asks hears them, from every process.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::tsig::TsigAlgorithm;
use hickory_proto::rr::{Name, RecordType, TSigner};
use model::clock::{Clock as _, DAY};
use serde_json::json;
use server::account_settings::Kept;
use server::config::Config;
use server::name_servers::shared::KeyConfig;
use server::name_servers::{self, NameServer};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::program::{mailwright, refused, run};
use crate::support::{Rig, order_body};

/// The sandbox's name server of a rig, answering until it is dropped.
struct Answering {
    address: SocketAddr,
    _stop: DropGuard,
}

fn answering(rig: &Rig) -> Answering {
    answering_with(rig, |_| ())
}

fn answering_with(rig: &Rig, set: impl FnOnce(&mut Config)) -> Answering {
    let mut config = rig.config.clone();
    set(&mut config);
    "127.0.0.1:0".clone_into(&mut config.sandbox.dns_listen);
    let place = name_servers::places(&config).expect("a free port").pop().expect("a place");
    let (server, stop) = (NameServer::new(place, &config, &rig.wired), CancellationToken::new());
    let address = server.addresses()[0];
    tokio::spawn(server.run(stop.clone()));
    Answering { address, _stop: stop.drop_guard() }
}

/// What is answered, over TCP: nobody is held back there.
pub(crate) async fn ask(address: SocketAddr, name: &str, rtype: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).expect("a name"), rtype));
    exchanged(address, &message).await
}

/// The first message that is answered to one.
async fn exchanged(address: SocketAddr, message: &Message) -> Message {
    let bytes = message.to_vec().expect("bytes");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let length = u16::try_from(bytes.len()).expect("a short question");
    stream.write_all(&[&length.to_be_bytes()[..], &bytes].concat()).await.expect("it is sent");
    let mut answer = vec![0; usize::from(stream.read_u16().await.expect("an answer"))];
    stream.read_exact(&mut answer).await.expect("the rest of it");
    Message::from_vec(&answer).expect("an answer that can be read")
}

/// The values of the records that are answered, in order.
async fn values(address: SocketAddr, name: &str, rtype: RecordType) -> Vec<String> {
    let answer = ask(address, name, rtype).await;
    let mut values: Vec<_> = answer.answers.iter().map(|record| record.data.to_string()).collect();
    values.sort();
    values
}

/// What whoever asks for a name hears, without the dots at the ends of names.
pub(crate) async fn served(address: SocketAddr, name: &str, rtype: &str) -> Vec<String> {
    let rtype = rtype.parse().expect("a type that there is");
    let values = values(address, &format!("{name}."), rtype).await;
    values.into_iter().map(|value| value.trim_end_matches('.').to_owned()).collect()
}

/// Asks until the answer is one of that kind.
async fn asked_until(address: SocketAddr, name: &str, rtype: RecordType, is_it: impl Fn(&Message) -> bool) -> Message {
    let asking = async {
        loop {
            let answer = ask(address, name, rtype).await;
            if is_it(&answer) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("it is served before long")
}

pub(crate) fn is_refused(answer: &Message) -> bool {
    answer.metadata.response_code == ResponseCode::Refused
}

fn has_answers(answer: &Message) -> bool {
    !answer.answers.is_empty()
}

#[tokio::test]
async fn an_orders_zone_is_served_while_the_order_lasts() {
    let rig = Rig::sqlite().await;
    let Answering { address, _stop } = answering(&rig);
    assert!(is_refused(&ask(address, "acme-one.com.", RecordType::NS).await), "nobody has it yet");
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    asked_until(address, "acme-one.com.", RecordType::MX, has_answers).await;
    assert_eq!(values(address, "acme-one.com.", RecordType::MX).await, ["1 smtp.google.com."]);
    let nameservers = values(address, "acme-one.com.", RecordType::NS).await;
    assert_eq!(nameservers.len(), 2);
    assert!(nameservers.iter().all(|host| host.ends_with(".sandbox.mailwright.dev.")), "{nameservers:?}");
    let texts = values(address, "ACME-one.com.", RecordType::TXT).await;
    assert_eq!(texts.iter().filter(|text| text.contains("v=spf1")).count(), 1, "{texts:?}");
    assert_eq!(values(address, "_dmarc.acme-one.com.", RecordType::TXT).await, ["v=DMARC1; p=none"]);
    let none = ask(address, "other.acme-one.com.", RecordType::A).await;
    assert_eq!(none.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(none.authorities[0].record_type(), RecordType::SOA);

    rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    rig.advance(32 * DAY).await;
    assert_eq!(rig.order(&id).await["status"], "cancelled");
    asked_until(address, "acme-one.com.", RecordType::MX, is_refused).await;
}

/// A key of the settings, whose secret is in a file.
fn with_key(config: &mut Config, folder: &std::path::Path, transfer: bool) {
    let file = folder.join("second.key");
    std::fs::write(&file, "aHVzaA==\n").expect("a file");
    let secret = Kept { file: Some(file), env: None, credential: None };
    let key = KeyConfig { name: Some("second.example".into()), algorithm: String::new(), secret, transfer };
    config.dns.keys.insert("second".into(), key);
}

/// What whoever has the key is answered who asks for a whole zone.
async fn transferred(address: SocketAddr, rig: &Rig) -> Message {
    let name = Name::from_ascii("second.example.").expect("a name");
    let signer = TSigner::new(b"hush".to_vec(), TsigAlgorithm::HmacSha256, name, 300).expect("a key");
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii("acme-one.com.").expect("a name"), RecordType::AXFR));
    let seconds = u64::try_from(rig.clock.now().seconds()).expect("after 1970");
    message.finalize(&signer, seconds).expect("it is signed");
    exchanged(address, &message).await
}

#[tokio::test]
async fn a_whole_zone_is_for_whoever_has_a_key_that_may() {
    let rig = Rig::sqlite().await;
    let folder = tempfile::tempdir().expect("a folder");
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    for (transfer, code) in [(true, ResponseCode::NoError), (false, ResponseCode::Refused)] {
        let Answering { address, _stop } = answering_with(&rig, |config| with_key(config, folder.path(), transfer));
        asked_until(address, "acme-one.com.", RecordType::MX, has_answers).await;
        let whole = transferred(address, &rig).await;
        assert_eq!(whole.metadata.response_code, code);
        let has_mail = whole.answers.iter().any(|record| record.data.to_string().contains("smtp.google.com"));
        assert_eq!(has_mail, transfer);
        assert!(is_refused(&ask(address, "acme-one.com.", RecordType::AXFR).await), "not without it");
    }
}

#[test]
fn a_key_that_is_not_where_it_is_said_to_be_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::load(None, &server::config::Flags::default()).expect("the defaults");
    "127.0.0.1:0".clone_into(&mut config.sandbox.dns_listen);
    with_key(&mut config, folder.path(), true);
    std::fs::write(folder.path().join("second.key"), "hush!").expect("a file");
    let refused = || name_servers::places(&config).err().expect("it is refused");
    assert!(refused().starts_with("dns.keys.second cannot be used: secret is not base64"), "{}", refused());
    std::fs::remove_file(folder.path().join("second.key")).expect("it is gone");
    assert!(refused().starts_with("dns.keys.second.secret is to be in the file"), "{}", refused());
}

#[tokio::test]
async fn a_world_that_is_left_is_not_served_any_more() {
    let rig = Rig::sqlite().await;
    let Answering { address, _stop } = answering(&rig);
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    asked_until(address, "acme-one.com.", RecordType::MX, has_answers).await;
    assert_eq!(rig.call("POST", "/test/reset", None).await.status, 200);
    asked_until(address, "acme-one.com.", RecordType::MX, is_refused).await;
}

#[tokio::test]
async fn what_one_process_changes_another_one_serves() {
    let Some(rig) = Rig::postgres().await else { return };
    let other = rig.another(None).await;
    let Answering { address, _stop } = answering(&other);
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    asked_until(address, "acme-one.com.", RecordType::MX, has_answers).await;
    rig.call("POST", &format!("/orders/{id}/cancel"), Some(&json!({}))).await;
    rig.advance(32 * DAY).await;
    asked_until(address, "acme-one.com.", RecordType::MX, is_refused).await;
}

#[tokio::test]
async fn the_program_says_where_it_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut serving = mailwright(&data);
    serving.arg("serve").env("MAILWRIGHT_SANDBOX__DNS_LISTEN", "127.0.0.1:0").stdout(Stdio::piped());
    let mut child = serving.spawn().expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let address = loop {
        let line = lines.next_line().await.expect("text").expect("it says where it answers");
        if let Some(address) = line.trim().strip_prefix("dns test ") {
            break address.trim().parse().expect("an address");
        }
    };
    let answer = asked_until(address, "acme-one.com.", RecordType::NS, |_| true).await;
    assert!(is_refused(&answer));
    // Whoever waits for the first key would wait for a pipe that is full.
    while let Ok(Some(line)) = lines.next_line().await {
        if line.trim().starts_with("pk_test_") {
            break;
        }
    }
    child.kill().await.expect("killed");
}

#[tokio::test]
async fn a_name_server_that_cannot_be_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    refused(&run(&data, &["serve", "--role", "dns"]).await, &["PostgreSQL"]);
    for (key, value, words) in [
        ("MAILWRIGHT_SANDBOX__DNS_LISTEN", "0.0.0.0:5353", ["sandbox.dns_listen", "127.0.0.1:5353"]),
        ("MAILWRIGHT_DNS__LISTEN", "[\"127.0.0.1:0\"]", ["dns.listen", "embedded"]),
        ("MAILWRIGHT_DNS__HOSTMASTER", "nobody", ["dns.hostmaster", "dns@example.com"]),
        ("MAILWRIGHT_DNS__NOTIFY", "[{address=\"192.0.2.2\"}]", ["dns.notify", "192.0.2.2:53"]),
        ("MAILWRIGHT_DNS__NOTIFY", "[{address=\"192.0.2.2:53\", key=\"second\"}]", ["dns.notify", "[dns.keys.second]"]),
        (
            "MAILWRIGHT_DNS__KEYS__SECOND",
            "{secret={env=\"X\"}, algorithm=\"hmac-md5\"}",
            ["dns.keys.second", "hmac-sha256"],
        ),
        ("MAILWRIGHT_DNS__KEYS__SECOND", "{secret=\"geheim\"}", ["dns.keys.second", "{ file"]),
    ] {
        let output = mailwright(&data).arg("serve").env(key, value).output().await.expect("it runs");
        refused(&output, &words);
    }
    assert!(!data.exists(), "nothing was made");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = mailwright(&data).arg("serve").env("MAILWRIGHT_SANDBOX__DNS_LISTEN", &address).output().await;
    refused(&output.expect("it runs"), &["sandbox.dns_listen", &address]);
}

#[test]
fn the_zones_of_embedded_accounts_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mailwright.toml");
    let said = "[accounts.own]\nkind = \"embedded\"\nnameservers = \"ns1.example.com ns2.example.com\"\n\n[dns]\nlisten = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\nhostmaster = \"dns@example.com\"\n";
    std::fs::write(&file, said).expect("a file");
    let config = Config::load(Some(&file), &server::config::Flags::default()).expect("it is fine");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let places = runtime.block_on(async { name_servers::places(&config) }).expect("two free ports");
    assert_eq!(places.len(), 1);
}

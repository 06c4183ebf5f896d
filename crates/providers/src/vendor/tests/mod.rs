//! The client against real sockets of this machine.

mod limits;
mod seen;
mod silence;
mod stub;

use model::clock::HandClock;
use serde_json::{Value, json};

use self::stub::{Act, Stub, answer};
use super::*;
use crate::trouble::Trouble;

const NOON: Time = Time(1_778_241_600_000_000);

/// An account at a stub, and the clock that it goes by.
fn account_with(port: u16, change: impl FnOnce(&mut VendorSettings)) -> (Arc<Vendor>, Arc<HandClock>) {
    let mut settings =
        VendorSettings::new("main", format!("http://127.0.0.1:{port}/v2"), Auth::Bearer("hush-hush".into()));
    change(&mut settings);
    let clock = HandClock::at(NOON);
    (Arc::new(Vendor::new(settings, Egress::new(false).unwrap(), clock.clone()).unwrap()), clock)
}

fn account(stub: &Stub) -> Arc<Vendor> {
    account_with(stub.port, |_| {}).0
}

fn look() -> Request {
    Request::new("look", Method::Get, &["domains", "acme.com"])
}

fn buy() -> Request {
    Request::new("buy", Method::Post, &["domains"]).body(json!({ "name": "acme.com" }))
}

/// What a look and a purchase are told when this is what happens to them.
async fn both(act: Act) -> (Result<u16, Trouble>, Result<u16, Trouble>) {
    let stub = Stub::new(vec![act]).await;
    let vendor = account(&stub);
    let status = |told: Result<Answer, Trouble>| told.map(|answer| answer.status);
    // A second account: the first one may not be asked again.
    (status(vendor.call(look()).await), status(account(&stub).call(buy()).await))
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made_with_what_the_account_adds() {
    let stub = Stub::new(vec![stub::json(201, "X-Request-Id: r-1\r\n", r#"{"id":7}"#)]).await;
    let vendor = account_with(stub.port, |settings| settings.headers = vec![("x-version", "3".into())]).0;
    let told = vendor.call(buy().query("dry", "no").header("x-idempotency-key", "k1")).await.unwrap();
    assert_eq!((told.status, told.request_id(), told.json::<Value>().unwrap()), (201, Some("r-1"), json!({ "id": 7 })));
    let seen = stub.seen().remove(0);
    assert!(seen.starts_with("POST /v2/domains?dry=no HTTP/1.1\r\n"), "{seen}");
    for line in [
        "authorization: Bearer hush-hush",
        "accept: application/json",
        "content-type: application/json",
        "x-version: 3",
        "x-idempotency-key: k1",
        "user-agent: Mailwright/",
    ] {
        assert!(seen.contains(line), "{line}: {seen}");
    }
    assert!(seen.ends_with(r#"{"name":"acme.com"}"#));
}

#[tokio::test]
async fn every_vendor_is_told_in_its_own_way_who_asks() {
    let secret = || "a b&c".into();
    for (auth, sent) in [
        (Auth::Basic("me".into(), secret()), "authorization: Basic bWU6YSBiJmM="),
        (Auth::Headers(vec![("x-api-key", secret()), ("x-secret-api-key", secret())]), "x-secret-api-key: a b&c"),
        (Auth::Query(vec![("api_key", secret())]), "GET /v2/domains/acme.com?page=2&api_key=a+b%26c HTTP/1.1"),
        (Auth::Nobody, "GET /v2/domains/acme.com?page=2 HTTP/1.1"),
    ] {
        let stub = Stub::new(vec![stub::json(200, "", "{}")]).await;
        let vendor = account_with(stub.port, |settings| settings.auth = auth).0;
        vendor.call(look().query("page", "2")).await.unwrap();
        assert!(stub.seen()[0].contains(sent), "{sent}: {}", stub.seen()[0]);
    }
}

#[tokio::test]
async fn a_clear_answer_is_one_whatever_its_status_and_type() {
    let html = "Content-Type: text/html\r\n";
    for (status, headers, body) in [
        (200, html, r#"{"avail":"yes"}"#),
        (202, "", "{}"),
        (204, "", ""),
        (400, "", r#"{"message":"too early"}"#),
        (404, html, r#"{"message":"no such domain"}"#),
        (422, "", "{}"),
    ] {
        let (looked, bought) = both(Act::Say(answer(status, headers, body))).await;
        assert_eq!((looked, bought), (Ok(status), Ok(status)), "{status}");
    }
}

#[tokio::test]
async fn what_says_nothing_is_unknown_after_a_write_and_asked_again_after_a_look() {
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":7".to_owned();
    for act in [
        Act::HangUp,
        Act::Say(answer(500, "", "{}")),
        Act::Say(answer(502, "Content-Type: text/html\r\n", "<h1>Bad Gateway</h1>")),
        Act::Say(answer(404, "Content-Type: text/html\r\n", "<h1>Not Found</h1>")),
        Act::Say(answer(200, "", r#"{"data":[{"#)),
        Act::Say(broken),
        Act::Say("this is not HTTP\r\n\r\n".into()),
    ] {
        let shown = format!("{act:?}");
        assert_eq!(both(act).await, (Err(Trouble::Later(None)), Err(Trouble::Unknown)), "{shown}");
    }
}

#[tokio::test]
async fn what_the_operator_has_to_mend_says_so_and_a_redirect_is_not_followed() {
    let elsewhere = Stub::new(vec![stub::json(200, "", "{}")]).await;
    let location = format!("Location: http://127.0.0.1:{}/v2\r\n", elsewhere.port);
    for (status, headers, word) in
        [(401, "", "credentials"), (403, "", "permission"), (307, &*location, "base address")]
    {
        let (looked, bought) = both(Act::Say(answer(status, headers, "{}"))).await;
        for told in [looked, bought] {
            let Err(Trouble::Misconfigured(words)) = told else { panic!("{status}: {told:?}") };
            assert!(words.contains(word) && words.contains("main"), "{words}");
        }
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn nobody_who_listens_means_that_nothing_was_bought() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let vendor = account_with(port, |_| {}).0;
    assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Later(None));
    let nowhere = account_with(port, |settings| settings.base_url = "https://api.acme.invalid".into()).0;
    assert_eq!(nowhere.call(buy()).await.unwrap_err(), Trouble::Later(None));
    let no_tls = Stub::new(vec![Act::Say("plain words\r\n".into())]).await;
    let plain = account_with(port, |settings| settings.base_url = format!("https://127.0.0.1:{}", no_tls.port)).0;
    let told = tokio::time::timeout(Duration::from_secs(20), plain.call(buy().within(Duration::from_secs(10))));
    assert_eq!(told.await.unwrap().unwrap_err(), Trouble::Later(None), "nothing is bought before the handshake");
}

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_end_in_time_is_none() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{";
    for act in [Act::Stall(""), Act::Stall("HTTP/1.1 200 OK\r\nX-"), Act::Stall(begun), Act::Drip(begun)] {
        let shown = format!("{act:?}");
        assert_eq!(both(act).await, (Err(Trouble::Later(None)), Err(Trouble::Unknown)), "{shown}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_none() {
    let large = format!("[{}1]", "1,".repeat(600_000));
    let stub = Stub::new(vec![stub::json(200, "", &large)]).await;
    let small = account_with(stub.port, |settings| settings.max_answer = 100_000).0;
    assert_eq!(small.call(buy()).await.unwrap_err(), Trouble::Unknown);
    assert_eq!(account(&stub).call(look()).await.unwrap().body.len(), large.len());
}

#[tokio::test]
async fn nothing_is_sent_twice() {
    let kept = answer(200, "Content-Type: application/json\r\n", "{}");
    let stub = Stub::new(vec![Act::Keep(kept), Act::HangUp]).await;
    let vendor = account(&stub);
    vendor.call(look()).await.unwrap();
    assert_eq!(vendor.call(buy()).await.unwrap_err(), Trouble::Unknown, "on a connection that was kept, too");
    let bought = stub.seen().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(bought, 1);
}

#[tokio::test]
async fn a_path_with_an_empty_part_is_not_sent() {
    let stub = Stub::new(vec![stub::json(200, "", "{}")]).await;
    let told = account(&stub).call(Request::new("remove", Method::Delete, &["zones", ""])).await;
    assert!(matches!(told, Err(Trouble::Misconfigured(_))) && stub.seen().is_empty());
    let unfit = account_with(stub.port, |settings| settings.auth = Auth::Bearer("two\nlines".into())).0;
    assert!(matches!(unfit.call(look()).await, Err(Trouble::Misconfigured(_))) && stub.seen().is_empty());
}

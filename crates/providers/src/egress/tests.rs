//! The guard against real sockets of this machine.

use std::future::pending;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

/// Long enough never to matter.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

fn limits(bytes: usize, timeout: Duration) -> Limits {
    Limits { bytes, timeout, trust: Trust::Development }
}

pub(super) fn development() -> Egress {
    Egress::new(true).unwrap()
}

/// Everything up to the end of a request without a body, or with the body `ping`.
async fn read_request(stream: &TcpStream) -> String {
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") && !request.ends_with("ping") {
        stream.readable().await.unwrap();
        let mut buffer = [0; 4096];
        if let Ok(count) = stream.try_read(&mut buffer) {
            assert_ne!(count, 0, "the client hung up after {request:?}");
            request.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
    }
    request
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        stream.writable().await.unwrap();
        if let Ok(count) = stream.try_write(bytes) {
            bytes = &bytes[count..];
        }
    }
}

/// Answers one connection with `answer`, then closes it, and refuses all further ones. Yields the request.
pub(super) async fn answer_once(answer: impl Into<Vec<u8>>) -> (u16, JoinHandle<String>) {
    let answer = answer.into();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let request = read_request(&stream).await;
        write_all(&stream, &answer).await;
        request
    });
    (port, served)
}

/// Sends the beginning of an answer and never the rest.
pub(super) async fn answer_and_stall(beginning: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        read_request(&stream).await;
        write_all(&stream, beginning.as_bytes()).await;
        pending::<()>().await;
    });
    port
}

#[tokio::test]
async fn a_post_arrives_as_written_and_its_answer_is_read() {
    let answer = "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy";
    let (port, served) = answer_once(answer.to_owned()).await;
    let headers = vec![("webhook-id".to_owned(), "evt_1".to_owned())];
    let url = format!("http://localhost:{port}/hook");
    let reply = development().post(&url, headers, b"ping".to_vec(), PATIENCE, Trust::Development).await.unwrap();
    let expected = Reply {
        status: 503,
        retry_after: Some(RetryAfter::Seconds(120)),
        content_type: Some("text/plain".to_owned()),
        body: b"busy".to_vec(),
        complete: true,
    };
    assert_eq!(reply, expected);
    let request = served.await.unwrap();
    assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("webhook-id: evt_1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: Mailwright/", env!("CARGO_PKG_VERSION"), "\r\n")), "{request}");
    assert!(request.ends_with("\r\n\r\nping"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_owned();
    let (port, served) = answer_once(answer).await;
    let reply = development().get(&format!("http://127.0.0.1:{port}/"), limits(100, PATIENCE)).await.unwrap();
    assert_eq!(reply.status, 302);
    assert!(served.await.unwrap().starts_with("GET / "));
}

#[tokio::test]
async fn one_kibibyte_of_a_long_answer_to_a_post_is_kept() {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{}", "x".repeat(5000));
    let (port, _served) = answer_once(answer).await;
    let url = format!("http://127.0.0.1:{port}/");
    let reply = development().post(&url, Vec::new(), b"ping".to_vec(), PATIENCE, Trust::Development).await.unwrap();
    assert_eq!((reply.body.len(), reply.complete), (1024, false));
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_complete() {
    let (port, _served) = answer_once("HTTP/1.1 200 OK\r\n\r\n12345".to_owned()).await;
    let reply = development().get(&format!("http://127.0.0.1:{port}/"), limits(5, PATIENCE)).await.unwrap();
    assert_eq!((reply.body.as_slice(), reply.complete), (b"12345".as_slice(), true));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_marked_so() {
    let (port, _served) = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123".to_owned()).await;
    let reply = development().get(&format!("http://127.0.0.1:{port}/"), limits(100, PATIENCE)).await.unwrap();
    assert_eq!((reply.status, reply.complete), (200, false));
}

#[tokio::test]
async fn the_timeout_covers_the_body_too() {
    let port = answer_and_stall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123").await;
    let url = format!("http://127.0.0.1:{port}/");
    let outcome = development().get(&url, limits(100, Duration::from_millis(50))).await;
    assert_eq!(outcome, Err(EgressError::Timeout));
}

#[tokio::test]
async fn a_body_that_nobody_wants_is_not_waited_for() {
    let port = answer_and_stall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").await;
    let reply = development().get(&format!("http://127.0.0.1:{port}/"), limits(0, PATIENCE)).await.unwrap();
    assert_eq!((reply.status, reply.body.len(), reply.complete), (200, 0, false));
}

#[tokio::test]
async fn loopback_takes_both_a_guard_and_a_call_that_allow_it() {
    let strict = Egress::new(false).unwrap();
    for (guard, trust) in [
        (&strict, Trust::Live),
        (&strict, Trust::Sandbox),
        (&strict, Trust::Development),
        (&development(), Trust::Live),
        (&development(), Trust::Sandbox),
    ] {
        for url in ["https://127.0.0.1:1/", "https://[::1]:1/", "https://localhost:1/"] {
            let outcome = guard.post(url, Vec::new(), Vec::new(), PATIENCE, trust).await;
            assert_eq!(outcome, Err(EgressError::NotPublic), "{url}");
        }
        let plain = guard.post("http://127.0.0.1:1/", Vec::new(), Vec::new(), PATIENCE, trust).await;
        let stopped = if trust == Trust::Live { EgressError::BadUrl(UrlFault::Scheme) } else { EgressError::NotPublic };
        assert_eq!(plain, Err(stopped));
    }
}

#[tokio::test]
async fn an_inner_name_looks_the_same_whether_it_exists_or_not() {
    let client = client(Trust::Sandbox).unwrap();
    let inner = client.get("http://localhost:1/").send().await.unwrap_err();
    // No resolver needs a network to know that a label has 63 bytes at most.
    let missing = client.get(format!("http://{}.example.com/", "a".repeat(64))).send().await.unwrap_err();
    let (inner, missing) = (EgressError::from(inner), EgressError::from(missing));
    assert_eq!((inner, inner.to_string()), (EgressError::Unresolved, missing.to_string()));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_a_fault_of_its_own() {
    // No resolver needs a network to know that a label has 63 bytes at most.
    let url = format!("http://{}.example.com/", "a".repeat(64));
    let outcome = development().get(&url, limits(1, PATIENCE)).await;
    assert_eq!(outcome, Err(EgressError::Unresolved));
}

#[tokio::test]
async fn nobody_listening_is_a_connection_fault() {
    let outcome = development().get("http://127.0.0.1:1/", limits(1, PATIENCE)).await;
    assert_eq!(outcome, Err(EgressError::Connect));
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_fault() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        write_all(&stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        pending::<()>().await;
    });
    let outcome = development().get(&format!("https://127.0.0.1:{port}/"), limits(1, PATIENCE)).await;
    assert_eq!(outcome, Err(EgressError::Tls));
}

/// Nobody is sent anything at an address to which there is no way: that is this machine's trouble, and not the other side's, while
/// somebody at whom nobody listens has none.
#[tokio::test]
async fn an_address_to_which_this_machine_has_no_way_is_told_apart_from_one_where_nobody_listens() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let limits = Limits { trust: Trust::Operator, ..limits(1, PATIENCE) };
    for (host, fault) in [("255.255.255.255", EgressError::Ours), ("127.0.0.1", EgressError::Connect)] {
        let url = format!("https://{host}:{port}/");
        assert_eq!(development().get(&url, limits).await, Err(fault), "{host}");
    }
}

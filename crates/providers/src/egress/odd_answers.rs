//! Answers to a POST that are odd, and answers all the same.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::tests::{PATIENCE, answer_and_stall, answer_once, development};
use super::{EgressError, Reply, RetryAfter, Trust};

async fn post(port: u16, timeout: Duration) -> Result<Reply, EgressError> {
    let url = format!("http://127.0.0.1:{port}/");
    development().post(&url, Vec::new(), b"ping".to_vec(), timeout, Trust::Development).await
}

async fn answered(answer: impl Into<Vec<u8>>) -> Result<Reply, EgressError> {
    let (port, _served) = answer_once(answer).await;
    post(port, PATIENCE).await
}

#[tokio::test]
async fn a_2xx_with_odd_headers_is_one() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-More: 1\r\n".repeat(500));
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(60_000));
    let odd: [&[u8]; 23] = [
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 200 \r\n\r\n",
        b"HTTP/1.0 200 OK\n\n",
        b"HTTP/1.1 200 \xc3\x9cber \xff gut\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: caf\xe9\r\nContent-Type: text/\xff\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon at all\r\nX-B: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX C: 1\r\n: 2\r\n\xc3\xbc: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-D : 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-E: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-F: a\x01b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nRetry-After: \xff\r\nRetry-After: soon\r\nDate: never\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nlonger than it says",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\x02\x80",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno size",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n0123456789",
        b"HTTP/1.1 299 Whatever\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        many.as_bytes(),
        long.as_bytes(),
    ];
    for answer in odd {
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(120)]).into_owned();
        let reply = answered(answer).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert!((200..300).contains(&reply.status), "{shown}: {reply:?}");
    }
}

/// The clock goes on when nothing else does: when all that comes has come.
#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_takes_nothing_from_the_answer() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123";
    let reply = post(answer_and_stall(begun).await, PATIENCE).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice(), reply.complete), (200, b"123".as_slice(), false));
    let begun = "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nTransfer-Encoding: chunked\r\n\r\n";
    let reply = post(answer_and_stall(begun).await, PATIENCE).await.unwrap();
    assert_eq!((reply.status, reply.retry_after), (503, Some(RetryAfter::Seconds(120))));
    let nothing = post(answer_and_stall("HTTP/1.1 200 OK\r\nX-").await, PATIENCE).await;
    assert_eq!(nothing, Err(EgressError::Timeout), "an answer begins with all of its headers");
}

#[tokio::test]
async fn the_first_retry_after_that_makes_sense_counts() {
    let answer = "HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nRetry-After: 0090\r\nRetry-After: 5\r\n\r\n";
    assert_eq!(answered(answer).await.unwrap().retry_after, Some(RetryAfter::Seconds(90)));
    let answer = format!("HTTP/1.1 429 Slow\r\nRetry-After: {}\r\n\r\n", "9".repeat(400));
    assert_eq!(answered(answer).await.unwrap().retry_after, Some(RetryAfter::Seconds(u64::MAX)));
}

#[tokio::test]
async fn a_packed_answer_is_kept_unpacked() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all("The order is not known here. ".repeat(200).as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let head = format!("HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let reply = answered([head.as_bytes(), &packed].concat()).await.unwrap();
    assert_eq!((reply.status, reply.body.len(), reply.complete), (422, 1024, false));
    assert!(reply.body.starts_with(b"The order is not known here. The"), "{:?}", String::from_utf8_lossy(&reply.body));
}

//! Whatever comes over HTTP: it is answered in a few bytes, or not at all.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::Bounds;
use super::rig::{heard, rig, said};

fn status(said: &str) -> &str {
    said.split(' ').nth(1).unwrap_or_default()
}

/// The value of a header.
fn header<'s>(said: &'s str, name: &str) -> Option<&'s str> {
    said.lines()
        .find_map(|line| line.split_once(": ").filter(|(one, _)| one.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value)
}

#[tokio::test]
async fn requests_are_answered_as_they_should_be() {
    let rig = rig(Bounds::default());
    for (sent, wanted, location) in [
        ("GET /a?b HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n", "301", Some("https://acme.com/a?b")),
        (
            "HEAD / HTTP/1.1\r\nHost: WWW.TEAM-ACME.COM.:80\r\nConnection: close\r\n\r\n",
            "301",
            Some("https://acme.com/"),
        ),
        ("GET / HTTP/1.0\r\nHost: team-acme.com\r\n\r\n", "301", Some("https://acme.com/")),
        ("GET / HTTP/1.0\r\n\r\n", "404", None),
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400", None),
        ("GET / HTTP/1.1\r\nHost: a.com\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n", "400", None),
        ("GET / HTTP/1.1\r\nHost: nobody.com\r\nConnection: close\r\n\r\n", "404", None),
        (
            "GET http://team-acme.com/c HTTP/1.1\r\nHost: nobody.com\r\nConnection: close\r\n\r\n",
            "301",
            Some("https://acme.com/c"),
        ),
        ("CONNECT team-acme.com:443 HTTP/1.1\r\nHost: team-acme.com:443\r\nConnection: close\r\n\r\n", "405", None),
        ("OPTIONS * HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n", "301", Some("https://acme.com/")),
        (
            "GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n",
            "200",
            None,
        ),
        (
            "GET /.well-known/acme-challenge/other HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n",
            "404",
            None,
        ),
        (
            "GET /.well-known/acme-challenge/trouble HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n",
            "404",
            None,
        ),
        ("GET / HTTP/9.9\r\nHost: team-acme.com\r\n\r\n", "400", None),
        ("\x16\x03\x01\x02\x00\x01", "400", None),
        ("rubbish\r\n\r\n", "400", None),
        ("GET /\0 HTTP/1.1\r\nHost: team-acme.com\r\n\r\n", "400", None),
        ("GET / HTTP/1.1\r\nHost: team-acme.com\r\nX\0: y\r\n\r\n", "400", None),
        ("GET / HTTP/1.1\r\nHost: team-acme.com\r\nContent-Length: 1, 2\r\n\r\n", "400", None),
        ("GET / HTTP/1.1\r\nHost: team-acme.com\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "400", None),
    ] {
        let said = said(rig.http, sent.as_bytes()).await;
        assert_eq!(status(&said), wanted, "{sent:?}: {said}");
        assert_eq!(header(&said, "location"), location, "{sent:?}");
        assert_eq!(header(&said, "strict-transport-security"), None, "never in the clear");
    }
}

/// Nothing that stands in a request becomes a line of an answer.
#[tokio::test]
async fn no_line_is_smuggled_into_an_answer() {
    let rig = rig(Bounds::default());
    for path in [
        "/%0d%0aSet-Cookie:%20a=b",
        "/%E5%98%8A%E5%98%8DSet-Cookie:%20a=b",
        "/\u{560a}\u{560d}Set-Cookie:a=b",
        "/?\u{560d}\u{560a}Set-Cookie:a=b",
        "/a\rSet-Cookie:a=b",
        "/a\x0bSet-Cookie:a=b",
        "/\\evil.com",
        "//evil.com",
        "/\"<script>",
    ] {
        let sent = format!("GET {path} HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n");
        let said = said(rig.http, sent.as_bytes()).await;
        assert_eq!(header(&said, "set-cookie"), None, "{path:?}: {said}");
        let location = header(&said, "location");
        assert!(matches!(status(&said), "301" | "400"), "{path:?}: {said}");
        assert_eq!(location.is_some(), status(&said) == "301");
        assert!(location.is_none_or(|location| location.starts_with("https://acme.com/")), "{path:?}: {said}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let rig = rig(Bounds { head: 8_192, ..Bounds::default() });
    let begin = "GET / HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n";
    let fits = format!("{begin}X: {}\r\n\r\n", "a".repeat(6_000));
    assert_eq!(status(&said(rig.http, fits.as_bytes()).await), "301");
    let many: String = (0..200).map(|n| format!("X{n}: y\r\n")).collect();
    for (sent, wanted) in [
        (format!("{begin}X: {}\r\n\r\n", "a".repeat(20_000)), "431"),
        (format!("{begin}{many}\r\n"), "431"),
        (format!("GET /{} HTTP/1.1\r\nHost: team-acme.com\r\n\r\n", "a".repeat(9_000)), "431"),
    ] {
        let said = said(rig.http, sent.as_bytes()).await;
        // Whoever still sends when the door is closed may not hear why.
        assert!(said.is_empty() || status(&said) == wanted, "{said}");
    }
    assert_eq!(status(&said(rig.http, fits.as_bytes()).await), "301", "others are served");
}

#[tokio::test]
async fn a_body_is_not_waited_for() {
    let rig = rig(Bounds::default());
    for body in [
        "Content-Length: 1000000000\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\nffffff\r\nabc",
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    ] {
        let said = said(rig.http, format!("POST / HTTP/1.1\r\nHost: team-acme.com\r\n{body}").as_bytes()).await;
        assert_eq!(status(&said), "301", "{body:?}: {said}");
    }
}

#[tokio::test]
async fn many_requests_may_be_sent_at_once_and_are_answered_in_their_order() {
    let rig = rig(Bounds::default());
    let mut all = String::new();
    for n in 0..500 {
        let last = if n == 499 { "Connection: close\r\n" } else { "" };
        all.push_str(&format!("GET /{n} HTTP/1.1\r\nHost: team-acme.com\r\n{last}\r\n"));
    }
    let stream = TcpStream::connect(rig.http).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let mut said = String::new();
    let (written, read) = tokio::join!(writer.write_all(all.as_bytes()), reader.read_to_string(&mut said));
    written.unwrap();
    read.unwrap();
    let paths: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("location: https://acme.com/")).collect();
    assert_eq!(paths, (0..500).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte() {
    let rig = rig(Bounds::default());
    let mut stream = TcpStream::connect(rig.http).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in b"GET /slow HTTP/1.1\r\nHost: team-acme.com\r\nConnection: close\r\n\r\n" {
        stream.write_all(&[*byte]).await.unwrap();
    }
    assert_eq!(header(&heard(&mut stream).await, "location"), Some("https://acme.com/slow"));
}

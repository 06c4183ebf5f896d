//! Who gets a place, how long they may keep it, and what a stop does.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::Bounds;
use super::rig::{Rig, heard, rig};

const ASKED: &[u8] = b"GET / HTTP/1.1\r\nHost: team-acme.com\r\n\r\n";

/// A connection that was answered once and stays.
async fn staying(rig: &Rig) -> TcpStream {
    let mut stream = TcpStream::connect(rig.http).await.unwrap();
    stream.write_all(ASKED).await.unwrap();
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.unwrap();
    stream
}

#[tokio::test]
async fn places_are_bounded_over_both_sides_and_come_back() {
    let rig = rig(Bounds { connections_per_network: 2, ..Bounds::default() });
    let held = [staying(&rig).await, staying(&rig).await];
    for address in [rig.http, rig.https] {
        let mut third = TcpStream::connect(address).await.unwrap();
        assert_eq!(heard(&mut third).await, "");
    }
    assert_eq!(rig.counts.turned_away.load(Ordering::SeqCst), 2);
    drop(held);
    rig.counts.until_open(0).await;
    staying(&rig).await;
}

/// The server's own clock decides, and it is turned by hand: nobody waits here.
#[tokio::test(start_paused = true)]
async fn whoever_is_idle_or_slow_or_stays_for_ever_is_let_go() {
    let short = Duration::from_secs(3);
    let (request, connection) =
        (Bounds { request: short, ..Bounds::default() }, Bounds { connection: short, ..Bounds::default() });
    for (bounds, sent) in [
        (&request, &b""[..]),
        (&request, b"GET / HT"),
        (&request, b"GET / HTTP/1.1\r\nHost: team-acme.com\r\nX: "),
        (&request, ASKED),
        (&connection, b"GET / HT"),
        (&connection, ASKED),
    ] {
        let rig = rig(bounds.clone());
        let mut stream = TcpStream::connect(rig.http).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let before = tokio::time::Instant::now();
        heard(&mut stream).await;
        assert!(before.elapsed() < short * 2, "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_its_time() {
    for sent in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let rig = rig(Bounds { handshake: Duration::from_secs(3), ..Bounds::default() });
        let mut stream = TcpStream::connect(rig.https).await.unwrap();
        stream.write_all(sent).await.unwrap();
        heard(&mut stream).await;
        rig.counts.until_open(0).await;
        assert_eq!(rig.counts.failed.load(Ordering::SeqCst), 1);
    }
}

/// Somebody who sends for ever and takes no answer holds up nobody but themselves, and is let go.
#[tokio::test]
async fn whoever_takes_no_answers_is_let_go() {
    let rig = rig(Bounds { connection: Duration::from_millis(200), ..Bounds::default() });
    let stream = TcpStream::connect(rig.http).await.unwrap();
    let (_reader, mut writer) = stream.into_split();
    while writer.write_all(ASKED).await.is_ok() {}
    staying(&rig).await;
}

#[tokio::test]
async fn a_stop_ends_connections_between_requests() {
    let rig = rig(Bounds::default());
    let mut stream = staying(&rig).await;
    rig.stop.cancel();
    rig.served.await.unwrap();
    heard(&mut stream).await;
    assert!(TcpStream::connect(rig.http).await.is_err());
    assert!(TcpStream::connect(rig.https).await.is_err());
}

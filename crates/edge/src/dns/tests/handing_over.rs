//! Whole zones on real sockets: places for them, and whoever does not take theirs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::Bounds;
use super::sockets::{Rig, framed, is_closed, over_udp, read, rig};
use super::*;

/// More than all buffers between two sockets hold, in sets as long as they get.
fn large() -> Zone {
    let texts: Vec<_> = (0..180).map(|n| format!("{n}{}", "k".repeat(240))).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    Zone {
        name: "large.com".into(),
        ..zone((0..200).map(|n| set(&format!("h{n}.large.com"), RrType::Txt, &texts)).collect())
    }
}

fn with_large(rig: &Rig) {
    let put = vec![Rendered::of(&large()).unwrap()];
    assert_eq!(rig.zones.publish(Update { put, ..Update::default() }), []);
}

/// A question that is signed by whoever may have zones.
fn signed(rtype: RecordType) -> Vec<u8> {
    let mut message = question("large.com.", rtype);
    message.finalize(&signer("second.example."), NOW).unwrap();
    framed(&message)
}

async fn begun(rig: &Rig) -> TcpStream {
    let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
    stream.write_all(&signed(RecordType::AXFR)).await.unwrap();
    stream.peek(&mut [0; 1]).await.unwrap();
    stream
}

#[tokio::test]
async fn a_network_has_so_many_transfers_at_once_and_they_come_back() {
    let rig = rig(Bounds { transfers_per_network: 1, ..Bounds::default() }).await;
    with_large(&rig);
    let mut first = begun(&rig).await;
    let mut second = begun(&rig).await;
    assert_eq!(read(&mut second).await.response_code, ResponseCode::ServFail);
    assert_eq!(rig.counts.put_off.load(Ordering::Relaxed), 1);

    // What is asked meanwhile is answered afterwards, and then the place is free.
    first.write_all(&signed(RecordType::SOA)).await.unwrap();
    let mut soas = 0;
    while soas < 3 {
        let message = read(&mut first).await;
        soas += message.answers.iter().filter(|record| record.record_type() == RecordType::SOA).count();
    }
    assert_eq!(rig.counts.handed_over.load(Ordering::Relaxed), 1);
    second.write_all(&signed(RecordType::AXFR)).await.unwrap();
    assert_eq!(read(&mut second).await.response_code, ResponseCode::NoError);
}

#[tokio::test]
async fn whoever_does_not_take_a_zone_is_let_go() {
    let short = Duration::from_millis(50);
    for bounds in [Bounds { transfer: short, ..Bounds::default() }, Bounds { message: short, ..Bounds::default() }] {
        let rig = rig(bounds).await;
        with_large(&rig);
        let mut stream = begun(&rig).await;
        rig.counts.until_open(0).await;
        assert_eq!(rig.counts.handed_over.load(Ordering::Relaxed), 0);
        let mut taken = vec![];
        let _ = stream.read_to_end(&mut taken).await;
        assert!(is_closed(&mut stream).await);
        assert_eq!(over_udp(rig.addresses[0], &question("acme.com.", RecordType::A)).await.answers.len(), 1);
    }
}

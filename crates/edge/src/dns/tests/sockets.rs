//! The server on real sockets of this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use model::dns::RrType;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::{Bounds, Changes, Listener, Service, Source, Tally, Transferred, follow, serve};
use super::*;

#[derive(Default)]
pub(super) struct Counts {
    turned_away: AtomicUsize,
    held_back: AtomicUsize,
    pub(super) handed_over: AtomicUsize,
    pub(super) put_off: AtomicUsize,
    open: AtomicUsize,
    changed: Notify,
}

impl Tally for Counts {
    fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_waiters();
    }

    fn held_back(&self, _: bool) {
        self.held_back.fetch_add(1, Ordering::Relaxed);
    }

    fn transferred(&self, ended: Transferred) {
        match ended {
            Transferred::Done => self.handed_over.fetch_add(1, Ordering::Relaxed),
            Transferred::PutOff => self.put_off.fetch_add(1, Ordering::Relaxed),
            Transferred::Broken => 0,
        };
    }

    fn connections(&self, open: usize) {
        self.open.store(open, Ordering::Relaxed);
        self.changed.notify_waiters();
    }
}

impl Counts {
    pub(super) async fn until_open(&self, wanted: usize) {
        loop {
            let changed = self.changed.notified();
            if self.open.load(Ordering::Relaxed) == wanted {
                return;
            }
            changed.await;
        }
    }
}

pub(super) struct Rig {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) counts: Arc<Counts>,
    pub(super) zones: Arc<Zones>,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

pub(super) async fn rig(bounds: Bounds) -> Rig {
    let texts: Vec<_> = (0..30).map(|n| format!("{n}{}", "k".repeat(200))).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let zones = Arc::new(zones(&[zone(vec![
        set("acme.com", RrType::A, &["192.0.2.1"]),
        set("long.acme.com", RrType::Txt, &texts),
    ])]));
    let mut listeners = vec![];
    for address in ["127.0.0.1:0", "127.0.0.1:0"] {
        listeners.push(Listener::bind(address.parse().unwrap(), 2).unwrap());
    }
    let addresses = listeners.iter().map(|one| one.address().unwrap()).collect();
    let (counts, stop) = (Arc::new(Counts::default()), CancellationToken::new());
    let service = Service::new(zones.clone(), bounds, Arc::new(Standing), counts.clone()).with_keys(keys());
    let served = tokio::spawn(serve(listeners, Arc::new(service), stop.clone()));
    Rig { addresses, counts, zones, stop, served }
}

pub(super) fn framed(message: &Message) -> Vec<u8> {
    let bytes = message.to_vec().unwrap();
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], &bytes].concat()
}

pub(super) async fn read(stream: &mut TcpStream) -> Message {
    let mut bytes = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut bytes).await.unwrap();
    Message::from_vec(&bytes).unwrap()
}

pub(super) async fn over_udp(address: SocketAddr, message: &Message) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(address).await.unwrap();
    socket.send(&message.to_vec().unwrap()).await.unwrap();
    let mut bytes = vec![0; 4096];
    let length = socket.recv(&mut bytes).await.unwrap();
    Message::from_vec(&bytes[..length]).unwrap()
}

/// Whether the other side has closed, without another word.
pub(super) async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn questions_are_answered_on_every_address_over_udp_and_tcp() {
    let rig = rig(Bounds::default()).await;
    for address in &rig.addresses {
        let asked = question("acme.com.", RecordType::A);
        assert_eq!(over_udp(*address, &asked).await.answers.len(), 1);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&framed(&asked)).await.unwrap();
        assert_eq!(read(&mut stream).await.answers.len(), 1);
    }
    let long = question("long.acme.com.", RecordType::TXT);
    assert!(over_udp(rig.addresses[0], &long).await.truncation);
}

#[tokio::test]
async fn many_questions_may_be_sent_at_once_and_are_answered_in_their_order() {
    let rig = rig(Bounds::default()).await;
    let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
    let mut all = vec![];
    for id in 0..500 {
        let mut message = question("long.acme.com.", RecordType::TXT);
        message.metadata.id = id;
        all.extend(framed(&message));
    }
    let (mut reader, mut writer) = stream.split();
    let writing = async { writer.write_all(&all).await.unwrap() };
    let reading = async {
        for id in 0..500 {
            let mut bytes = vec![0; usize::from(reader.read_u16().await.unwrap())];
            reader.read_exact(&mut bytes).await.unwrap();
            let answer = Message::from_vec(&bytes).unwrap();
            assert_eq!((answer.id, answer.answers.len()), (id, 30));
        }
    };
    tokio::join!(writing, reading);
}

#[tokio::test]
async fn places_are_bounded_and_come_back() {
    let rig = rig(Bounds { connections_per_network: 2, ..Bounds::default() }).await;
    let asked = framed(&question("acme.com.", RecordType::A));
    let mut held = vec![];
    for _ in 0..2 {
        let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
        stream.write_all(&asked).await.unwrap();
        read(&mut stream).await;
        held.push(stream);
    }
    let mut third = TcpStream::connect(rig.addresses[1]).await.unwrap();
    assert!(is_closed(&mut third).await);
    assert_eq!(rig.counts.turned_away.load(Ordering::Relaxed), 1);
    held.clear();
    rig.counts.until_open(0).await;
    let mut fourth = TcpStream::connect(rig.addresses[0]).await.unwrap();
    fourth.write_all(&asked).await.unwrap();
    assert_eq!(read(&mut fourth).await.answers.len(), 1);
}

/// The server's own clock decides, and it is turned by hand: nobody waits here.
#[tokio::test(start_paused = true)]
async fn whoever_is_idle_or_slow_or_stays_for_ever_is_let_go() {
    let short = Duration::from_secs(3);
    for (bounds, sent) in [
        (Bounds { idle: short, ..Bounds::default() }, &b""[..]),
        (Bounds { idle: short, ..Bounds::default() }, b"\0"),
        (Bounds { message: short, ..Bounds::default() }, b"\0\x30half of it"),
        (Bounds { connection: short, ..Bounds::default() }, b"\0\x30half of it"),
    ] {
        let rig = rig(bounds).await;
        let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
        stream.write_all(sent).await.unwrap();
        assert!(is_closed(&mut stream).await);
    }
}

#[tokio::test]
async fn whoever_sends_nonsense_over_tcp_is_let_go() {
    let rig = rig(Bounds::default()).await;
    for sent in [&b"\xff\xff"[..], b"\0\x03abc", b"\0\0"] {
        let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
        stream.write_all(sent).await.unwrap();
        assert!(is_closed(&mut stream).await, "{sent:?}");
    }
}

/// Somebody who sends for ever and takes no answer holds up nobody but themselves, and is let go.
#[tokio::test]
async fn whoever_takes_no_answers_is_let_go() {
    let rig = rig(Bounds { message: Duration::from_millis(50), ..Bounds::default() }).await;
    let asked = framed(&question("long.acme.com.", RecordType::TXT));
    let stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
    let (_reader, mut writer) = stream.into_split();
    let ended = async { while writer.write_all(&asked).await.is_ok() {} };
    ended.await;
    assert_eq!(over_udp(rig.addresses[0], &question("acme.com.", RecordType::A)).await.answers.len(), 1);
}

#[tokio::test]
async fn a_stop_ends_connections_between_questions() {
    let rig = rig(Bounds::default()).await;
    let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
    stream.write_all(&framed(&question("acme.com.", RecordType::A))).await.unwrap();
    assert_eq!(read(&mut stream).await.answers.len(), 1);
    rig.stop.cancel();
    rig.served.await.unwrap();
    assert!(is_closed(&mut stream).await);
    assert!(TcpStream::connect(rig.addresses[0]).await.is_err());
    assert_eq!(rig.counts.open.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_network_that_asks_too_much_is_led_to_tcp() {
    let rig = rig(Bounds { answers_per_second: 5, slip: 1, ..Bounds::default() }).await;
    let asked = question("acme.com.", RecordType::A);
    for n in 0..12 {
        let answer = over_udp(rig.addresses[0], &asked).await;
        assert_eq!(answer.truncation, n >= 5, "number {n}");
        assert_eq!(answer.answers.is_empty(), n >= 5);
    }
    assert_eq!(rig.counts.held_back.load(Ordering::Relaxed), 7);
    let mut stream = TcpStream::connect(rig.addresses[0]).await.unwrap();
    for _ in 0..12 {
        stream.write_all(&framed(&asked)).await.unwrap();
        assert_eq!(read(&mut stream).await.answers.len(), 1);
    }
}

/// Somebody who keeps zones, and answers when the test lets them.
struct Keeper {
    number: AtomicUsize,
    asked: Notify,
    answers: Semaphore,
}

impl Source for Keeper {
    async fn changes(&self, since: i64) -> Result<Changes, Box<dyn std::error::Error + Send + Sync>> {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        self.asked.notify_one();
        self.answers.acquire().await.unwrap().forget();
        let other = |serial| Zone { name: "other.com".into(), serial, ..zone(vec![]) };
        let broken = Zone { nameservers: vec![], ..other(2) };
        assert_eq!(since, [0, 1, 2, 2, 3][number]);
        match number {
            0 => {
                Ok(Changes { mark: 1, zones: vec![zone(vec![])], is_whole: true, has_more: true, ..Changes::default() })
            }
            1 => Ok(Changes { mark: 2, zones: vec![other(1)], ..Changes::default() }),
            2 => Err("nobody at home".into()),
            3 => Ok(Changes { mark: 3, zones: vec![broken], ..Changes::default() }),
            _ => Ok(Changes { mark: 4, zones: vec![other(3)], removed: vec!["acme.com".into()], ..Changes::default() }),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_where_zones_are_kept_is_served() {
    let (zones, stop) = (Arc::new(Zones::default()), CancellationToken::new());
    let keeper = Arc::new(Keeper { number: AtomicUsize::new(0), asked: Notify::new(), answers: Semaphore::new(0) });
    let following = tokio::spawn({
        let (keeper, zones, stop) = (keeper.clone(), zones.clone(), stop.clone());
        async move { follow(&*keeper, zones, Duration::from_secs(1), Arc::default(), stop).await }
    });
    let mut serials = vec![];
    keeper.asked.notified().await;
    for _ in 0..5 {
        keeper.answers.add_permits(1);
        // The next question comes when the last answer is served.
        keeper.asked.notified().await;
        serials.push((zones.serial("acme.com"), zones.serial("other.com")));
    }
    let expected = [(Some(1), None), (Some(1), Some(1)), (Some(1), Some(1)), (Some(1), Some(1)), (None, Some(3))];
    assert_eq!(serials, expected);
    stop.cancel();
    following.await.unwrap();
}

#[tokio::test]
async fn a_change_is_served_by_the_next_answer() {
    let rig = rig(Bounds::default()).await;
    let asked = question("acme.com.", RecordType::TXT);
    assert!(over_udp(rig.addresses[0], &asked).await.answers.is_empty());
    let changed = Zone { serial: 2, ..zone(vec![set("acme.com", RrType::Txt, &["new"])]) };
    let put = vec![Rendered::of(&changed).unwrap()];
    rig.zones.publish(Update { put, ..Update::default() });
    assert_eq!(over_udp(rig.addresses[0], &asked).await.answers.len(), 1);
}

//! How many are let in, and what the system's own trouble does to that.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;
use tokio::net::{TcpListener, TcpStream};

use super::super::accept::Entrance;
use super::*;

/// A door on a port of this machine.
async fn open(house: &House) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (address, tokio::spawn(house.door.clone().serve(listener)))
}

/// Sends a request, and reads what comes until there is nothing more.
async fn ask(address: SocketAddr, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    // Whoever is turned away may hear so before all is sent.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut told = vec![];
    let _ = stream.read_to_end(&mut told).await;
    String::from_utf8_lossy(&told).into_owned()
}

/// A connection whose first request was answered, and that stays open.
async fn stay(address: SocketAddr, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes()).await.expect("sent");
    let mut told = String::new();
    while !told.ends_with("well") {
        told.push(char::from(stream.read_u8().await.expect("more")));
    }
    stream
}

#[tokio::test]
async fn one_too_many_is_told_to_come_again_and_can_when_somebody_has_left() {
    let house = house(|config| config.connections.most_per_address = 2);
    let (address, _) = open(&house).await;
    let (mut one, _two) = (stay(address, "").await, stay(address, "").await);
    let told = ask(address, "").await;
    assert!(told.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{told}");
    for part in ["retry-after: 5\r\n", "connection: close\r\n", "x-request-id: req_", r#""code":"busy""#] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    let (head, body) = told.split_once("\r\n\r\n").expect("a body");
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{told}");
    one.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("sent");
    let mut told = String::new();
    one.read_to_string(&mut told).await.expect("an answer");
    assert!(told.ends_with("well"), "those inside go on: {told}");
    while !ask(address, "").await.ends_with("well") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_named_may_have_many_behind_it_but_not_everything() {
    let house = house(|config| (config.connections.most, config.connections.most_per_address) = (16, 1));
    let (address, _) = open(&house).await;
    let via = "X-Forwarded-For: 198.51.100.7\r\n";
    let mut inside = vec![];
    for _ in 0..9 {
        inside.push(stay(address, via).await);
    }
    assert!(ask(address, via).await.starts_with("HTTP/1.1 503"), "the other half is for those who keep to the bound");
    assert_eq!(house.door.connections.taken(), 9);
}

#[tokio::test]
async fn behind_a_named_proxy_the_requests_of_each_client_are_counted() {
    let house = house(|config| {
        config.connections.most_per_address = 1;
        config.trusted_proxies = vec!["127.0.0.0/8".into()];
    });
    let (address, _) = open(&house).await;
    let of = |client: &str| format!("X-Forwarded-For: 203.0.113.66, {client}\r\n");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET /stream HTTP/1.1\r\nHost: x\r\n{}\r\n", of("198.51.100.7"));
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream.read_u8().await.expect("an answer begins");
    let told = ask(address, &of("198.51.100.7")).await;
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("retry-after: 5") && told.contains("busy"), "{told}");
    assert!(ask(address, &of("198.51.100.8")).await.ends_with("well"));
    assert!(ask(address, "").await.ends_with("well"), "the proxy's own look is nobody's");
    drop(stream);
    while !ask(address, &of("198.51.100.7")).await.ends_with("well") {
        tokio::task::yield_now().await;
    }
}

/// An entrance with trouble first, and then visitors.
struct Shaky {
    first: Mutex<VecDeque<io::Error>>,
    visitors: Mutex<Vec<DuplexStream>>,
    looks: Arc<AtomicUsize>,
}

impl Entrance for Shaky {
    type Stream = DuplexStream;

    async fn next(&self) -> io::Result<(DuplexStream, SocketAddr)> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        if let Some(error) = self.first.lock().expect("not poisoned").pop_front() {
            return Err(error);
        }
        let visitor = self.visitors.lock().expect("not poisoned").pop();
        match visitor {
            Some(visitor) => Ok((visitor, SocketAddr::new(PEER.parse().expect("an address"), 1))),
            None => pending().await,
        }
    }

    fn turn_away(_: DuplexStream, _: &[u8]) {}
}

#[tokio::test(start_paused = true)]
async fn trouble_with_accepting_is_waited_out_without_spinning() {
    let house = house(|_| ());
    let (ours, mut theirs) = duplex(1_024);
    let errors = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::CONNABORTED].map(io::Error::from);
    let looks = Arc::new(AtomicUsize::new(0));
    let (first, visitors) = (Mutex::new(errors.into()), Mutex::new(vec![ours]));
    let began = tokio::time::Instant::now();
    let serving = tokio::spawn(house.door.clone().let_in(Shaky { first, visitors, looks: looks.clone() }));
    say(&mut theirs, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(rest(&mut theirs).await.ends_with("well"));
    assert_eq!((began.elapsed().as_millis(), looks.load(Ordering::Relaxed)), (300, 6));
    house.stop.cancel();
    serving.await.expect("it ends");
}

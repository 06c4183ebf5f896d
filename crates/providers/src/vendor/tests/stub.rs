//! A vendor of a few lines, on a real socket of this machine.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What is done with a request that has arrived whole.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// It is answered, and the connection is closed.
    Say(String),
    /// It is answered, and the connection is kept.
    Keep(String),
    /// It is answered when somebody lets it.
    Wait(String),
    /// An answer begins and never ends.
    Stall(&'static str),
    /// An answer comes byte by byte, one a second, and never ends.
    Drip(&'static str),
    /// The connection is closed.
    HangUp,
}

/// An answer in JSON.
pub(super) fn json(status: u16, headers: &str, body: &str) -> Act {
    Act::Say(answer(status, &format!("Content-Type: application/json\r\n{headers}"), body))
}

pub(super) fn answer(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

pub(super) struct Stub {
    pub(super) port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    /// Lets answers go that wait.
    pub(super) let_go: Arc<Semaphore>,
    /// Has a permit for each request that has arrived.
    pub(super) arrived: Arc<Semaphore>,
}

impl Stub {
    /// Does these one after the other, and the last for ever.
    pub(super) async fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stub = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            let_go: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
        };
        let script = Arc::new(Script {
            acts,
            seen: stub.seen.clone(),
            let_go: stub.let_go.clone(),
            arrived: stub.arrived.clone(),
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = script.clone();
                tokio::spawn(async move { script.serve(stream).await });
            }
        });
        stub
    }

    /// The requests that have arrived, as they were sent.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

struct Script {
    acts: Vec<Act>,
    seen: Arc<Mutex<Vec<String>>>,
    let_go: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
}

impl Script {
    async fn serve(&self, mut stream: TcpStream) {
        while let Some(request) = read(&mut stream).await {
            let number = {
                let mut seen = self.seen.lock().unwrap();
                seen.push(request);
                seen.len() - 1
            };
            self.arrived.add_permits(1);
            match self.acts.get(number).or(self.acts.last()).unwrap() {
                Act::HangUp => return,
                Act::Say(text) => return stream.write_all(text.as_bytes()).await.unwrap_or_default(),
                Act::Keep(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Act::Wait(text) => {
                    self.let_go.acquire().await.unwrap().forget();
                    return stream.write_all(text.as_bytes()).await.unwrap_or_default();
                }
                Act::Stall(begun) => {
                    stream.write_all(begun.as_bytes()).await.unwrap();
                    pending::<()>().await;
                }
                Act::Drip(begun) => {
                    stream.write_all(begun.as_bytes()).await.unwrap();
                    let mut second = tokio::time::interval(Duration::from_secs(1));
                    while stream.write_all(b" ").await.is_ok() {
                        second.tick().await;
                    }
                }
            }
        }
    }
}

/// One request; `None` when the other side has gone.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = String::new();
    loop {
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(request);
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => request.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
        }
    }
}

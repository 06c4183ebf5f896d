//! Whoever is told: answers at once, late, or never, and remembers what came when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// What each request is answered.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// How late the slow ones are answered.
const LATE: Duration = Duration::from_secs(2);

/// What came, and when: event ids by the path they were sent to.
#[derive(Default)]
pub(super) struct Came(Mutex<HashMap<String, Instant>>);

impl Came {
    fn note(&self, event: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(event.to_owned()).or_insert_with(Instant::now);
    }

    /// How many different events came to endpoints that answer at once.
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// When each came.
    pub(super) fn times(&self) -> HashMap<String, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until so many came.
    pub(super) async fn reach(&self, count: usize, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        while self.len() < count {
            anyhow::ensure!(Instant::now() < until, "only {} of {count} events came", self.len());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

/// A receiver on a thread of its own.
#[derive(Clone)]
pub(super) struct Receiver {
    /// Where it is, without a path: `/fast` answers at once, `/slow` late, `/dead` never.
    pub(super) url: String,
    pub(super) came: Arc<Came>,
}

impl Receiver {
    pub(super) fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let came = Arc::new(Came::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let noted = came.clone();
        std::thread::spawn(move || runtime.block_on(accept(listener, noted)));
        Ok(Self { url, came })
    }
}

async fn accept(listener: std::net::TcpListener, came: Arc<Came>) -> anyhow::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, came.clone()));
    }
}

async fn serve(mut stream: TcpStream, came: Arc<Came>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(8192);
    loop {
        let Some(head) = find(&received, b"\r\n\r\n") else {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let text = std::str::from_utf8(&received[..head])?;
        let length: usize = header(text, "content-length").context("no length")?.parse()?;
        if received.len() < head + 4 + length {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
            continue;
        }
        match text.split([' ', '?']).nth(1) {
            Some("/dead") => std::future::pending().await,
            Some("/slow") => tokio::time::sleep(LATE).await,
            _ => came.note(header(text, "webhook-id").context("no event")?),
        }
        received.drain(..head + 4 + length);
        stream.write_all(ANSWER).await?;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|some| some == what)
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

//! Somebody in between, who loses answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// What becomes of the next answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They arrive.
    Arrive = 0,
    /// The server has done what it was asked, and nobody hears of it.
    Lost = 1,
    /// Half of it arrives.
    Half = 2,
    /// The request does not arrive.
    Unsent = 3,
}

/// Stands before a server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    server: Mutex<SocketAddr>,
    fate: AtomicU8,
    /// How many connections may go through.
    gate: Semaphore,
    /// How many have come.
    came: watch::Sender<usize>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// One that lets all through.
    pub(crate) async fn before(server: SocketAddr) -> Self {
        Self::with_gate(server, Semaphore::MAX_PERMITS).await
    }

    /// One that holds up every connection after so many.
    pub(crate) async fn with_gate(server: SocketAddr, open: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fate, gate, came) = (AtomicU8::new(0), Semaphore::new(open), watch::Sender::new(0));
        let state = Arc::new(State { server: Mutex::new(server), fate, gate, came });
        let its = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, its.clone()));
            }
        });
        Self { address, state, task }
    }

    /// From now on.
    pub(crate) fn set(&self, fate: Fate) {
        self.state.fate.store(fate as u8, Ordering::SeqCst);
    }

    /// From now on it stands before another server.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.state.server.lock().unwrap() = server;
    }

    /// Waits until so many connections have come.
    pub(crate) async fn has_come(&self, count: usize) {
        self.state.came.subscribe().wait_for(|came| *came >= count).await.unwrap();
    }

    /// Lets all through.
    pub(crate) fn open(&self) {
        self.state.gate.add_permits(1_000);
    }
}

async fn pass(mut client: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    state.came.send_modify(|came| *came += 1);
    state.gate.acquire().await.unwrap().forget();
    let fate = state.fate.load(Ordering::SeqCst);
    if fate == Fate::Unsent as u8 {
        return Ok(());
    }
    let server = *state.server.lock().unwrap();
    let mut server = TcpStream::connect(server).await?;
    let (mut answer, mut request) = ([0; 65_536], [0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read? {
                0 => return Ok(()),
                length => server.write_all(&request[..length]).await?,
            },
            read = server.read(&mut answer) => match (read?, fate) {
                (0, _) => return Ok(()),
                (length, 0) => client.write_all(&answer[..length]).await?,
                (length, 2) => return client.write_all(&answer[..length / 2]).await,
                _ => return Ok(()),
            },
        }
    }
}

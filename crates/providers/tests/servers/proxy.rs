//! Somebody in between, who loses answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
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

/// Stands before a server that closes each connection behind its answer, as a server of HTTP may.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    fate: Arc<AtomicU8>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, fate) = (listener.local_addr().unwrap(), Arc::new(AtomicU8::new(0)));
        let its = fate.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let _ = pass(client, server, its.load(Ordering::SeqCst)).await;
            }
        });
        Self { address, fate, task }
    }

    /// From now on.
    pub(crate) fn set(&self, fate: Fate) {
        self.fate.store(fate as u8, Ordering::SeqCst);
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, fate: u8) -> std::io::Result<()> {
    if fate == Fate::Unsent as u8 {
        return Ok(());
    }
    let mut server = TcpStream::connect(server).await?;
    let (mut answer, mut request) = (vec![], [0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read? {
                0 => break,
                length => server.write_all(&request[..length]).await?,
            },
            read = server.read_buf(&mut answer) => if read? == 0 { break },
        }
    }
    let heard = match fate {
        0 => answer.len(),
        2 => answer.len() / 2,
        _ => 0,
    };
    client.write_all(&answer[..heard]).await
}

//! Other people's servers, started on this machine beside ours. What only some tests need lies beside this.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

/// A server in a process of its own; it is killed when this is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a server and waits until it says a word on its standard output, or ends.
    pub(crate) fn start(mut command: Command, address: SocketAddr, word: &str) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).stdin(Stdio::null()).spawn()?;
        let output = child.stdout.take().context("its output")?;
        let running = Self { address, child };
        let mut lines = BufReader::new(output).lines();
        let mut said = vec![];
        loop {
            let Some(line) = lines.next().transpose()? else { bail!("it ended: {}", said.join("\n")) };
            if line.contains(word) {
                break;
            }
            said.push(line);
        }
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(running)
    }
}

/// Where a program is, in the places where programs and services are.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

/// An address of this machine whose port was free for both a moment ago. It is none of those that are given to whoever names
/// none (32768 and above), or any connection could take it before who it is for.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    const LEAST: u16 = 10_240;
    const MOST: u64 = 22_000;
    for _ in 0..1_000 {
        let drawn = RandomState::new().build_hasher().finish() % MOST;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, LEAST + u16::try_from(drawn)?));
        if TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok() {
            return Ok(address);
        }
    }
    anyhow::bail!("no port is free")
}

//! Other people's name servers, started on this machine by the tests that need them.

pub(crate) mod bind;
pub(crate) mod dig;
pub(crate) mod knot;
pub(crate) mod powerdns;
pub(crate) mod proxy;
pub(crate) mod scripted;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server in a process of its own; it is killed when this is dropped.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a server and waits until it says a word, or ends.
    pub(crate) fn start(command: &mut Command, word: &str) -> Self {
        let (mut output, input) = std::io::pipe().unwrap();
        let other = input.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(input).stderr(other).spawn().unwrap();
        // Its end would not be seen while we hold the other end of the pipe.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let running = Self(child);
        let mut said = String::new();
        let mut lines = BufReader::new(&mut output);
        while !said.contains(word) {
            let read = lines.read_line(&mut said).unwrap();
            assert!(read > 0, "{} has ended: {said}", command.get_program().display());
        }
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || BufReader::new(output).lines().for_each(drop));
        running
    }
}

/// Where a program is; `None` where it is not installed, which only in CI is wrong.
pub(crate) fn program(name: &str, package: &str) -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin"];
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(!in_ci(), "{name} is not installed: apt-get install {package}");
        skipped(name, package);
    }
    found
}

#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
fn skipped(name: &str, package: &str) {
    eprintln!("skipped: {name} is not installed (apt-get install {package})");
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// An address of this machine, 127.0.0.`last`.
pub(crate) const fn local(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

/// A port that was free a moment ago, for both transports, at each of these addresses of this machine. It is none of those
/// that are given to whoever names none (32768 and above), or any connection could take it before who it is for.
pub(crate) fn free_port(lasts: &[u8]) -> u16 {
    let is_free = |last: &u8, port| {
        let address = SocketAddr::from((local(*last), port));
        TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
    };
    const LEAST: u16 = 10_240;
    const MOST: u64 = 22_000;
    loop {
        let drawn = RandomState::new().build_hasher().finish() % MOST;
        let port = LEAST + u16::try_from(drawn).unwrap();
        if lasts.iter().all(|last| is_free(last, port)) {
            return port;
        }
    }
}

/// A zone file (RFC 1035 §5): a SOA with the serial 1, these name servers, and these lines.
pub(crate) fn zone_file(zone: &str, servers: &[&str], lines: &str) -> String {
    let servers: String = servers.iter().map(|server| format!("@ 300 IN NS {server}.\n")).collect();
    let origin = if zone == "." { "." } else { &format!("{zone}.") };
    format!(
        "$ORIGIN {origin}\n$TTL 300\n@ 300 IN SOA ns.host.test. hostmaster.host.test. 1 3600 600 86400 60\n{servers}{lines}"
    )
}

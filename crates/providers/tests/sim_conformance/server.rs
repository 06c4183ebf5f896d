//! A PostgreSQL server of a test's own, gone when the test is.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running server.
pub(crate) struct Server {
    process: Child,
    stop: Command,
    port: u16,
    _folder: TempDir,
}

impl Server {
    /// Starts a server on a free port; `None` when there are no programs to do so. It may still be starting:
    /// connecting waits for it.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let owner = owner();
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let made = command(&programs, "initdb", owner)
            .args(["-A", "trust", "-U", "postgres", "--no-sync", "-D"])
            .arg(&data)
            .status();
        assert!(made.unwrap().success(), "initdb has to work");
        let port = free_port();
        let process = command(&programs, "postgres", owner)
            .args(["-h", "127.0.0.1", "-c", "fsync=off", "-c", "unix_socket_directories=", "-p"])
            .arg(port.to_string())
            .arg("-D")
            .arg(&data)
            .spawn();
        let mut stop = command(&programs, "pg_ctl", owner);
        stop.args(["stop", "-m", "immediate", "-D"]).arg(&data);
        Some(Self { process: process.unwrap(), stop, port, _folder: folder })
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that is killed outright leaves its shared memory behind.
        if !self.stop.status().is_ok_and(|status| status.success()) {
            let _gone = self.process.kill();
        }
        let _gone = self.process.wait();
    }
}

/// The folder of the newest server programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

fn command(programs: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// The server refuses to run as root: then it runs as the user that its package made.
fn owner() -> Option<(u32, u32)> {
    if id(&["-u"])? != 0 {
        return None;
    }
    Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

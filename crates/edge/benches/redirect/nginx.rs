//! nginx, returning 301 to everybody: <https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return>.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::support::{Running, free_address, program};

/// The processes that nginx has started: when it is killed they go on, so it is asked to end when this is dropped.
pub(crate) struct Workers(u32);

impl Workers {
    pub(crate) fn of(nginx: &Running) -> Self {
        Self(nginx.child.id())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.to_string()).status();
        let children = format!("/proc/{0}/task/{0}/children", self.0);
        while asked.is_ok() && fs::read_to_string(&children).is_ok_and(|children| !children.is_empty()) {
            std::thread::yield_now();
        }
    }
}

/// Starts nginx in a folder, with as many processes as ours has threads.
pub(crate) fn start(folder: &Path) -> anyhow::Result<Running> {
    let nginx = program("nginx").context("nginx is not installed; it comes with the package nginx-light")?;
    let address = free_address()?;
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {};\n", folder.join(kind).display()))
        .collect();
    let config = format!(
        "daemon off;\nworker_processes 2;\npid {pid};\nerror_log stderr crit;\nevents {{ worker_connections 1024; }}\n\
         http {{\naccess_log off;\nkeepalive_requests 100000000;\nkeepalive_timeout 60s;\n{temporary}\
         server {{ listen {address} reuseport; return 301 https://acme.com$request_uri; }}\n}}\n",
        pid = folder.join("pid").display(),
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, config)?;
    let mut command = Command::new(nginx);
    command.arg("-p").arg(folder).arg("-c").arg(&file).arg("-e").arg(folder.join("error.log"));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut running = Running { address, child };
    while TcpStream::connect(address).is_err() {
        ensure!(running.child.try_wait()?.is_none(), "nginx has ended");
    }
    Ok(running)
}

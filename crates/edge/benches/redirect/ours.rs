//! Our server, in a process of its own.

use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;
use edge::redirect::{Bounds, Certificates, Changes, Listener, Scheme, Service, Sites};
use tokio_util::sync::CancellationToken;

use crate::beside::line;
use crate::content;
use crate::support::{Running, free_address};

/// What it says when it is ready.
const READY: &str = "ready";

/// Starts this program again, to serve so many sites.
pub(crate) fn start(sites: usize) -> anyhow::Result<Running> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--serve", "--sites", &sites.to_string()]).env("LISTEN", address.to_string());
    Running::start(command, address, READY)
}

/// Serves so many sites, until it is killed.
#[expect(clippy::disallowed_methods, reason = "how the process that measures tells this one where to listen")]
pub(crate) fn serve(sites: usize) -> anyhow::Result<()> {
    let address = std::env::var("LISTEN").context("LISTEN")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let sites = Arc::new(filled(sites));
        let certificates = Arc::new(Certificates::default());
        let service = Service::new(sites, certificates, Arc::new(()), Bounds::default(), Arc::new(()))?;
        let listener = Listener::bind(address, Scheme::Http)?;
        line(READY)?;
        edge::redirect::serve(vec![listener], Arc::new(service), CancellationToken::new()).await;
        Ok(())
    })
}

/// So many sites.
pub(crate) fn filled(count: usize) -> Sites {
    let sites = Sites::default();
    sites.serve(Changes { put: (0..count).map(content::site).collect(), is_whole: true, ..Changes::default() });
    sites
}

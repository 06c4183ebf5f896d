//! Our server, in a process of its own.

use std::process::Command;
use std::sync::Arc;

use anyhow::Context as _;
use edge::dns::{Bounds, Listener, Rendered, Service, Update, Zones};
use model::clock::SystemClock;
use tokio_util::sync::CancellationToken;

use crate::beside::line;
use crate::content;
use crate::support::{Running, free_address};

/// What it says when it is ready.
const READY: &str = "ready";

/// Starts this program again, to serve so many zones.
pub(crate) fn start(zones: usize) -> anyhow::Result<Running> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--serve", "--zones", &zones.to_string()]).env("LISTEN", address.to_string());
    Running::start(command, address, READY)
}

/// Serves so many zones, until it is killed.
#[expect(clippy::disallowed_methods, reason = "how the process that measures tells this one where to listen")]
pub(crate) fn serve(zones: usize) -> anyhow::Result<()> {
    let address = std::env::var("LISTEN").context("LISTEN")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let all = filled(zones)?;
        // Nobody is bounded, as with the others.
        let bounds = Bounds { answers_per_second: 0, ..Bounds::default() };
        let service = Service::new(Arc::new(all), bounds, Arc::new(SystemClock), Arc::new(()));
        let listener = Listener::bind(address, 2)?;
        line(READY)?;
        edge::dns::serve(vec![listener], Arc::new(service), CancellationToken::new()).await;
        Ok(())
    })
}

/// So many zones.
pub(crate) fn filled(count: usize) -> anyhow::Result<Zones> {
    let zones = Zones::default();
    for first in (0..count).step_by(10_000) {
        let put = (first..count.min(first + 10_000)).map(|n| Rendered::of(&content::zone(n)));
        zones.publish(Update { put: put.collect::<Result<_, _>>()?, ..Update::default() });
    }
    Ok(zones)
}

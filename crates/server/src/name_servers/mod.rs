//! Our own name servers: for the zones of accounts of kind `embedded`, and for those of the sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use edge::dns::{Bounds, Listener, Rows, Service, Zones, follow, look, serve};
use providers::all::embedded;
use store::zones::Served;
use tokio_util::sync::CancellationToken;

use self::said::mailbox;
use crate::config::Config;
use crate::wire::Wired;

pub mod said;

/// How often it is looked for zones that have changed: each is served by every process within a second.
const LOOK: Duration = Duration::from_millis(500);

/// Where questions come to, and for which zones; nothing is answered yet.
pub struct Place {
    title: &'static str,
    which: Served,
    listeners: Vec<Listener>,
}

/// The accounts whose zones our own name server serves.
fn accounts(config: &Config) -> Vec<String> {
    let own = config.accounts.iter().filter(|(_, account)| account.kind == embedded::NAME && !account.sandbox);
    own.map(|(name, _)| name.clone()).collect()
}

/// Takes the addresses that name servers are to have.
///
/// # Errors
/// A sentence that begins with the setting that will not do.
///
/// # Panics
/// Outside of a runtime of tokio.
pub fn places(config: &Config) -> Result<Vec<Place>, String> {
    let mut places = vec![];
    if !config.dns.listen.is_empty() {
        let listeners = config.dns.listen.iter().map(|text| listener("dns.listen", text)).collect::<Result<_, _>>()?;
        places.push(Place { title: "dns", which: Served::AtAccounts(accounts(config)), listeners });
    }
    if !config.sandbox.dns_listen.is_empty() {
        let listeners = vec![listener("sandbox.dns_listen", &config.sandbox.dns_listen)?];
        places.push(Place { title: "dns test", which: Served::Sandbox, listeners });
    }
    Ok(places)
}

fn listener(key: &str, text: &str) -> Result<Listener, String> {
    let address =
        text.parse::<SocketAddr>().map_err(|_| format!("{key} has {text:?}, which is no address with a port"))?;
    let tasks = available_parallelism().map_or(1, Into::into);
    Listener::bind(address, tasks).map_err(|error| format!("{key} cannot have {text}: {error}; choose another address"))
}

/// A name server that has its zones.
pub struct NameServer {
    place: Place,
    rows: Rows,
    zones: Arc<Zones>,
    service: Arc<Service>,
}

impl NameServer {
    /// The one at a place, on the rows of a server.
    #[must_use]
    pub fn new(place: Place, config: &Config, wired: &Wired) -> Self {
        let zones = Arc::new(Zones::default());
        let rows = Rows::new(wired.store.clone(), place.which.clone(), mailbox(&config.dns.hostmaster));
        let service = Service::new(zones.clone(), Bounds::default(), wired.app.clock.clone(), Arc::new(()));
        Self { place, rows, zones, service: Arc::new(service) }
    }

    /// What it is called in the greeting.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.place.title
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.place.listeners.iter().filter_map(|listener| listener.address().ok()).collect()
    }

    /// Serves the zones as they stand now.
    ///
    /// # Errors
    /// The database's.
    pub async fn catch_up(&self) -> anyhow::Result<()> {
        look(&self.rows, &self.zones, 0).await.map(drop).map_err(anyhow::Error::from_boxed)
    }

    /// Answers, and follows what changes, until it is stopped. Nothing is answered before it has its zones: a server that
    /// knows none would refuse them.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "the zones cannot be read yet; it is tried again");
        }
        let Self { place, rows, zones, service } = self;
        tokio::join!(
            serve(place.listeners, service, stop.clone()),
            follow(&rows, zones, LOOK, Arc::default(), stop.clone())
        );
    }
}

/// Runs all of them until they are stopped.
pub async fn run(servers: Vec<NameServer>, stop: &CancellationToken) {
    futures_util::future::join_all(servers.into_iter().map(|server| server.run(stop.clone()))).await;
}

//! Our own name servers: for the zones of accounts of kind `embedded`, and for those of the sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use edge::dns::{Bounds, Keys, Listener, Pace, Rows, Secondary, Service, Zones, follow, look, serve, tell};
use futures_util::future::join_all;
use model::clock::Clock;
use providers::all::embedded;
use store::zones::Served;
use tokio_util::sync::CancellationToken;

use self::counting::Counting;
use self::keyring::Keyring;
use self::said::mailbox;
use crate::config::Config;
use crate::wire::Wired;

mod counting;
mod keyring;
pub mod said;
pub mod shared;

/// How often it is looked for zones that have changed: each is served by every process within a second.
const LOOK: Duration = Duration::from_millis(500);

/// Where questions come to, and for which zones; nothing is answered yet.
pub struct Place {
    title: &'static str,
    /// What it is called in metrics.
    listener: &'static str,
    which: Served,
    listeners: Vec<Listener>,
    keys: Keys,
    secondaries: Vec<Secondary>,
}

/// The accounts whose zones our own name server serves.
fn accounts(config: &Config) -> Vec<String> {
    let own = config.accounts.iter().filter(|(_, account)| account.kind == embedded::NAME && !account.sandbox);
    own.map(|(name, _)| name.clone()).collect()
}

/// What keeps the keys from being had that name servers share with others; nothing where there is no name server.
pub(crate) fn fault(config: &Config) -> Option<String> {
    let is_any = !config.dns.listen.is_empty() || !config.sandbox.dns_listen.is_empty();
    is_any.then(|| keyring::open(&config.dns).err()).flatten()
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
    let is_any = !config.dns.listen.is_empty() || !config.sandbox.dns_listen.is_empty();
    let shared = if is_any { keyring::open(&config.dns)? } else { Keyring::default() };
    let keys = || shared.values().cloned().collect();
    if !config.dns.listen.is_empty() {
        let listeners = config.dns.listen.iter().map(|text| listener("dns.listen", text)).collect::<Result<_, _>>()?;
        let (which, secondaries) = (Served::AtAccounts(accounts(config)), keyring::secondaries(&config.dns, &shared));
        places.push(Place { title: "dns", listener: "dns", which, listeners, keys: keys(), secondaries });
    }
    if !config.sandbox.dns_listen.is_empty() {
        let listeners = vec![listener("sandbox.dns_listen", &config.sandbox.dns_listen)?];
        let (title, listener, which) = ("dns test", "dns_test", Served::Sandbox);
        places.push(Place { title, listener, which, listeners, keys: keys(), secondaries: vec![] });
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
    title: &'static str,
    listeners: Vec<Listener>,
    secondaries: Vec<Secondary>,
    following: Arc<Following>,
    service: Arc<Service>,
    counting: Arc<Counting>,
    clock: Arc<dyn Clock>,
}

/// The zones that a name server serves, and where they are kept.
pub struct Following {
    rows: Rows,
    zones: Arc<Zones>,
}

impl Following {
    /// Serves the zones as they stand now.
    ///
    /// # Errors
    /// The database's.
    pub async fn catch_up(&self) -> anyhow::Result<()> {
        look(&self.rows, &self.zones, 0).await.map(drop).map_err(anyhow::Error::from_boxed)
    }
}

impl NameServer {
    /// The one at a place, on the rows of a server.
    #[must_use]
    pub fn new(place: Place, config: &Config, wired: &Wired) -> Self {
        let Place { title, listener, which, listeners, keys, secondaries } = place;
        let (zones, counting) = (Arc::new(Zones::default()), Arc::new(Counting::of(listener)));
        let rows = Rows::new(wired.store.clone(), which, mailbox(&config.dns.hostmaster));
        let clock = wired.app.clock.clone();
        let service = Service::new(zones.clone(), Bounds::default(), clock.clone(), counting.clone());
        let service = Arc::new(service.with_keys(keys));
        let following = Arc::new(Following { rows, zones });
        Self { title, listeners, secondaries, following, service, counting, clock }
    }

    /// What it is called in the greeting.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.address().ok()).collect()
    }

    /// What it serves: it may be told to look before it does by itself.
    #[must_use]
    pub fn following(&self) -> Arc<Following> {
        self.following.clone()
    }

    /// Answers, and follows what changes, until it is stopped. Nothing is answered before it has its zones: a server that
    /// knows none would refuse them.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.following.catch_up().await {
            tracing::warn!(%error, "the zones cannot be read yet; it is tried again");
        }
        let Self { listeners, secondaries, following, service, counting, clock, .. } = self;
        let Following { rows, zones } = &*following;
        let telling = secondaries.into_iter().map(|secondary| {
            tell(secondary, zones.clone(), Pace::default(), clock.clone(), counting.clone(), stop.clone())
        });
        tokio::join!(
            serve(listeners, service, stop.clone()),
            follow(rows, zones.clone(), LOOK, Arc::default(), stop.clone()),
            join_all(telling),
            count(zones, &counting, &stop)
        );
    }
}

/// Shows how many zones are served, until it is stopped.
async fn count(zones: &Zones, counting: &Counting, stop: &CancellationToken) {
    loop {
        counting.zones(zones.count());
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Runs all of them until they are stopped.
pub async fn run(servers: Vec<NameServer>, stop: &CancellationToken) {
    join_all(servers.into_iter().map(|server| server.run(stop.clone()))).await;
}

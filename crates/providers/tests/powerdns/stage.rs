//! The server, the adapter that asks it, and the witness.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use model::clock::{HandClock, MINUTE};
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use model::world::World;
use providers::all::powerdns;
use providers::all::powerdns::Powerdns;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::egress::Egress;
use providers::trouble::Trouble;
use providers::vendor::{Exchange, Recorder, Vendor};
use tempfile::TempDir;

use crate::servers;
use crate::servers::dig::Dig;
use crate::servers::powerdns::API_KEY;
use crate::support::{Sandbox, start};

pub(crate) struct Stage {
    pub(crate) server: servers::powerdns::Powerdns,
    pub(crate) adapter: Arc<Powerdns>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) clock: Arc<HandClock>,
    _folder: TempDir,
}

/// What was asked and answered.
#[derive(Default)]
pub(crate) struct Seen(pub(crate) Mutex<Vec<Exchange>>);

impl Recorder for Seen {
    fn record(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

impl Stage {
    /// `None` where a server is not installed.
    pub(crate) async fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let server = servers::powerdns::start(folder.path()).await?;
        let seen = Arc::new(Seen::default());
        let clock = HandClock::at(start());
        let adapter = Arc::new(made(server.api, API_KEY, Some(seen.clone()), clock.clone()));
        Some(Self { server, adapter, seen, clock, _folder: folder })
    }

    /// A cast in which PowerDNS hosts, and dig looks at what it serves.
    pub(crate) async fn cast(&self) -> Option<(Cast, Sandbox)> {
        let sandbox = Sandbox::new().await;
        let (dns, observer) = (Player::new("main", self.adapter.clone() as _), Arc::new(Dig::of(self.server.dns)?));
        Some((Cast { dns, observer: Player::new("dig", observer), ..sandbox.cast.clone() }, sandbox))
    }

    pub(crate) fn dig(&self) -> Option<Dig> {
        Dig::of(self.server.dns)
    }
}

/// An adapter that asks there with this key.
pub(crate) fn adapter(api: SocketAddr, key: &str) -> Powerdns {
    made(api, key, None, HandClock::at(start()))
}

fn made(api: SocketAddr, key: &str, recorder: Option<Arc<Seen>>, clock: Arc<HandClock>) -> Powerdns {
    let mut settings = Powerdns::settings("main", format!("http://{api}"), key.into());
    settings.recorder = recorder.map(|seen| seen as _);
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), clock).unwrap();
    let servers = ["ns1.host.example", "ns2.host.example"].map(str::to_owned).to_vec();
    Powerdns::new(Arc::new(vendor), servers, "Native")
}

pub(crate) fn call(name: &str) -> Call {
    Call {
        world: World::stored("live"),
        now: start(),
        reference: format!("run_{name}/create_zone"),
        nudges: 0,
        subject: DomainName::stored(name),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

pub(crate) fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
    RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|value| (*value).to_owned()).collect() }
}

impl Stage {
    /// Another adapter that asks the same server, as another process would, on the same clock.
    pub(crate) fn another(&self) -> Powerdns {
        made(self.server.api, API_KEY, None, self.clock.clone())
    }

    /// The answer of a call that is made again as a worker makes it, a minute later: the server's database may be busy, and the
    /// account has room for so many calls at once.
    pub(crate) async fn settled<T>(&self, attempt: impl AsyncFn() -> Result<T, Trouble>) -> T {
        for _ in 0..1_000 {
            match attempt().await {
                Ok(answer) => return answer,
                Err(Trouble::Later(_) | Trouble::Unknown) => {
                    self.clock.advance(MINUTE);
                    tokio::task::yield_now().await;
                }
                Err(trouble) => panic!("{trouble:?}"),
            }
        }
        panic!("it has come to no end")
    }
}

pub(crate) use powerdns::KIND;

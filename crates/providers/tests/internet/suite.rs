//! The contract of an observer, on a small internet: a registry that delegates by signed updates to Knot, PowerDNS or Knot as the
//! host of the zones, and the observer walking from a root of our own to them.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use model::clock::{HandClock, SystemClock, Time};
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, NameAnswer};
use model::money::Cents;
use model::world::World;
use providers::all::internet::Internet;
use providers::all::powerdns::Powerdns;
use providers::all::rfc2136::{Key, Rfc2136};
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::conformance::{self, Maker};
use providers::egress::Egress;
use providers::roles::{Bought, DnsHost, Fetched, Holding, Observer, Purpose, Registrar};
use providers::trouble::Trouble;
use providers::vendor::Vendor;
use tempfile::TempDir;

use crate::fetching::web;
use crate::servers::powerdns::API_KEY;
use crate::servers::{Running, free_port, knot, local, powerdns, zone_file};
use crate::support::{Sandbox, start};
use crate::tree::observer;

const SECRET: &str = "bm90IGEgc2VjcmV0LCBhbmQgMzIgYnl0ZXMgbG9uZyE=";
/// Who serves the zones, both of them at the host's address.
const SERVERS: [&str; 2] = ["ns1.host.test", "ns2.host.test"];

/// Sells names as the sandbox does, and delegates them for all to see.
struct Registry {
    sandbox: Player<dyn Registrar>,
    parent: Rfc2136,
}

#[async_trait]
impl Registrar for Registry {
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        self.sandbox.check(world, names, purpose).await
    }

    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble> {
        self.sandbox.ensure_registered(call, max_cents).await
    }

    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble> {
        self.sandbox.registered(call).await
    }

    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble> {
        self.sandbox.ensure_renewed(call, beyond, max_cents).await
    }

    async fn expiry(&self, call: &Call) -> Result<Time, Trouble> {
        self.sandbox.expiry(call).await
    }

    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble> {
        self.sandbox.renewal_price(call).await
    }

    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble> {
        let (name, values) = (call.subject.to_string(), nameservers.to_vec());
        let delegation = RrSet { name, rtype: RrType::Ns, ttl: 300, values };
        let parent = Call { subject: DomainName::stored("test"), ..call.clone() };
        self.parent.ensure_records(&parent, &[delegation]).await
    }

    async fn portfolio(&self, world: &World) -> Result<Vec<Holding>, Trouble> {
        self.sandbox.portfolio(world).await
    }
}

/// The observer, for whom the suite's picture is on this machine.
struct Nearby(Internet, SocketAddr);

#[async_trait]
impl Observer for Nearby {
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        self.0.dns(call, name, rtype).await
    }

    async fn is_signed(&self, call: &Call, name: &str) -> Result<bool, Trouble> {
        self.0.is_signed(call, name).await
    }

    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble> {
        let here = url.replace("https://pictures.example.net/", &format!("http://{}/", self.1));
        self.0.fetch(call, &here, limit).await
    }
}

/// A root, and a registry's zone below it, which takes updates.
struct Small {
    port: u16,
    _root: Running,
    _registry: Running,
    folder: TempDir,
}

impl Small {
    fn at(last: u8, port: u16) -> SocketAddr {
        SocketAddr::from((local(last), port))
    }

    fn new() -> Option<Self> {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port(&[2, 3, 4]));
        let inside = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let root = "test. IN NS ns.test.\nns.test. IN A 127.0.0.3\nns. IN A 127.0.0.2\n";
        let parent = "ns IN A 127.0.0.3\nns1.host IN A 127.0.0.4\nns2.host IN A 127.0.0.4\n";
        let zones = [("test", zone_file("test", &["ns.test"], parent))];
        let root = knot::start(&inside("root"), Self::at(2, port), &[(".", zone_file(".", &["ns"], root))], "")?;
        let registry = knot::start(&inside("registry"), Self::at(3, port), &zones, &keys())?;
        inside("host");
        Some(Self { port, _root: root, _registry: registry, folder })
    }

    /// A cast with this host, its observer, and what the picture of the suite is.
    async fn cast(&self, dns: Arc<dyn DnsHost>) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let (parent, picture) =
            (signed(Self::at(3, self.port)), web("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nhello, world").await);
        let registry = Registry { sandbox: sandbox.cast.registrar.clone(), parent };
        let cast = Cast {
            registrar: Player::new("registry", Arc::new(registry)),
            dns: Player::new("main", dns),
            observer: Player::new("internet", Arc::new(Nearby(observer(Self::at(2, self.port), vec![]), picture))),
            ..sandbox.cast.clone()
        };
        (cast, sandbox)
    }

    async fn hold(&self, dns: Arc<dyn DnsHost>) {
        let (cast, sandbox) = self.cast(dns).await;
        let maker = Maker::new(sandbox.world.clone(), start(), |n| DomainName::stored(format!("free-{n}.test")));
        let maker = maker.with_nobodys(|n| DomainName::stored(format!("nobodys-{n}.test")));
        conformance::observer(&cast, &maker).await;
    }
}

fn keys() -> String {
    format!(
        "key:\n- id: mail.key\n  algorithm: hmac-sha256\n  secret: {SECRET}\n\
         acl:\n- id: key\n  key: mail.key\n  action: [update, transfer]\n- id: looker\n  action: transfer\n  deny: on\n"
    )
}

fn signed(server: SocketAddr) -> Rfc2136 {
    let key = Key::new("mail.key", "", &SECRET.into()).unwrap();
    Rfc2136::new("main", server, key, Arc::new(SystemClock))
}

#[tokio::test]
async fn the_suite_of_an_observer_on_zones_at_powerdns() {
    let Some(small) = Small::new() else { return };
    let folder = small.folder.path().join("host");
    let Some(host) = powerdns::start_at(&folder, Small::at(4, small.port)).await else { return };
    let settings = Powerdns::settings("main", format!("http://{}", host.api), API_KEY.into());
    let vendor = Vendor::new(settings, Egress::new(false).unwrap(), HandClock::at(start())).unwrap();
    small.hold(Arc::new(Powerdns::new(Arc::new(vendor), SERVERS.map(str::to_owned).to_vec(), "Native"))).await;
}

#[tokio::test]
async fn the_suite_of_an_observer_on_zones_that_take_updates() {
    let Some(small) = Small::new() else { return };
    let names: Vec<_> = (1..=12).map(|n| format!("free-{n}.test")).collect();
    let zones: Vec<_> = names.iter().map(|name| (name.as_str(), zone_file(name, &SERVERS, ""))).collect();
    let at = Small::at(4, small.port);
    let Some(_host) = knot::start(&small.folder.path().join("host"), at, &zones, &keys()) else { return };
    small.hold(Arc::new(signed(at))).await;
}

//! A server with zones and keys, the adapter that asks it, and the witness.

use std::net::SocketAddr;
use std::sync::Arc;

use model::clock::{Clock as _, HandClock, SystemClock};
use model::dns::{RrSet, RrType};
use model::domain::DomainName;
use model::world::World;
use providers::all::rfc2136::{Key, Rfc2136};
use providers::call::Call;
use providers::cast::{Cast, Player};
use tempfile::TempDir;

use crate::servers::dig::Dig;
use crate::servers::{Running, bind, free_port, knot, local, zone_file};
use crate::support::{Sandbox, start};

/// May update and transfer.
pub(crate) const KEY: &str = "mail.key";
/// May transfer.
pub(crate) const LOOKER: &str = "looker.key";
/// The secret of both.
pub(crate) const SECRET: &str = "bm90IGEgc2VjcmV0LCBhbmQgMzIgYnl0ZXMgbG9uZyE=";

pub(crate) struct Stage {
    /// Which server it is.
    pub(crate) what: &'static str,
    pub(crate) server: SocketAddr,
    pub(crate) adapter: Arc<Rfc2136>,
    pub(crate) dig: Dig,
    _running: Running,
    _folder: TempDir,
}

impl Stage {
    /// One on each server that is installed, with these zones, which have these lines beside their name servers.
    pub(crate) fn each(zones: &[&str], lines: &str) -> Vec<Self> {
        let started = [("Knot", Self::knot(zones, lines)), ("BIND", Self::bind(zones, lines))];
        started.into_iter().filter_map(|(what, started)| Self::with(what, started?)).collect()
    }

    fn with(what: &'static str, (server, running, folder): (SocketAddr, Running, TempDir)) -> Option<Self> {
        let adapter = Arc::new(adapter(server, KEY, SECRET, 0));
        Some(Self { what, server, adapter, dig: Dig::of(server)?, _running: running, _folder: folder })
    }

    fn knot(zones: &[&str], lines: &str) -> Option<(SocketAddr, Running, TempDir)> {
        let (folder, server) = (tempfile::tempdir().unwrap(), SocketAddr::from((local(1), free_port(&[1]))));
        let key = |id: &str| format!("- id: {id}\n  algorithm: hmac-sha256\n  secret: {SECRET}\n");
        let more = format!(
            "key:\n{}{}acl:\n- id: key\n  key: {KEY}\n  action: [update, transfer]\n\
             - id: looker\n  key: {LOOKER}\n  action: transfer\n",
            key(KEY),
            key(LOOKER)
        );
        let zones: Vec<_> = zones.iter().map(|zone| (*zone, text(zone, lines))).collect();
        let running = knot::start(folder.path(), server, &zones, &more)?;
        Some((server, running, folder))
    }

    fn bind(zones: &[&str], lines: &str) -> Option<(SocketAddr, Running, TempDir)> {
        let (folder, server) = (tempfile::tempdir().unwrap(), SocketAddr::from((local(1), free_port(&[1]))));
        let key = |id: &str| format!("key \"{id}\" {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n");
        let more = format!("allow-update {{ key {KEY}; }}; allow-transfer {{ key {KEY}; key {LOOKER}; }};");
        let zones = zones.iter().map(|zone| bind::zone(folder.path(), zone, &text(zone, lines), &more));
        let statements = format!("{}{}{}", key(KEY), key(LOOKER), zones.collect::<String>());
        let running = bind::start(folder.path(), server, &statements)?;
        Some((server, running, folder))
    }

    /// A cast in which the server hosts, and dig looks at what it serves.
    pub(crate) async fn cast(&self) -> (Cast, Sandbox) {
        let sandbox = Sandbox::new().await;
        let dns = Player::new("main", self.adapter.clone() as _);
        let observer = Player::new("dig", Arc::new(Dig::of(self.server).unwrap()) as _);
        (Cast { dns, observer, ..sandbox.cast.clone() }, sandbox)
    }
}

fn text(zone: &str, lines: &str) -> String {
    zone_file(zone, &["ns1.host.example", "ns2.host.example"], lines)
}

/// An adapter with this key, whose clock is off by so many microseconds.
pub(crate) fn adapter(server: SocketAddr, key: &str, secret: &str, off: i64) -> Rfc2136 {
    let clock = HandClock::at(SystemClock.now().plus(off));
    Rfc2136::new("main", server, Key::new(key, "", &secret.into()).unwrap(), clock).with_probe(Some("acme.com".into()))
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

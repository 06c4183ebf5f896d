//! Any name server that takes signed updates: DNS UPDATE (RFC 2136) with TSIG (RFC 8945), as BIND, Knot and PowerDNS do.
//!
//! Such a server can be told what is in a zone, and not to have one: zones are made by its operator. One that is to go is
//! emptied, and closed with a record of ours, `_closed`, beside which no update of ours is taken until it is opened again.
//!
//! A zone is read by transfer (AXFR, RFC 5936), because a question would be answered from wildcards too. A set is replaced only
//! if it is still what was read: that is a prerequisite of the update (RFC 2136 §2.4).

mod account;
mod client;
mod dns_host;
mod guide;
mod key;
mod update;
mod verdict;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use model::clock::Clock;
use model::dns::owner;
use model::role::Role;

use self::client::Client;
pub use self::key::Key;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};

/// What such a server is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "rfc2136",
    title: "A name server that takes signed updates (RFC 2136)",
    roles: &[Role::Dns],
    fields: &[
        Field::plain("server", "The address of the zones' primary, with :port where it is not 53"),
        Field::plain("key_name", "The name of the TSIG key"),
        Field::plain("algorithm", "Its algorithm: hmac-sha256 unless said otherwise, hmac-sha384 or hmac-sha512")
            .or_none(),
        Field::secret("secret", "The key's secret, in base64"),
        Field::plain("probe_zone", "A zone that it has, by which the key and the clocks are tried").or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// How accounts at such servers are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 8;
/// Where name servers listen.
const PORT: u16 = 53;

fn open(said: &Said) -> Result<Opened, String> {
    let server = said.value("server");
    let address =
        server.parse::<SocketAddr>().or_else(|_| server.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT)));
    let address = address.map_err(|_| format!("server is {server}, which is no address: write it as numbers"))?;
    if said.base_url.is_some() {
        return Err("base_url means nothing here: the address is server".into());
    }
    let key = Key::new(said.value("key_name"), said.value("algorithm"), &said.secret("secret"))?;
    let probe = match said.value("probe_zone") {
        "" => None,
        zone => Some(owner(zone).ok_or_else(|| format!("probe_zone is {zone}, which is no zone"))?),
    };
    let account = Arc::new(Rfc2136::new(said.name, address, key, said.clock.clone()).with_probe(probe));
    Ok(Opened { dns: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// A name server that takes signed updates.
pub struct Rfc2136 {
    client: Client,
    probe: Option<String>,
}

impl Rfc2136 {
    /// The one at this address, which knows us by this key. The clock's wall time is signed.
    #[must_use]
    pub fn new(account: impl Into<String>, server: SocketAddr, key: Key, clock: Arc<dyn Clock>) -> Self {
        Self { client: Client::new(account.into(), server, key, clock), probe: None }
    }

    /// The same, where it is known that it has this zone.
    #[must_use]
    pub fn with_probe(self, probe: Option<String>) -> Self {
        Self { probe, ..self }
    }
}

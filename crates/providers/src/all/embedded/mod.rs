//! Our own name server: it serves a zone as our row says it should be, so that nothing is ever to be made equal to it.
//!
//! What a zone has to have to be found is only known here: the hosts that names are delegated to, which are those of
//! `dns.listen`, behind whatever addresses the operator has given them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use model::dns::{RrSet, hostname};
use model::role::Role;

use crate::call::Call;
use crate::descriptor::{Descriptor, Field, Guide};
use crate::kind::{Kind, Opened, Said};
use crate::outside;
use crate::roles::{Account, DnsHost, Examined};
use crate::trouble::Trouble;

/// What it is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: NAME,
    title: "Our own name server",
    roles: &[Role::Dns],
    fields: &[Field::plain(
        "nameservers",
        "The hosts that names are delegated to, as ns1.example.com ns2.example.com: they have to lead to [dns].listen",
    )],
    max_in_flight: MAX_IN_FLIGHT,
    guide: Guide {
        docs: "https://www.rfc-editor.org/rfc/rfc1912",
        example: &[("nameservers", "\"ns1.acme.net ns2.acme.net\"")],
        credentials: &[
            "Take two machines in different networks, or one to begin with, whose port 53 the world reaches over UDP and TCP.",
            "Set `dns.listen` to their addresses, and run `mailwright serve --role dns` on each (several processes need PostgreSQL).",
            "Give the hosts in `nameservers` addresses where their own zone is kept; where they lie below a name of yours, glue \
             records at its registry too.",
        ],
        limits: &["It costs what it runs on. Zones are served from memory."],
        traps: &[
            "Zones are not signed (DNSSEC), and it is decided why (docs/decisions/0012-zones-are-not-signed.md): a name with a DS record at \
             its registry cannot be moved here before that is gone.",
            "One server alone is one that can fail: registries want two, and so do receivers of mail.",
            "Other people's servers can be secondaries (Knot, BIND, NSD): give each a key of `dns.keys` with `transfer = true` and list it \
             in `dns.notify`. Each zone has to be set up at a secondary too: it learns of changes by itself, and of new zones not.",
            "Secondaries refuse transfers when their clock is off by more than five minutes, and say BADTIME.",
        ],
        sandbox: "`sandbox.dns_listen` serves the zones of sandboxes on this machine, without any account.",
    },
};

/// How such accounts are called in the configuration.
pub const NAME: &str = "embedded";

/// How such an account is made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Nobody is asked.
const MAX_IN_FLIGHT: usize = 128;
/// How many hosts a zone may be delegated to; registries take 13 at most.
const MOST: usize = 13;

fn open(said: &Said) -> Result<Opened, String> {
    if said.base_url.is_some() {
        return Err("base_url means nothing here: where it listens is dns.listen".into());
    }
    let account = Arc::new(Embedded::new(said.value("nameservers"))?);
    Ok(Opened { dns: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// Our own name server.
#[derive(Debug)]
pub struct Embedded {
    nameservers: Vec<String>,
}

impl Embedded {
    /// The one whose hosts these are, with blanks or commas between them.
    ///
    /// # Errors
    /// A sentence that begins with `nameservers`.
    pub fn new(nameservers: &str) -> Result<Self, String> {
        let named = nameservers.split([' ', ',']).filter(|text| !text.is_empty());
        // An address or a name without a domain is none that a registry takes.
        let is_host = |host: &String| host.contains('.') && host.parse::<IpAddr>().is_err();
        let host = |text: &str| hostname(text).filter(is_host);
        let host = |text: &str| {
            host(text).ok_or_else(|| format!("nameservers has {text}, which is no host; write it as ns1.example.com"))
        };
        let hosts = named.map(host).collect::<Result<Vec<_>, _>>()?;
        let different = hosts.iter().collect::<BTreeSet<_>>().len();
        if !(2..=MOST).contains(&different) || hosts.len() > different {
            return Err(format!("nameservers has to name 2 to {MOST} different hosts; registries want two or more"));
        }
        Ok(Self { nameservers: hosts })
    }
}

/// The port that the world asks.
const PORT: u16 = 53;

#[async_trait]
impl Account for Embedded {
    /// Asks the hosts as the world does, as far as this machine's network lets it.
    async fn examine(&self) -> Result<Examined, Trouble> {
        let asked = join_all(self.nameservers.iter().map(|host| outside::name_server(host, PORT))).await;
        let reached = Some(format!("{} answer over UDP and TCP", self.nameservers.join(", ")));
        Ok(match asked.into_iter().flatten().next() {
            None => Examined { reached, ..Examined::default() },
            Some(fault) => Examined { remarks: vec![fault, outside::TODO.into()], ..Examined::default() },
        })
    }
}

#[async_trait]
impl DnsHost for Embedded {
    async fn ensure_zone(&self, _call: &Call) -> Result<Vec<String>, Trouble> {
        Ok(self.nameservers.clone())
    }

    async fn ensure_records(&self, _call: &Call, _records: &[RrSet]) -> Result<(), Trouble> {
        Ok(())
    }

    /// It has what our rows have, and nothing that we would have to ask it for.
    async fn records(&self, _call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        Ok(None)
    }

    async fn ensure_no_zone(&self, _call: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_hosts_are_told_apart_and_checked() {
        let hosts = |text: &str| Embedded::new(text).map(|account| account.nameservers);
        let two = ["ns1.example.com".to_owned(), "ns2.example.com".to_owned()];
        assert_eq!(hosts("ns1.example.com NS2.example.com.").unwrap(), two);
        assert_eq!(hosts("ns1.example.com, ns2.example.com").unwrap(), two);
        for wrong in [
            "192.0.2.1 192.0.2.2",
            "ns1 ns2",
            "",
            "ns1.example.com",
            "ns1.example.com ns1.example.com",
            "ns1.example.com *.example.com",
        ] {
            assert!(hosts(wrong).unwrap_err().starts_with("nameservers has"), "{wrong}");
        }
    }
}

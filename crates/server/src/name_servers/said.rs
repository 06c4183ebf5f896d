//! What the configuration says of our own name servers.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::dns::hostname;
use providers::all::embedded;
use serde::Deserialize;

use super::shared::{self, KeyConfig, SecondaryConfig};

/// See the table `dns` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct DnsConfig {
    pub listen: Vec<String>,
    pub hostmaster: String,
    pub notify: Vec<SecondaryConfig>,
    pub keys: BTreeMap<String, KeyConfig>,
}

impl DnsConfig {
    /// What is wrong with it, each sentence beginning with its setting; and whether any account has zones to be served.
    pub(crate) fn problems(&self, mut kinds: impl Iterator<Item = String>) -> Vec<String> {
        let wrong = self.listen.iter().filter(|text| text.parse::<SocketAddr>().is_err());
        let mut problems: Vec<_> = wrong
            .map(|text| {
                format!("dns.listen has {text:?}, which is not an address with a port; write it as 192.0.2.1:53")
            })
            .collect();
        if !self.listen.is_empty() && !kinds.any(|kind| kind == embedded::NAME) {
            problems.push(format!(
                "dns.listen is set, and there is no account of kind {} whose zones could be served there",
                embedded::NAME
            ));
        }
        let hostmaster = self.hostmaster.as_str();
        if !hostmaster.is_empty() && mailbox(hostmaster).is_none() {
            problems.push(format!(
                "dns.hostmaster = {hostmaster:?} is not an address of e-mail that zones can name; write it as dns@example.com"
            ));
        }
        problems.extend(shared::problems(self));
        problems
    }
}

/// What is wrong with where the sandbox's zones are to be served: it is for whoever sits at this machine.
pub(crate) fn sandbox_problem(listen: &str) -> Option<String> {
    let is_here = listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    (!listen.is_empty() && !is_here).then(|| {
        format!(
            "sandbox.dns_listen = {listen:?} is not an address of this machine alone with a port; write it as 127.0.0.1:5353"
        )
    })
}

/// An address of e-mail as the SOA record has it. A dot before the `@` would have to be told from those of the name
/// (RFC 1035 §8), which not all readers do: there is none.
pub(super) fn mailbox(address: &str) -> Option<String> {
    let (local, domain) = address.split_once('@')?;
    if local.contains('.') || !domain.contains('.') {
        return None;
    }
    hostname(&format!("{local}.{domain}"))
}

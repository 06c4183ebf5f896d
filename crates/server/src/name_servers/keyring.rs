//! The keys that our name servers share with others, with their secrets, and whom they tell of changes.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use edge::dns::{Key, Secondary};

use super::said::DnsConfig;
use super::shared::{KeyConfig, SecondaryConfig};
use crate::accounts::secret;

/// The keys by what the settings call them.
pub(super) type Keyring = BTreeMap<String, Arc<Key>>;

/// Fetches the secrets of all keys.
///
/// # Errors
/// A sentence that begins with the setting that will not do.
pub(super) fn open(dns: &DnsConfig) -> Result<Keyring, String> {
    let one = |(called, said): (&String, &KeyConfig)| {
        let secret = secret::fetch(&said.secret).map_err(|fault| format!("dns.keys.{called}.secret {fault}"))?;
        let key = Key::new(said.shared_name(called), &said.algorithm, &secret, said.transfer);
        let key = key.map_err(|fault| format!("dns.keys.{called} cannot be used: {fault}"))?;
        Ok((called.clone(), Arc::new(key)))
    };
    dns.keys.iter().map(one).collect()
}

/// The secondaries that are told, from the address that their zones come from.
pub(super) fn secondaries(dns: &DnsConfig, keys: &Keyring) -> Vec<Secondary> {
    let ours: Vec<IpAddr> = dns.listen.iter().filter_map(|text| Some(text.parse::<SocketAddr>().ok()?.ip())).collect();
    let one = |said: &SecondaryConfig| {
        let address = said.address.parse::<SocketAddr>().ok()?;
        let is_way = |ip: &&IpAddr| ip.is_ipv4() == address.is_ipv4() && !ip.is_unspecified();
        let key = said.key.as_ref().and_then(|key| keys.get(key).cloned());
        Some(Secondary { address, key, from: ours.iter().find(is_way).copied() })
    };
    dns.notify.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secondary_is_told_from_the_address_that_its_zones_come_from() {
        let second = |address: &str| SecondaryConfig { address: address.into(), key: None };
        let dns = DnsConfig {
            listen: ["0.0.0.0:53", "192.0.2.1:53", "192.0.2.9:53", "[2001:db8::1]:53"].map(str::to_owned).to_vec(),
            hostmaster: String::new(),
            notify: vec![second("198.51.100.2:53"), second("[2001:db8::2]:53")],
            keys: BTreeMap::new(),
        };
        let from = |dns: &DnsConfig| secondaries(dns, &Keyring::new()).iter().map(|one| one.from).collect::<Vec<_>>();
        let ip = |text: &str| Some(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(from(&dns), [ip("192.0.2.1"), ip("2001:db8::1")]);
        let anywhere = DnsConfig { listen: vec!["0.0.0.0:53".into()], ..dns };
        assert_eq!(from(&anywhere), [None, None]);
    }
}

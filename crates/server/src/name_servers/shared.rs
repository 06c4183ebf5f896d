//! With whom our zones are shared, as the configuration says it: the keys of other name servers, and the secondaries that are
//! told of changes.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use edge::dns::Key;
use serde::Deserialize;

use super::said::DnsConfig;
use crate::account_settings::Kept;

/// See the table `dns.keys` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct KeyConfig {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub algorithm: String,
    pub secret: Kept,
    #[serde(default)]
    pub transfer: bool,
}

/// See `dns.notify` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct SecondaryConfig {
    pub address: String,
    #[serde(default)]
    pub key: Option<String>,
}

impl KeyConfig {
    /// What both servers call it.
    pub(super) fn shared_name<'k>(&'k self, called: &'k str) -> &'k str {
        self.name.as_deref().unwrap_or(called)
    }
}

/// What is wrong with what is said of them, each sentence beginning with its setting.
pub(super) fn problems(dns: &DnsConfig) -> Vec<String> {
    let (mut problems, mut names) = (vec![], BTreeSet::new());
    for (called, key) in &dns.keys {
        let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        if called.is_empty() || !called.bytes().all(fine) {
            problems.push(format!(
                "dns.keys.{called} has a name that is none; use a-z, 0-9, - and _ here, and say in `name` what both servers call it"
            ));
        }
        // The secret is looked at when it is fetched: this one only stands for it.
        if let Err(fault) = Key::new(key.shared_name(called), &key.algorithm, &"aGVsZA==".into(), key.transfer) {
            problems.push(format!("dns.keys.{called} cannot be used: {fault}"));
        }
        if !names.insert(key.shared_name(called).trim_end_matches('.').to_ascii_lowercase()) {
            problems.push(format!("dns.keys.{called} has the name of another key; each has one of its own"));
        }
    }
    for SecondaryConfig { address, key } in &dns.notify {
        let is_somebody = |at: &SocketAddr| {
            let is_all = at.ip().is_unspecified() || at.ip().is_multicast() || at.ip() == IpAddr::from([255; 4]);
            at.port() > 0 && !is_all
        };
        if !address.parse().is_ok_and(|at| is_somebody(&at)) {
            problems.push(format!(
                "dns.notify has {address:?}, which is not the address of a server with its port; write it as {{ address = \"192.0.2.2:53\" }}"
            ));
        }
        if let Some(key) = key.as_ref().filter(|key| !dns.keys.contains_key(*key)) {
            problems.push(format!("dns.notify names the key {key:?}, and there is no [dns.keys.{key}]"));
        }
    }
    if problems.is_empty() && !dns.notify.is_empty() && dns.listen.is_empty() {
        problems.push("dns.notify is set, and no zones are served that could change; set dns.listen".into());
    }
    problems
}

/// The files that hold keys' secrets.
pub(crate) fn secret_files(dns: &DnsConfig) -> impl Iterator<Item = PathBuf> {
    dns.keys.values().filter_map(|key| key.secret.file.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account_settings::Kept;

    fn dns(keys: &[(&str, Option<&str>)], notify: &[(&str, Option<&str>)]) -> DnsConfig {
        let secret = Kept { file: Some("secret".into()), env: None, credential: None };
        let key = |name: Option<&str>| KeyConfig {
            name: name.map(str::to_owned),
            algorithm: String::new(),
            secret: secret.clone(),
            transfer: true,
        };
        DnsConfig {
            listen: vec!["192.0.2.1:53".into()],
            hostmaster: String::new(),
            notify: notify
                .iter()
                .map(|(address, key)| SecondaryConfig { address: (*address).into(), key: key.map(str::to_owned) })
                .collect(),
            keys: keys.iter().map(|(called, name)| ((*called).to_owned(), key(*name))).collect(),
        }
    }

    #[test]
    fn what_cannot_be_shared_is_said_in_one_sentence_each() {
        let fine = dns(&[("second", Some("second.example.com")), ("third", None)], &[("192.0.2.2:53", Some("second"))]);
        assert_eq!(problems(&fine), [] as [&str; 0]);
        let quiet = DnsConfig { listen: vec![], ..fine.clone() };
        for (said, word) in [
            (dns(&[("Second", None)], &[]), "dns.keys.Second has a name that is none"),
            (dns(&[("second", Some("a b"))], &[]), "dns.keys.second cannot be used: its name"),
            (dns(&[("one", Some("Key.")), ("two", Some("key"))], &[]), "dns.keys.two has the name of another key"),
            (dns(&[], &[("ns2.example.com:53", None)]), "dns.notify has \"ns2.example.com:53\""),
            (dns(&[], &[("0.0.0.0:53", None)]), "dns.notify has \"0.0.0.0:53\""),
            (dns(&[], &[("192.0.2.2:0", None)]), "dns.notify has \"192.0.2.2:0\""),
            (dns(&[], &[("192.0.2.2:53", Some("second"))]), "dns.notify names the key \"second\""),
            (quiet, "dns.notify is set, and no zones are served"),
        ] {
            let found = problems(&said);
            assert!(found.len() == 1 && found[0].starts_with(word), "{found:?}");
        }
        assert_eq!(secret_files(&fine).count(), 2);
    }
}

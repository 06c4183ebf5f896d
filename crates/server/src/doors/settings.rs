//! What the operator says about connections and about stopping.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// See the table `connections` in `config.default.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Connections {
    pub most: usize,
    pub most_per_address: usize,
    pub header_seconds: u64,
    pub header_kib: usize,
    pub body_seconds: u64,
    pub body_bytes_per_second: u64,
    pub idle_seconds: u64,
}

/// See the table `shutdown` in `config.default.toml`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Shutdown {
    pub grace_seconds: Grace,
}

/// How long a stopping process goes on serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grace {
    /// As long as other processes take to notice, where there are others.
    Auto,
    /// So many seconds.
    Seconds(u64),
}

/// How long a load balancer takes to notice that a process is not ready any more.
const NOTICE_SECONDS: u64 = 5;

impl Connections {
    /// What the checks of the configuration hold against their ranges.
    pub(crate) fn numbers(&self) -> [(&'static str, i64, i64, i64); 7] {
        let size = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let long = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        [
            ("connections.most", size(self.most), 16, 1_000_000),
            ("connections.most_per_address", size(self.most_per_address), 1, 1_000_000),
            ("connections.header_seconds", long(self.header_seconds), 1, 600),
            ("connections.header_kib", size(self.header_kib), 8, 256),
            ("connections.body_seconds", long(self.body_seconds), 1, 600),
            ("connections.body_bytes_per_second", long(self.body_bytes_per_second), 0, 1_000_000),
            ("connections.idle_seconds", long(self.idle_seconds), 1, 3_600),
        ]
    }
}

impl Grace {
    /// The seconds that are meant; `several` says whether other processes serve beside this one.
    #[must_use]
    pub const fn seconds(self, several: bool) -> u64 {
        match self {
            Self::Auto if several => NOTICE_SECONDS,
            Self::Auto => 0,
            Self::Seconds(seconds) => seconds,
        }
    }
}

impl<'de> Deserialize<'de> for Grace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GraceVisitor)
    }
}

struct GraceVisitor;

impl Visitor<'_> for GraceVisitor {
    type Value = Grace;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"auto\" or seconds from 0 to 600")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Grace, E> {
        if text == "auto" { Ok(Grace::Auto) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Grace, E> {
        match seconds {
            0..=600 => Ok(Grace::Seconds(seconds)),
            _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(seconds), &self)),
        }
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Grace, E> {
        match u64::try_from(seconds) {
            Ok(seconds) => self.visit_u64(seconds),
            Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(seconds), &self)),
        }
    }
}

/// An address or a network, as the operator writes it.
///
/// # Errors
/// A sentence, when it is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    parsed.map_err(|_| {
        format!("trusted_proxies has {text:?}, which is neither an address nor a network; write it as 10.0.0.0/8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_is_a_word_or_a_number() {
        let read = |text: &str| toml_of(text).map(|shutdown| shutdown.grace_seconds);
        assert_eq!(read("\"auto\""), Ok(Grace::Auto));
        assert_eq!(read("0"), Ok(Grace::Seconds(0)));
        assert_eq!(read("600"), Ok(Grace::Seconds(600)));
        for wrong in ["601", "-1", "\"soon\"", "true"] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains("\"auto\" or seconds from 0 to 600"), "{error}");
        }
        assert_eq!(
            (Grace::Auto.seconds(true), Grace::Auto.seconds(false), Grace::Seconds(9).seconds(false)),
            (5, 0, 9)
        );
    }

    fn toml_of(value: &str) -> Result<Shutdown, String> {
        use figment::providers::{Format as _, Toml};
        let text = format!("grace_seconds = {value}");
        figment::Figment::from(Toml::string(&text)).extract().map_err(|error| error.to_string())
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert!(network("10.0.0.0/8").is_ok() && network("127.0.0.1").is_ok() && network("2001:db8::/32").is_ok());
        for wrong in ["", "proxy.acme.com", "10.0.0.0/33", "10.0.0.1:80"] {
            assert!(network(wrong).unwrap_err().contains("10.0.0.0/8"), "{wrong:?}");
        }
    }
}

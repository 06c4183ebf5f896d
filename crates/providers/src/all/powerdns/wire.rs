//! What PowerDNS says: <https://doc.powerdns.com/authoritative/http-api/zone.html>.

use serde::Deserialize;

/// A zone.
#[derive(Deserialize)]
pub(super) struct Zone {
    /// `Native`, `Master` or `Primary`, `Slave` or `Secondary`, `Producer`, `Consumer`.
    pub(super) kind: String,
    #[serde(default)]
    pub(super) rrsets: Vec<Set>,
}

/// A zone in the list of all.
#[derive(Deserialize)]
pub(super) struct Listed {
    /// With its last dot.
    pub(super) name: String,
}

/// A record set.
#[derive(Clone, Deserialize)]
pub(super) struct Set {
    /// With its last dot.
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) rtype: String,
    pub(super) ttl: u32,
    pub(super) records: Vec<Record>,
}

/// A record.
#[derive(Clone, Deserialize)]
pub(super) struct Record {
    /// Its value as a zone file has it.
    pub(super) content: String,
    /// Whether it is kept and not served.
    #[serde(default)]
    pub(super) disabled: bool,
}

/// A server.
#[derive(Deserialize)]
pub(super) struct Server {
    /// `authoritative` or `recursor`.
    pub(super) daemon_type: String,
    pub(super) version: String,
}

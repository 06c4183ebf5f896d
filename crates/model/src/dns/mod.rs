//! DNS records as the steps pass them on, and how healthy a domain's records are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::named::named;

mod data;
mod health;
mod host;
mod hosted;
mod notes;
mod senders;
mod spf;
mod text;
mod wanted;
mod zone;

pub use data::Data;
pub(crate) use health::tags;
pub use health::{dkim, dmarc, is_spf, mx, spf};
pub use host::{Place, hostname, owner};
pub use hosted::{HostedZone, RecordPurpose as Purpose, Records, next_serial};
pub use senders::merged;
pub use spf::{MOST_LOOKUPS, SpfCost, spf_cost};
pub use text::{in_strings, joined, strings};
pub use zone::{Soa, Zone, ZoneFault, is_newer};

/// Every record of one name and type (RFC 2181 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RrSet {
    /// The owner, a full name without trailing dot.
    pub name: String,
    /// Its type.
    pub rtype: RrType,
    /// Seconds that resolvers may keep it.
    pub ttl: u32,
    /// The values in presentation form: `10 mx.example.com` for MX. For TXT it is the plain text, however long. Where it
    /// comes in quotes, `"…" "…"`, as zone files and vendors write a text that is longer than one string, it means the
    /// text that the strings make together ([`joined`]); it is cut into strings again only on the wire ([`strings`]).
    /// Texts are compared with case: keys are base64.
    pub values: Vec<String>,
}

named! {
    /// The record types we write or look at.
    #[expect(missing_docs, reason = "RFC 1035, 2782, 3596 and 8659 say it")]
    pub enum RrType {
        A "A",
        Aaaa "AAAA",
        Cname "CNAME",
        Mx "MX",
        Ns "NS",
        Txt "TXT",
        Srv "SRV",
        Caa "CAA",
    }
}

/// One record set as the last look found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Health {
    Ok,
    Missing,
    Wrong,
    Unknown,
}

/// The record sets that mail depends on, as the last look found them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DnsHealth {
    /// Who may send (RFC 7208).
    pub spf: Health,
    /// The signing keys (RFC 6376).
    pub dkim: Health,
    /// What receivers do with failures (RFC 9989).
    pub dmarc: Health,
    /// Where mail goes.
    pub mx: Health,
    /// When we looked.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub checked_at: Time,
}

impl Health {
    /// The first of two that is not [`Self::Ok`].
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match self {
            Self::Ok => other,
            worse => worse,
        }
    }
}

impl DnsHealth {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        [self.spf, self.dkim, self.dmarc, self.mx].iter().all(|one| *one == Health::Ok)
    }
}

//! A domain's zone as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dns::{HostedZone, Purpose, Records, RrType, joined};

/// The zone of a domain as it should be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Zone {
    /// The nameservers that serve it.
    #[schema(example = json!(["ns1.sandbox.mailwright.dev", "ns2.sandbox.mailwright.dev"]))]
    pub nameservers: Vec<String>,
    /// Which version of its records this is; it only grows.
    #[schema(example = 1_778_241_600)]
    pub serial: i64,
    /// Whether they serve this version; false while a change is on its way.
    pub published: bool,
    /// Its records: ours, and those that the domain had before and keeps.
    pub records: Vec<ZoneRecord>,
    /// What is served otherwise than whoever wanted it has written it, in sentences.
    #[schema(example = json!(["_dmarc.acme-mail.com keeps the policy for mail (DMARC) that it had."]))]
    pub notes: Vec<String>,
}

/// Records of one name and type, and what they are for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ZoneRecord {
    /// What they are for; `customer`: they are not ours.
    pub purpose: Purpose,
    /// Whose they are in the zone.
    #[schema(example = "acme-mail.com")]
    pub name: String,
    /// Their type.
    pub r#type: RrType,
    /// How long resolvers may keep them, in seconds.
    #[schema(minimum = 0, example = 300)]
    pub ttl: u32,
    /// What they say, in presentation form; a text is plain, however long.
    #[schema(example = json!(["1 smtp.google.com"]))]
    pub values: Vec<String>,
    /// Whether they are served; false where ours take the place of the customer's own, which are kept.
    pub served: bool,
}

impl Zone {
    /// The view of a zone.
    #[must_use]
    pub fn of(zone: &HostedZone) -> Self {
        let is_there = |one: &&Records| !one.set.values.is_empty();
        Self {
            nameservers: zone.nameservers.clone(),
            serial: zone.serial,
            published: !zone.is_behind(),
            records: zone.records.iter().filter(is_there).map(|one| ZoneRecord::of(one, zone)).collect(),
            notes: zone.notes(),
        }
    }
}

impl ZoneRecord {
    fn of(records: &Records, zone: &HostedZone) -> Self {
        let set = &records.set;
        Self {
            purpose: records.purpose,
            name: set.name.clone(),
            r#type: set.rtype,
            ttl: set.ttl,
            values: set.values.iter().map(|value| plain(set.rtype, value)).collect(),
            served: zone.serves(records),
        }
    }
}

/// A text is one, however many strings it was written in.
fn plain(rtype: RrType, value: &str) -> String {
    if rtype == RrType::Txt { joined(value) } else { value.to_owned() }
}

//! The records that somebody sends for mailboxes made by hand: read with suspicion.

use super::{Record, key};
use crate::dns::{Data, Place, RrSet, RrType, hostname, is_spf, joined, owner};
use crate::domain::DomainName;
use crate::named::named;
use crate::refusal::Fault;

/// Seconds that resolvers may keep a record: an hour, the usual middle.
const TTL: u32 = 3600;
/// The longest text, in bytes: a key of 4096 bits has 760.
const LONGEST_TEXT: usize = 1024;
/// Look-ups that one SPF record may cost a receiver (RFC 7208 §4.6.4).
const LOOK_UPS: usize = 10;

named! {
    /// What a record is for.
    pub enum Purpose {
        /// It shows the mail provider whose domain it is.
        Ownership "ownership",
        /// It says where mail goes.
        Mx "mx",
        /// It says who may send.
        Spf "spf",
        /// It has the key that mail is signed with.
        Dkim "dkim",
    }
}

impl Purpose {
    /// What mail cannot do without and is not there. Whether somebody's ownership is shown already only the provider knows.
    pub(super) fn missing(sets: &[RrSet], name: &DomainName) -> Vec<Self> {
        let spf = |set: &RrSet| set.values.iter().any(|value| is_spf(value));
        let has = |purpose: &Self| {
            sets.iter().any(|set| match purpose {
                Self::Ownership => false,
                Self::Mx => set.rtype == RrType::Mx,
                Self::Spf => set.rtype == RrType::Txt && set.name == name.as_str() && spf(set),
                Self::Dkim => is_key(&set.name),
            })
        };
        Self::ALL.iter().copied().filter(|purpose| *purpose != Self::Ownership && !has(purpose)).collect()
    }

    pub(super) const fn lack(self) -> &'static str {
        match self {
            Self::Ownership => "The record that shows whose domain it is is missing.",
            Self::Mx => "An MX record is missing: no mail would arrive.",
            Self::Spf => "An SPF record is missing: a TXT record of the domain itself that begins with `v=spf1`.",
            Self::Dkim => {
                "A DKIM key is missing: a TXT or CNAME record below `_domainkey`. The provider's console makes one."
            }
        }
    }
}

fn is_key(name: &str) -> bool {
    name.contains("._domainkey.")
}

/// A fault of one record: which part of it, and what to send.
type Wrong = (&'static str, String);

/// The record sets that these records make; what is wrong is told with its path.
pub(super) fn sets(records: &[Record], name: &DomainName, at: &str, faults: &mut Vec<Fault>) -> Vec<RrSet> {
    let mut sets: Vec<RrSet> = vec![];
    for (n, record) in records.iter().enumerate() {
        let added = read(record, name.as_str()).and_then(|(owner, value)| add(&mut sets, record.rtype, owner, value));
        if let Err((part, message)) = added {
            faults.push(Fault::invalid(format!("{at}[{n}].{part}"), message));
        }
    }
    sets
}

/// Puts a record with those that were read before it.
fn add(sets: &mut Vec<RrSet>, rtype: RrType, name: String, value: String) -> Result<(), Wrong> {
    let beside = |set: &&RrSet| set.name == name && (set.rtype == RrType::Cname) != (rtype == RrType::Cname);
    if let Some(other) = sets.iter().find(beside) {
        let message = format!("{name} has a {} record already; a CNAME stands alone.", other.rtype.as_str());
        return Err(("name", message));
    }
    let Some(set) = sets.iter_mut().find(|set| set.name == name && set.rtype == rtype) else {
        sets.push(RrSet { name, rtype, ttl: TTL, values: vec![value] });
        return Ok(());
    };
    let is_second_spf = is_spf(&value) && set.values.iter().any(|one| is_spf(one));
    let fault = if set.values.contains(&value) {
        "The same record stands before it. Send it once."
    } else if rtype == RrType::Cname {
        "This name is an alias of another already. Send one."
    } else if rtype == RrType::Txt && is_second_spf {
        "There is an SPF record already, and receivers take two for none (RFC 7208 §4.5). Send one with the terms of both."
    } else if is_key(&name) {
        "There is a key at this name already. Send each key at its own selector."
    } else {
        set.values.push(value);
        return Ok(());
    };
    Err(("value", fault.to_owned()))
}

/// The whole name of a record, and its value as it is kept.
fn read(record: &Record, zone: &str) -> Result<(String, String), Wrong> {
    let (name, place) = name_of(record, zone).map_err(|message| ("name", message))?;
    let value = match record.rtype {
        RrType::Mx => mx(&record.value, place, zone),
        RrType::Cname => alias(&record.value, zone),
        RrType::Txt => text(&record.value, &name, place),
        _ => return Err(("type", "Send TXT, MX or CNAME records.".to_owned())),
    };
    match value {
        Ok(value) => Ok((name, value)),
        Err(message) => Err(("value", message)),
    }
}

fn name_of(record: &Record, zone: &str) -> Result<(String, Place), String> {
    let whole = || format!("Send the whole name of a record of {zone}, like `selector1._domainkey.{zone}`, or `@`.");
    let name = match record.name.trim() {
        "@" => zone.to_owned(),
        text => owner(text).ok_or_else(whole)?,
    };
    let place = Place::of(&name, zone);
    let ours = |label: &str| name.strip_suffix(zone).and_then(|rest| rest.strip_suffix('.')) == Some(label);
    match (place, record.rtype) {
        (Place::Outside, _) => Err(whole()),
        _ if name.starts_with('*') => Err("Send a name without `*`.".to_owned()),
        _ if ours("_dmarc") => Err("DMARC is published by us. Leave this record out.".to_owned()),
        _ if ours("www") => Err("The web address is redirected by us. Leave this record out.".to_owned()),
        (Place::Below, RrType::Mx) => Err(format!("Mail goes to addresses of {zone} itself. Send `@`.")),
        (Place::Apex, RrType::Cname) => Err("The domain itself cannot be an alias. Send a name below it.".to_owned()),
        _ => Ok((name, place)),
    }
}

fn mx(value: &str, place: Place, zone: &str) -> Result<String, String> {
    debug_assert_eq!(place, Place::Apex);
    match Data::parse(RrType::Mx, value) {
        Ok(Data::Mx(_, host)) if host.is_empty() => {
            Err("This says that no mail is taken. Send the provider's host.".into())
        }
        Ok(Data::Mx(_, host)) if Place::of(&host, zone) != Place::Outside => Err(inside(zone)),
        Ok(Data::Mx(preference, host)) => Ok(format!("{preference} {host}")),
        Ok(_) | Err(_) => Err("Send preference and host, like `1 smtp.google.com`.".to_owned()),
    }
}

fn alias(value: &str, zone: &str) -> Result<String, String> {
    let host = hostname(value.trim()).ok_or_else(|| "Send the name that it stands for.".to_owned())?;
    if Place::of(&host, zone) == Place::Outside { Ok(host) } else { Err(inside(zone)) }
}

fn inside(zone: &str) -> String {
    format!("This leads back into {zone}, where it finds nothing. Send the mail provider's host.")
}

fn text(value: &str, name: &str, place: Place) -> Result<String, String> {
    let text = joined(value);
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if !(1..=LONGEST_TEXT).contains(&text.len()) || !text.bytes().all(is_plain) {
        return Err(format!("Send a text of 1 to {LONGEST_TEXT} ASCII characters."));
    }
    let fault = if is_key(name) {
        key::fault(&text).map(str::to_owned)
    } else if is_spf(&text) {
        spf_fault(&text, place)
    } else {
        None
    };
    fault.map_or(Ok(text), Err)
}

/// What is wrong with an SPF record, as far as it can be seen without asking anybody.
fn spf_fault(text: &str, place: Place) -> Option<String> {
    if place != Place::Apex {
        return Some("SPF stands at the domain itself. Send it at `@`.".to_owned());
    }
    let terms: Vec<_> = text.split(' ').skip(1).filter(|term| !term.is_empty()).map(str::to_ascii_lowercase).collect();
    let looks_up = |term: &&String| {
        let term = term.trim_start_matches(['+', '-', '~', '?']);
        let word = term.split([':', '/', '=']).next().unwrap_or_default();
        matches!(word, "include" | "a" | "mx" | "ptr" | "exists" | "redirect")
    };
    let asks = terms.iter().filter(looks_up).count();
    if asks > LOOK_UPS {
        return Some(format!("Receivers look up at most {LOOK_UPS} names for SPF (RFC 7208 §4.6.4); this has {asks}."));
    }
    let lets_everybody = terms.iter().any(|term| term == "all" || term == "+all");
    lets_everybody.then(|| "This lets everybody send in the domain's name. End it with `~all` or `-all`.".to_owned())
}

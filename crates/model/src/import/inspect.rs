//! Whether a name can be taken over, by what the world sees of it.

use super::ImportReason;
use crate::dns::RrType;
use crate::domain::{DomainName, RegistryStatus};

/// What the world sees of a name.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// To whom it is delegated.
    pub nameservers: &'a [String],
    /// Its MX records, in presentation form.
    pub mail: &'a [String],
    /// Whether those above it say that its zone is signed (RFC 4035 §2.4).
    pub is_signed: bool,
    /// What its registry says that keeps it from other nameservers; `None` where nobody can say.
    pub statuses: Option<&'a [RegistryStatus]>,
}

/// What stands in the way of taking a name over; `None` when nothing does.
#[must_use]
pub fn inspect(seen: Seen<'_>, replace_live_mail: bool) -> Option<ImportReason> {
    let statuses = seen.statuses.unwrap_or_default();
    // Such a name has no delegation either, and would be told to be nobody's.
    if statuses.iter().any(|status| !status.is_lock()) {
        return Some(ImportReason::Suspended);
    }
    if seen.nameservers.is_empty() {
        return Some(ImportReason::NotRegistered);
    }
    if seen.mail.iter().any(|value| !is_null_mx(value)) && !replace_live_mail {
        return Some(ImportReason::LiveMail);
    }
    if !statuses.is_empty() {
        return Some(ImportReason::Locked);
    }
    seen.is_signed.then_some(ImportReason::Signed)
}

/// Below a name, what has to move along when another host serves its zone: a zone cannot be listed from outside, so that it
/// is asked for what such names usually have. An alias comes before what its target has.
const USUAL: &[(&str, &[RrType])] = &[
    ("", &[RrType::A, RrType::Aaaa, RrType::Mx, RrType::Txt, RrType::Caa]),
    ("www", &[RrType::Cname, RrType::A, RrType::Aaaa]),
    ("_dmarc", &[RrType::Cname, RrType::Txt]),
    ("_mta-sts", &[RrType::Txt]),
    ("_smtp._tls", &[RrType::Txt]),
    ("google._domainkey", &[RrType::Cname, RrType::Txt]),
    ("default._domainkey", &[RrType::Cname, RrType::Txt]),
    ("selector1._domainkey", &[RrType::Cname]),
    ("selector2._domainkey", &[RrType::Cname]),
    ("autodiscover", &[RrType::Cname]),
    ("_autodiscover._tcp", &[RrType::Srv]),
    ("_sip._tls", &[RrType::Srv]),
    ("_sipfederationtls._tcp", &[RrType::Srv]),
];

/// What a name is asked for that has to move along: names, each with the types in the order to ask; the first that is an alias
/// ends it.
pub fn moves_along(name: &DomainName) -> impl Iterator<Item = (String, &'static [RrType])> + '_ {
    USUAL.iter().map(move |(below, types)| match *below {
        "" => (name.as_str().to_owned(), *types),
        below => (format!("{below}.{name}"), *types),
    })
}

/// Whether an MX record says that the name takes no mail (RFC 7505): its host is the root.
fn is_null_mx(value: &str) -> bool {
    value.split_ascii_whitespace().last().is_some_and(|host| host == ".")
}

//! Zones as zone files, which everybody reads (RFC 1035 §5).

use std::fmt::Write as _;

use model::dns::{RrType, Zone, joined, strings};

/// A zone as a zone file.
pub(crate) fn of(zone: &Zone) -> String {
    let soa = &zone.soa;
    let mut file = format!(
        "$ORIGIN {}.\n@ {} IN SOA {}. {}. {} {} {} {} {}\n",
        zone.name,
        soa.ttl,
        zone.nameservers[0],
        soa.contact,
        zone.serial,
        soa.refresh,
        soa.retry,
        soa.expire,
        soa.minimum
    );
    for host in &zone.nameservers {
        let _ = writeln!(file, "@ {} IN NS {host}.", soa.ttl);
    }
    for set in &zone.sets {
        for value in &set.values {
            let value = match set.rtype {
                RrType::Txt => quoted(&joined(value)),
                // Names of ours have no last dot, and are whole.
                RrType::Cname | RrType::Ns | RrType::Mx | RrType::Srv if !value.ends_with('.') => format!("{value}."),
                _ => value.clone(),
            };
            let _ = writeln!(file, "{}. {} IN {} {value}", set.name, set.ttl, set.rtype.as_str());
        }
    }
    file
}

fn quoted(text: &str) -> String {
    let byte = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\{byte:03}"),
    };
    let string = |string: &[u8]| format!("\"{}\"", string.iter().map(byte).collect::<String>());
    strings(text).map(string).collect::<Vec<_>>().join(" ")
}

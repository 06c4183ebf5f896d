//! The zones that are served, as those of ordinary domains with mail are, and the questions about them.

use std::fmt::Write as _;

use model::dns::{RrSet, RrType, Soa, Zone};

/// The name of a zone.
pub(crate) fn name(number: usize) -> String {
    format!("team-acme-{number}.com")
}

/// A zone: mail at Google, a web address that leads on, eleven records in all.
pub(crate) fn zone(number: usize) -> Zone {
    let name = name(number);
    let set = |owner: &str, rtype, values: &[&str]| RrSet {
        name: if owner.is_empty() { name.clone() } else { format!("{owner}.{name}") },
        rtype,
        ttl: 3600,
        values: values.iter().map(|one| (*one).to_owned()).collect(),
    };
    let key = format!("v=DKIM1; k=rsa; p={}", format!("MIIBIjANBgkq{number:08}").repeat(20));
    let sets = vec![
        set("", RrType::A, &["192.0.2.1"]),
        set("", RrType::Aaaa, &["2001:db8::1"]),
        set("", RrType::Mx, &["1 smtp.google.com"]),
        set("", RrType::Txt, &["v=spf1 include:_spf.google.com ~all", "google-site-verification=abcdefghijklmnop"]),
        set("www", RrType::Cname, &[&name]),
        set("google._domainkey", RrType::Txt, &[&key]),
        set("_dmarc", RrType::Txt, &["v=DMARC1; p=none"]),
    ];
    Zone {
        name: name.clone(),
        serial: 1,
        nameservers: vec!["ns1.host.example".into(), "ns2.host.example".into()],
        soa: Soa {
            contact: "hostmaster.host.example".into(),
            refresh: 3600,
            retry: 600,
            expire: 1_209_600,
            minimum: 300,
            ttl: 3600,
        },
        sets,
    }
}

/// Questions as dnsperf reads them, about zones far apart.
pub(crate) fn questions(zones: usize) -> String {
    let mut text = String::new();
    let kinds = ["", "www.", "google._domainkey.", "_dmarc.", "nobody.", ""];
    let types = ["MX", "A", "TXT", "TXT", "A", "TXT"];
    for n in 0..60_000 {
        // A step that shares no factor with any round number of zones.
        let zone = name(n * 7_919 % zones);
        let _ = writeln!(text, "{}{zone} {}", kinds[n % kinds.len()], types[n % types.len()]);
    }
    text
}

//! The records that the sandbox's mail hosts ask for, as the real ones would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::dns::{RrSet, RrType, in_strings};
use model::domain::{DomainName, MailProvider};

use super::made_up;

/// Seconds that resolvers may keep them.
const TTL: u32 = 3_600;
/// How a public key of 2048 bits begins and ends (RFC 5280 §4.1.2.7, RFC 8017 §A.1.1); between them stands the modulus.
const KEY_FRAME: (&[u8], &[u8]) = (
    &[
        0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
        0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
    ],
    &[0x02, 0x03, 0x01, 0x00, 0x01],
);
const MODULUS_BYTES: usize = 256;
/// The longest label of a host name, in bytes (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;
/// What the selectors put before the label that a name becomes.
const SELECTOR: usize = "selector1-".len();

/// The text that proves to the host whose name it is.
pub(super) fn ownership(provider: MailProvider, name: &DomainName) -> String {
    let words = ["ownership", provider.as_str(), name.as_str()];
    match provider {
        MailProvider::Google => format!("google-site-verification={}", made_up::token(&words, 43)),
        MailProvider::Microsoft => format!("MS=ms{}", made_up::digits(&words, 8)),
    }
}

/// Everything that a host wants in the zone: one set per name and type.
pub(super) fn wanted(provider: MailProvider, name: &DomainName) -> Vec<RrSet> {
    match provider {
        MailProvider::Google => google(name),
        MailProvider::Microsoft => microsoft(name),
    }
}

fn google(name: &DomainName) -> Vec<RrSet> {
    let apex = ["v=spf1 include:_spf.google.com ~all".to_owned(), ownership(MailProvider::Google, name)];
    vec![
        set(name, "", RrType::Mx, ["1 smtp.google.com".to_owned()]),
        set(name, "", RrType::Txt, apex),
        set(name, "google._domainkey", RrType::Txt, [in_strings(&format!("v=DKIM1; k=rsa; p={}", public_key(name)))]),
    ]
}

/// Where a vendor keeps the keys that its customers' names lead to.
const KEYS_LIE_AT: [&str; 2] = [".onmicrosoft.com", ".dkim.mail.microsoft"];

/// The texts that vendors have themselves: who sends for them, and the keys that their customers' names lead to. Addresses are
/// those for documentation (RFC 5737); `None` of a name that no vendor has.
pub(super) fn of_vendors(name: &str) -> Option<Vec<String>> {
    let one = |text: String| Some(vec![text]);
    match name.trim_end_matches('.') {
        "_spf.google.com" => one("v=spf1 ip4:192.0.2.0/24 ~all".into()),
        "spf.protection.outlook.com" => one("v=spf1 ip4:198.51.100.0/24 -all".into()),
        key if key.contains("._domainkey.") && KEYS_LIE_AT.iter().any(|zone| key.ends_with(zone)) => {
            one(in_strings(&format!("v=DKIM1; k=rsa; p={}", public_key(&DomainName::stored(key)))))
        }
        _ => None,
    }
}

/// A key that can be read as one, and that nobody has the other half of.
fn public_key(name: &DomainName) -> String {
    let (begin, end) = KEY_FRAME;
    let mut modulus = made_up::bytes(&["dkim", name.as_str()], MODULUS_BYTES);
    // As long as it says, and the product of two odd numbers.
    modulus[0] |= 0x80;
    modulus[MODULUS_BYTES - 1] |= 1;
    STANDARD.encode([begin, &modulus, end].concat())
}

fn microsoft(name: &DomainName) -> Vec<RrSet> {
    let dashed = dashed(name);
    let tenant = made_up::digits(&["tenant", name.as_str()], 6);
    let key = |n: u8| format!("selector{n}-{dashed}._domainkey.sandbox{tenant}.onmicrosoft.com");
    let apex = ["v=spf1 include:spf.protection.outlook.com -all".to_owned(), ownership(MailProvider::Microsoft, name)];
    vec![
        set(name, "", RrType::Mx, [format!("0 {dashed}.mail.protection.outlook.com")]),
        set(name, "", RrType::Txt, apex),
        set(name, "selector1._domainkey", RrType::Cname, [key(1)]),
        set(name, "selector2._domainkey", RrType::Cname, [key(2)]),
        set(name, "autodiscover", RrType::Cname, ["autodiscover.outlook.com".to_owned()]),
    ]
}

/// A whole name as one label: two dashes in a row would make it look like an internationalised one, and what is too
/// long is told apart by a number.
fn dashed(name: &DomainName) -> String {
    let label = name.as_str().replace('.', "-").replace("--", "-");
    if SELECTOR + label.len() <= LONGEST_LABEL {
        return label;
    }
    let number = made_up::digits(&["label", name.as_str()], 8);
    let kept: String = label.chars().take(LONGEST_LABEL - SELECTOR - 1 - number.len()).collect();
    format!("{}-{number}", kept.trim_end_matches('-'))
}

fn set(name: &DomainName, label: &str, rtype: RrType, values: impl Into<Vec<String>>) -> RrSet {
    let name = if label.is_empty() { name.to_string() } else { format!("{label}.{name}") };
    RrSet { name, rtype, ttl: TTL, values: values.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use model::dns::joined;

    use super::*;

    #[test]
    fn there_is_one_set_per_name_and_type_and_the_apex_proves_ownership() {
        let name = DomainName::stored("acme-mail.co.uk");
        for provider in [MailProvider::Google, MailProvider::Microsoft] {
            let sets = wanted(provider, &name);
            let keys: HashSet<_> = sets.iter().map(|set| (&set.name, set.rtype)).collect();
            assert_eq!(keys.len(), sets.len());
            let apex = sets.iter().find(|set| set.name == name.as_str() && set.rtype == RrType::Txt).unwrap();
            assert!(apex.values.contains(&ownership(provider, &name)));
        }
    }

    /// Names as long and as odd as they come.
    fn odd_names() -> Vec<DomainName> {
        let longest = "a".repeat(63);
        let names = ["acme.com", "acme-mail.co.uk", "xn--bcher-kva.com", &format!("{longest}.com")];
        let more = [
            format!("{longest}.xn--p1ai"),
            format!("{}-b.co.uk", "a".repeat(30)),
            format!("{}.com", "b-".repeat(25) + "b"),
        ];
        names.into_iter().map(str::to_owned).chain(more).map(DomainName::stored).collect()
    }

    #[test]
    fn no_text_is_longer_than_one_character_string_holds() {
        for name in odd_names() {
            let sets = wanted(MailProvider::Google, &name);
            for value in sets.iter().filter(|set| set.rtype == RrType::Txt).flat_map(|set| &set.values) {
                let strings: Vec<_> = value.split("\" \"").map(|one| one.trim_matches('"')).collect();
                assert!(strings.iter().all(|one| one.len() <= 255), "{value}");
                assert_eq!(strings.concat(), joined(value));
            }
        }
    }

    #[test]
    fn every_label_is_one_that_a_zone_can_have() {
        let is_label = |label: &str| {
            let plain = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
            let framed = label.starts_with('-') || label.ends_with('-');
            (1..=LONGEST_LABEL).contains(&label.len()) && plain && !framed
        };
        let mut hosts = HashSet::new();
        for name in odd_names() {
            for set in wanted(MailProvider::Microsoft, &name).into_iter().chain(wanted(MailProvider::Google, &name)) {
                let values = set.values.iter().filter(|_| set.rtype != RrType::Txt).cloned();
                for host in values.chain([set.name.clone()]) {
                    let host = host.rsplit(' ').next().unwrap().to_owned();
                    assert!(host.len() <= 253 && host.split('.').all(is_label), "{host}");
                    let new = host.strip_suffix(name.as_str()).is_none_or(str::is_empty);
                    assert!(!new || !host.contains("--") || host == name.as_str(), "{host}");
                    hosts.extend(host.ends_with("protection.outlook.com").then_some(host));
                }
            }
        }
        assert_eq!(hosts.len(), odd_names().len(), "each name has a host of its own");
    }

    #[test]
    fn a_key_is_one_of_2048_bits_and_each_name_has_its_own() {
        let mut keys = HashSet::new();
        for name in odd_names() {
            let record = wanted(MailProvider::Google, &name).pop().unwrap().values.pop().unwrap();
            let text = joined(&record);
            let key = text.strip_prefix("v=DKIM1; k=rsa; p=").unwrap();
            let der = STANDARD.decode(key).unwrap();
            // SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { modulus, 65537 } } }
            assert_eq!((der.len(), &der[..4], &der[4..19]), (294, &KEY_FRAME.0[..4], &KEY_FRAME.0[4..19]));
            assert_eq!(usize::from(der[2]) << 8 | usize::from(der[3]), der.len() - 4);
            let modulus = &der[33..289];
            assert!(modulus[0] >= 0x80 && modulus[255] % 2 == 1, "an odd number of 2048 bits");
            assert_eq!(&der[289..], KEY_FRAME.1);
            keys.insert(key.to_owned());
            assert_eq!(wanted(MailProvider::Google, &name).pop().unwrap().values[0], record, "always the same one");
        }
        assert_eq!(keys.len(), odd_names().len());
    }
}

//! The records that the sandbox's mail hosts ask for, as the real ones would.

use model::dns::{RrSet, RrType};
use model::domain::{DomainName, MailProvider};

use super::made_up;

/// Seconds that resolvers may keep them.
const TTL: u32 = 3_600;
/// How a public key of 1024 bits begins and ends; what stands between looks like one.
const KEY_FRAME: (&str, &str) = ("MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC", "IDAQAB");
const KEY_LENGTH: usize = 171;

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
    let (begin, end) = KEY_FRAME;
    let key = made_up::token(&["dkim", name.as_str()], KEY_LENGTH);
    let apex = ["v=spf1 include:_spf.google.com ~all".to_owned(), ownership(MailProvider::Google, name)];
    vec![
        set(name, "", RrType::Mx, ["1 smtp.google.com".to_owned()]),
        set(name, "", RrType::Txt, apex),
        set(name, "google._domainkey", RrType::Txt, [format!("v=DKIM1; k=rsa; p={begin}{key}{end}")]),
    ]
}

fn microsoft(name: &DomainName) -> Vec<RrSet> {
    let dashed = name.as_str().replace('.', "-");
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

fn set(name: &DomainName, label: &str, rtype: RrType, values: impl Into<Vec<String>>) -> RrSet {
    let name = if label.is_empty() { name.to_string() } else { format!("{label}.{name}") };
    RrSet { name, rtype, ttl: TTL, values: values.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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

    #[test]
    fn no_text_is_longer_than_one_character_string_holds() {
        let sets = wanted(MailProvider::Google, &DomainName::stored("acme.com"));
        assert!(sets.iter().flat_map(|set| &set.values).all(|value| value.len() <= 255));
    }
}

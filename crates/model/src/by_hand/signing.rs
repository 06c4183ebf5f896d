//! A signing key that somebody has fetched from a mail provider's console.

use super::Record;
use super::records::sets;
use crate::dns::{RrSet, RrType};
use crate::domain::DomainName;
use crate::refusal::{Fault, Refusal};

/// The field that it is sent in.
const HERE: &str = "dkim_record";

/// The record as it is published: its name may come without the domain's, as consoles show it.
///
/// # Errors
/// `invalid_request` with the path of what is wrong: a name that is none of this domain's keys, and a key that receivers do not
/// take (RFC 6376 §3.6.1, RFC 8301 §3.2).
pub(crate) fn signing_key(record: &Record, name: &DomainName) -> Result<RrSet, Refusal> {
    let written = record.name.trim().trim_end_matches('.');
    let whole = if written.ends_with("._domainkey") { format!("{written}.{name}") } else { written.to_owned() };
    let is_below = whole.to_ascii_lowercase().ends_with(&format!("._domainkey.{name}"));
    if !is_below || whole.starts_with("._domainkey") {
        let message = format!("Send the name of the key, like `google._domainkey` or `selector1._domainkey.{name}`.");
        return Err(Fault::invalid(format!("{HERE}.name"), message).into());
    }
    if !matches!(record.rtype, RrType::Txt | RrType::Cname) {
        return Err(Fault::invalid(format!("{HERE}.type"), "A key stands in a TXT record, or behind a CNAME.").into());
    }
    let mut faults = vec![];
    let read = sets(&[Record { name: whole, ..record.clone() }], name, HERE, &mut faults);
    // There is one, which has no place in a list.
    for fault in &mut faults {
        fault.field = fault.field.take().map(|field| field.replacen("[0]", "", 1));
    }
    Refusal::unless_empty(faults)?;
    read.into_iter().next().ok_or_else(|| Fault::invalid(HERE, "Send the record that the console shows.").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A public key of 1024 bits.
    const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

    fn read(rtype: RrType, name: &str, value: &str) -> Result<RrSet, Refusal> {
        signing_key(&Record { rtype, name: name.into(), value: value.into() }, &DomainName::stored("acme.com"))
    }

    #[test]
    fn it_is_read_as_consoles_show_it() {
        let key = format!("v=DKIM1; k=rsa; p={KEY}");
        let (first, last) = key.split_at(120);
        for (name, value) in
            [("google._domainkey", key.clone()), ("Google._domainkey.acme.com.", format!("\"{first}\" \"{last}\""))]
        {
            let set = read(RrType::Txt, name, &value).unwrap();
            assert_eq!((set.name.as_str(), set.values), ("google._domainkey.acme.com", vec![key.clone()]));
        }
        let alias = read(RrType::Cname, "selector1._domainkey", "selector1-acme-com._domainkey.acme.onmicrosoft.com");
        assert_eq!(alias.unwrap().values, ["selector1-acme-com._domainkey.acme.onmicrosoft.com"]);
    }

    #[test]
    fn what_receivers_would_not_take_is_refused_with_its_place() {
        let cut = format!("v=DKIM1; k=rsa; p={}", &KEY[..100]);
        let key = format!("v=DKIM1; k=rsa; p={KEY}");
        for (rtype, name, value, field) in [
            (RrType::Txt, "google._domainkey", cut.as_str(), "dkim_record.value"),
            (RrType::Txt, "google._domainkey", "v=DKIM1; p=", "dkim_record.value"),
            (RrType::Txt, "google._domainkey", "v=spf1 ~all", "dkim_record.value"),
            (RrType::Txt, "google", &key, "dkim_record.name"),
            (RrType::Txt, "@", &key, "dkim_record.name"),
            (RrType::Txt, "._domainkey", &key, "dkim_record.name"),
            (RrType::Txt, "google._domainkey.other.com", &key, "dkim_record.name"),
            (RrType::Mx, "google._domainkey", "1 smtp.google.com", "dkim_record.type"),
            (RrType::Cname, "selector1._domainkey", "selector1.acme.com", "dkim_record.value"),
        ] {
            let refused = read(rtype, name, value).unwrap_err();
            assert_eq!(refused.first().field.as_deref(), Some(field), "{name} {value}");
        }
    }
}

//! What is to be said of a zone: what of the customer's own records is served otherwise than they have written it.

use super::senders::terms;
use super::wanted::{is_hidden, sets};
use super::{Purpose, Records, RrSet, RrType};

/// Sentences about records that do not stand in the zone as whoever wanted them has said.
pub(super) fn notes(records: &[Records]) -> Vec<String> {
    let served = sets(records);
    let merged = served.iter().filter_map(|set| merged(set, records));
    let hidden = records.iter().filter(|one| !one.set.values.is_empty() && is_hidden(one, records)).map(hidden);
    merged.chain(hidden).collect()
}

/// Several records of who may send are none to receivers (RFC 7208 §4.5).
fn merged(set: &RrSet, records: &[Records]) -> Option<String> {
    let of_it = |one: &&Records| one.set.rtype == RrType::Txt && one.set.name == set.name && !is_hidden(one, records);
    let written: Vec<_> = records.iter().filter(of_it).flat_map(|one| &one.set.values).collect();
    let senders = |value: &&&String| terms(value).is_some();
    let mut before: Vec<_> = written.iter().filter(senders).map(|value| format!("`{value}`")).collect();
    before.dedup();
    let now = set.values.iter().find(|value| terms(value).is_some())?;
    (set.rtype == RrType::Txt && before.len() > 1).then(|| {
        format!("{} has one record of who may send mail (SPF), `{now}`, made of {}.", set.name, before.join(" and "))
    })
}

fn hidden(one: &Records) -> String {
    let Records { purpose, set } = one;
    let (rtype, name, values) = (set.rtype.as_str(), &set.name, set.values.join("`, `"));
    match purpose {
        Purpose::Policy => format!("{name} keeps the policy for mail (DMARC) that it had."),
        _ => format!("The {rtype} record `{values}` of {name} is kept, and not served while ours takes its place."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(purpose: Purpose, name: &str, rtype: RrType, values: &[&str]) -> Records {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Records { purpose, set: RrSet { name: name.into(), rtype, ttl: 300, values } }
    }

    #[test]
    fn what_is_served_as_it_was_written_needs_no_word() {
        let plain = [
            records(Purpose::Mail, "acme.com", RrType::Mx, &["1 smtp.google.com"]),
            records(Purpose::Customer, "acme.com", RrType::Txt, &["v=spf1 -all", "proof=1"]),
            records(Purpose::Customer, "www.acme.com", RrType::A, &["192.0.2.1"]),
        ];
        assert_eq!(notes(&plain), Vec::<String>::new());
    }

    #[test]
    fn what_was_merged_or_is_kept_back_is_said() {
        let all = [
            records(Purpose::Mail, "acme.com", RrType::Mx, &["1 smtp.google.com"]),
            records(Purpose::Mail, "acme.com", RrType::Txt, &["v=spf1 include:a.example ~all"]),
            records(Purpose::Policy, "_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=none"]),
            records(Purpose::Customer, "acme.com", RrType::Txt, &["v=spf1 include:b.example -all"]),
            records(Purpose::Customer, "acme.com", RrType::Mx, &["10 mx.old.example"]),
            records(Purpose::Customer, "_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=reject"]),
        ];
        assert_eq!(
            notes(&all),
            [
                "acme.com has one record of who may send mail (SPF), `v=spf1 include:a.example include:b.example ~all`, made of `v=spf1 include:a.example ~all` and `v=spf1 include:b.example -all`.",
                "_dmarc.acme.com keeps the policy for mail (DMARC) that it had.",
                "The MX record `10 mx.old.example` of acme.com is kept, and not served while ours takes its place.",
            ]
        );
    }
}

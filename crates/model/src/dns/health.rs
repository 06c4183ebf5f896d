//! Whether what can be seen is what mail needs. What receivers take for the same is the same; two records where they want
//! one are none to them.

use std::collections::BTreeMap;

use super::Health;
use super::senders::terms;
use super::text::joined;

/// Who may send: one SPF record, with the terms that are wanted (RFC 7208 §4.5).
#[must_use]
pub fn spf(wanted: &[String], seen: &[String]) -> Health {
    let folded = |terms: Vec<String>| terms.iter().map(|term| term.to_ascii_lowercase()).collect::<Vec<_>>();
    let records = |values: &[String]| values.iter().filter_map(|value| terms(value).map(folded)).collect::<Vec<_>>();
    one_of(&records(wanted), &records(seen))
}

/// Whether a text is an SPF record (RFC 7208 §4.5).
#[must_use]
pub fn is_spf(text: &str) -> bool {
    terms(text).is_some()
}

/// A signing key: one record with the tags that are wanted (RFC 6376 §3.6.1). Keys are base64, where letters of
/// different case are different; blanks, quotes and the order of tags mean nothing, nor do notes.
#[must_use]
pub fn dkim(wanted: &[String], seen: &[String]) -> Health {
    let keys = |values: &[String]| values.iter().map(|value| dkim_tags(&joined(value))).collect::<Vec<_>>();
    one_of(&keys(wanted), &keys(seen))
}

/// The tags of a key that mean something, with those that are left out. What is no list of tags is a text of its own.
fn dkim_tags(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut tags = tags(text).ok_or_else(|| text.to_owned())?;
    tags.remove("n");
    for (tag, value) in [("v", "DKIM1"), ("k", "rsa"), ("s", "*")] {
        tags.entry(tag.to_owned()).or_insert_with(|| value.to_owned());
    }
    Ok(tags)
}

/// What receivers do with failures: one record that they understand, whatever it says (RFC 9989).
#[must_use]
pub fn dmarc(seen: &[String]) -> Health {
    let policies: Vec<_> = seen.iter().filter_map(|value| policy(&joined(value))).collect();
    match policies.as_slice() {
        [] => Health::Missing,
        [true] => Health::Ok,
        _ => Health::Wrong,
    }
}

/// Whether a DMARC record is one that receivers understand; `None` of any other text.
fn policy(text: &str) -> Option<bool> {
    let (version, rest) = text.split_once(';').unwrap_or((text, ""));
    let (tag, value) = version.split_once('=')?;
    if tag.trim() != "v" || value.trim() != "DMARC1" {
        return None;
    }
    let known = |policy: &String| ["none", "quarantine", "reject"].iter().any(|one| policy.eq_ignore_ascii_case(one));
    Some(tags(rest).is_some_and(|tags| tags.get("p").is_none_or(known)))
}

/// Tags and values, without the blanks around and in them; `None` where it is no list, or has a tag twice.
pub(crate) fn tags(text: &str) -> Option<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for one in text.split(';').filter(|one| !one.trim().is_empty()) {
        let (tag, value) = one.split_once('=')?;
        let value = value.split_whitespace().collect();
        if tags.insert(tag.trim().to_owned(), value).is_some() {
            return None;
        }
    }
    Some(tags)
}

/// Hosts, as in MX and CNAME records: all that are wanted have to be there.
#[must_use]
pub fn mx(wanted: &[String], seen: &[String]) -> Health {
    let seen: Vec<_> = seen.iter().map(|value| host(value)).collect();
    if wanted.iter().all(|value| seen.contains(&host(value))) {
        Health::Ok
    } else if seen.is_empty() {
        Health::Missing
    } else {
        Health::Wrong
    }
}

/// A host with what stands before it: neither case nor blanks nor the last dot mean anything.
fn host(value: &str) -> String {
    let words: Vec<_> = value.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_ascii_lowercase()
}

/// Whether the one record that is wanted is the one that there is.
fn one_of<T: PartialEq>(wanted: &[T], seen: &[T]) -> Health {
    match (wanted, seen) {
        ([], [] | [_]) => Health::Ok,
        (_, []) => Health::Missing,
        ([one], [other]) if one == other => Health::Ok,
        _ => Health::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn there_is_one_spf_record_and_it_is_the_one_that_is_wanted() {
        let wanted = values(&["v=spf1 include:_spf.google.com ~all", "google-site-verification=abc"]);
        let health = |seen: &[&str]| spf(&wanted, &values(seen));
        let right = "v=spf1 include:_spf.google.com ~all";
        for seen in [
            right,
            "V=SPF1 Include:_SPF.google.com ~ALL",
            "v=spf1  include:_spf.google.com  ~all ",
            r#""v=spf1 include:_spf.google.com ~all""#,
            r#""v=spf1 include:_spf.goo" "gle.com ~all""#,
        ] {
            assert_eq!(health(&[seen, "google-site-verification=abc"]), Health::Ok, "{seen}");
        }
        for other in ["v=spf1 -all", "v=spf1", "V=spf1 include:_spf.other.com ~all", right] {
            assert_eq!(health(&[right, other]), Health::Wrong, "beside {other}");
        }
        for other in ["v=spf10 -all", "v=spf2.0/pra -all", "spf1 -all", "v=spf1\t-all", "x v=spf1 -all"] {
            assert_eq!(health(&[right, other]), Health::Ok, "{other} is no SPF record");
            assert_eq!(health(&[other]), Health::Missing, "{other} is no SPF record");
        }
        assert_eq!(health(&[]), Health::Missing);
        assert_eq!(health(&["v=spf1 include:_spf.google.com -all"]), Health::Wrong);
        assert_eq!(health(&[r#""v=spf1 include:_spf.google.com" "~all""#]), Health::Wrong, "strings are not parted");
    }

    #[test]
    fn keys_are_compared_letter_by_letter() {
        let wanted = values(&["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"]);
        let health = |seen: &[&str]| dkim(&wanted, &values(seen));
        for seen in [
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3",
            "v=DKIM1;k=rsa;p=MIGfMA0GCSqGSIb3;",
            "v = DKIM1 ; p= MIGfMA0G CSqGSIb3 ; k=rsa",
            "v=DKIM1; p=MIGfMA0GCSqGSIb3",
            "k=rsa; p=MIGfMA0GCSqGSIb3; n=a note; s=*",
            r#""v=DKIM1; k=rsa; p=MIGfMA0G" "CSqGSIb3""#,
        ] {
            assert_eq!(health(&[seen]), Health::Ok, "{seen}");
        }
        for seen in [
            "v=DKIM1; k=rsa; p=migfma0gcsqgsib3",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIB3",
            "v=dkim1; k=rsa; p=MIGfMA0GCSqGSIb3",
            "v=DKIM1; k=ed25519; p=MIGfMA0GCSqGSIb3",
            "v=DKIM1; t=y; p=MIGfMA0GCSqGSIb3",
            "v=DKIM1; P=MIGfMA0GCSqGSIb3",
            "v=DKIM1; p=MIGfMA0GCSqGSIb3; p=MIGfMA0GCSqGSIb3",
            "v=DKIM1; k=rsa; p=",
            "MIGfMA0GCSqGSIb3",
        ] {
            assert_eq!(health(&[seen]), Health::Wrong, "{seen}");
        }
        assert_eq!(health(&["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"; 2]), Health::Wrong, "nobody knows which one counts");
        assert_eq!(health(&[]), Health::Missing);
    }

    #[test]
    fn there_is_one_dmarc_record() {
        let health = |seen: &[&str]| dmarc(&values(seen));
        for seen in
            ["v=DMARC1; p=none", "v=DMARC1;p=Reject", "v = DMARC1 ; rua=mailto:a@b.com", r#""v=DMARC1" "; p=none""#]
        {
            assert_eq!(health(&[seen]), Health::Ok, "{seen}");
            assert_eq!(health(&[seen, "v=other"]), Health::Ok, "{seen}");
            assert_eq!(health(&[seen, "v=DMARC1; p=none"]), Health::Wrong, "{seen}");
        }
        for seen in ["v=DMARC1; p=everything", "v=DMARC1; p=none; p=none", "v=DMARC1; none"] {
            assert_eq!(health(&[seen]), Health::Wrong, "{seen}");
        }
        for seen in ["v=DMARC12; p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", "anything"] {
            assert_eq!(health(&[seen]), Health::Missing, "{seen}");
        }
        assert_eq!(health(&[]), Health::Missing);
    }

    #[test]
    fn hosts_are_the_same_however_they_are_written() {
        let wanted = values(&["1 smtp.google.com"]);
        for seen in ["1 SMTP.Google.com.", "1  smtp.google.com", "1 smtp.google.com"] {
            assert_eq!(mx(&wanted, &values(&[seen])), Health::Ok, "{seen}");
        }
        assert_eq!(mx(&wanted, &values(&["10 smtp.google.com"])), Health::Wrong);
        assert_eq!(mx(&wanted, &[]), Health::Missing);
    }
}

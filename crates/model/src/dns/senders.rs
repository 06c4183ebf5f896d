//! Who may send: several records that mean it become one.

use super::text::joined;

const VERSION: &str = "v=spf1";

/// The texts, where those that say who may send are one: two are none to receivers (RFC 7208 §4.5). Each sender of theirs may
/// send; what happens with the rest is what the first one says. What is said once is left as it is.
#[must_use]
pub fn merged(texts: &[String]) -> Vec<String> {
    let records: Vec<_> = texts.iter().filter_map(|text| terms(text)).collect();
    if records.len() < 2 {
        return texts.to_vec();
    }
    let mut senders: Vec<String> = vec![];
    let rest = records.iter().flatten().find(|term| is_all(term)).cloned();
    for term in records.into_iter().flatten().filter(|term| !is_all(term)).map(included) {
        // One explanation is all that a record may have (RFC 7208 §6).
        let is_known = |known: &String| known.eq_ignore_ascii_case(&term) || (explains(known) && explains(&term));
        if !senders.iter().any(is_known) {
            senders.push(term);
        }
    }
    let spf = [VERSION.to_owned()].into_iter().chain(senders).chain(rest).collect::<Vec<_>>().join(" ");
    let mut all = vec![];
    for text in texts {
        match terms(text) {
            None => all.push(text.clone()),
            Some(_) if !all.contains(&spf) => all.push(spf.clone()),
            Some(_) => {}
        }
    }
    all
}

/// The terms of a record that says who may send; `None` of any other text.
pub(super) fn terms(text: &str) -> Option<Vec<String>> {
    let text = joined(text);
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    words.next().filter(|version| text.starts_with(*version) && version.eq_ignore_ascii_case(VERSION))?;
    Some(words.map(str::to_owned).collect())
}

fn explains(term: &str) -> bool {
    term.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("exp="))
}

fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all")
}

/// Whoever leaves everything to another record (RFC 7208 §6.1) leaves the senders to it here.
fn included(term: String) -> String {
    match term.split_once('=') {
        Some((name, domain)) if name.eq_ignore_ascii_case("redirect") => format!("include:{domain}"),
        _ => term,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spf(texts: &[&str]) -> Vec<String> {
        merged(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn two_records_become_one_with_all_their_senders() {
        let texts = ["v=spf1 include:a.example ip4:192.0.2.1 ~all", "proof=1", "V=SPF1 mx INCLUDE:A.example -all"];
        assert_eq!(spf(&texts), ["v=spf1 include:a.example ip4:192.0.2.1 mx ~all", "proof=1"]);
        assert_eq!(spf(&["v=spf1 redirect=b.example", "v=spf1 a"]), ["v=spf1 include:b.example a"]);
        assert_eq!(
            spf(&["v=spf1 exp=e.example a -all", "v=spf1 mx exp=f.example"]),
            ["v=spf1 exp=e.example a mx -all"]
        );
    }

    #[test]
    fn one_record_is_left_as_it_is() {
        for texts in [&["v=spf1  redirect=b.example", "v=spf10 -all"][..], &["proof=1"], &[]] {
            assert_eq!(spf(texts), texts);
        }
    }
}

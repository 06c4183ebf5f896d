//! Whether receivers can make something of who may send: the look-ups that an SPF record asks of them.
//!
//! Only what can be known without a message: macros depend on one, and what they lead to is counted and not followed.

use std::collections::{BTreeMap, BTreeSet};

use super::senders::terms;

/// How many terms a receiver looks up before it gives up (RFC 7208 §4.6.4).
pub const MOST_LOOKUPS: usize = 10;

/// What a record comes to, as far as the records are known that it includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpfCost {
    /// The texts of this name decide.
    Needs(String),
    /// A receiver can evaluate it with so many look-ups.
    Fits(usize),
    /// It is a permanent error to receivers (RFC 7208 §2.6.7), and why.
    Broken(String),
}

/// What a name's record comes to; `known` has the texts of names that were asked for.
#[must_use]
pub fn spf_cost(name: &str, known: &BTreeMap<String, Vec<String>>) -> SpfCost {
    let mut walk = Walk { known, lookups: 0, above: BTreeSet::new() };
    match walk.visit(&folded(name)) {
        Ok(()) => SpfCost::Fits(walk.lookups),
        Err(end) => end,
    }
}

struct Walk<'a> {
    known: &'a BTreeMap<String, Vec<String>>,
    lookups: usize,
    /// The names whose records lead here.
    above: BTreeSet<String>,
}

impl Walk<'_> {
    fn visit(&mut self, name: &str) -> Result<(), SpfCost> {
        let Some(texts) = self.known.get(name) else { return Err(SpfCost::Needs(name.to_owned())) };
        let mut records = texts.iter().filter_map(|text| terms(text));
        let (Some(record), None) = (records.next(), records.next()) else {
            return Err(broken(format!("{name} has no SPF record, or several")));
        };
        if !self.above.insert(name.to_owned()) {
            return Err(broken(format!("the records of {name} lead back to it")));
        }
        let has_all = record.iter().any(|term| bare(term).eq_ignore_ascii_case("all"));
        for term in &record {
            self.take(term, has_all)?;
        }
        self.above.remove(name);
        Ok(())
    }

    fn take(&mut self, term: &str, has_all: bool) -> Result<(), SpfCost> {
        let term = bare(term);
        let at = term.find([':', '=', '/']).unwrap_or(term.len());
        let (kind, rest) = (term[..at].to_ascii_lowercase(), term.get(at + 1..).unwrap_or_default());
        match kind.as_str() {
            "include" => self.follow(rest),
            // What decides before it is never left to another (RFC 7208 §6.1).
            "redirect" if !has_all => self.follow(rest),
            "a" | "mx" | "ptr" | "exists" => self.count(),
            _ => Ok(()),
        }
    }

    fn follow(&mut self, target: &str) -> Result<(), SpfCost> {
        self.count()?;
        match target.contains('%') {
            true => Ok(()),
            false => self.visit(&folded(target)),
        }
    }

    fn count(&mut self) -> Result<(), SpfCost> {
        self.lookups += 1;
        match self.lookups > MOST_LOOKUPS {
            true => Err(broken(format!("it asks for more than {MOST_LOOKUPS} look-ups"))),
            false => Ok(()),
        }
    }
}

fn bare(term: &str) -> &str {
    term.trim_start_matches(['+', '-', '~', '?'])
}

fn folded(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

const fn broken(why: String) -> SpfCost {
    SpfCost::Broken(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(records: &[(&str, &str)]) -> SpfCost {
        let known = records.iter().map(|(name, text)| ((*name).to_owned(), vec![(*text).to_owned()])).collect();
        spf_cost("Acme.com.", &known)
    }

    #[test]
    fn what_is_not_known_is_asked_for_and_what_is_is_counted() {
        assert_eq!(cost(&[]), SpfCost::Needs("acme.com".into()));
        let own = ("acme.com", "v=spf1 include:_spf.Google.com a mx ip4:192.0.2.1 ~all");
        assert_eq!(cost(&[own]), SpfCost::Needs("_spf.google.com".into()));
        assert_eq!(cost(&[own, ("_spf.google.com", "v=spf1 ip4:192.0.2.0/24 ~all")]), SpfCost::Fits(3));
    }

    #[test]
    fn a_redirect_counts_only_where_nothing_decides_before() {
        assert_eq!(cost(&[("acme.com", "v=spf1 redirect=b.com ~all")]), SpfCost::Fits(0));
        assert_eq!(cost(&[("acme.com", "v=spf1 redirect=b.com"), ("b.com", "v=spf1 -all")]), SpfCost::Fits(1));
        assert_eq!(cost(&[("acme.com", "v=spf1 exists:%{i}.b.com include:%{d}.b.com -all")]), SpfCost::Fits(2));
    }

    #[test]
    fn what_receivers_cannot_evaluate_is_broken() {
        let eleven = (0..11).map(|n| format!("a:h{n}.com")).collect::<Vec<_>>().join(" ");
        let ten = eleven.rsplit_once(' ').unwrap().0;
        assert_eq!(cost(&[("acme.com", &format!("v=spf1 {ten} -all"))]), SpfCost::Fits(10));
        for records in [
            vec![("acme.com", format!("v=spf1 {eleven} -all"))],
            vec![("acme.com", "v=spf1 include:acme.com -all".into())],
            vec![("acme.com", "v=spf1 include:b.com -all".into()), ("b.com", "v=spf1 include:acme.com".into())],
            vec![("acme.com", "v=spf1 include:b.com -all".into()), ("b.com", "no record".into())],
            vec![("acme.com", "something else".into())],
        ] {
            let records: Vec<_> = records.iter().map(|(name, text)| (*name, text.as_str())).collect();
            assert!(matches!(cost(&records), SpfCost::Broken(_)), "{records:?}");
        }
        let two = BTreeMap::from([("acme.com".to_owned(), vec!["v=spf1 -all".to_owned(), "v=spf1 a".to_owned()])]);
        assert!(matches!(spf_cost("acme.com", &two), SpfCost::Broken(_)));
    }
}

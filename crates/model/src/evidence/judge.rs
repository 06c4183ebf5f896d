//! What was seen, held against what should be.

use std::collections::BTreeMap;

use super::{Check, CheckName, DnsLook, KeyLook, LinkLook, MailboxLook, MailboxState, Seen, Sighting, Verdict};
use crate::by_hand::key_fault;
use crate::clock::Time;
use crate::dns::{self, DnsHealth, Health, RrType, SpfCost, spf_cost};

/// The checks of the records, and what the domain's `dns` says of them.
#[must_use]
pub fn judge(look: &DnsLook, is_signed_later: bool, at: Time) -> (Vec<Check>, DnsHealth) {
    let mx = dns::mx(&look.wanted(RrType::Mx), &look.mx.values);
    let (spf, spf_check) = spf(look);
    let (dkim, dkim_check) = dkim(&look.keys, is_signed_later);
    let dmarc = dns::dmarc(&look.dmarc.values);
    let checks = vec![
        of_health(CheckName::Mx, mx, "The MX records", look.mx.sightings.clone()),
        spf_check,
        dkim_check,
        of_health(CheckName::Dmarc, dmarc, "The DMARC record", look.dmarc.sightings.clone()),
    ];
    (checks, DnsHealth { spf, dkim, dmarc, mx, checked_at: at })
}

fn of_health(check: CheckName, health: Health, what: &str, seen: Vec<Sighting>) -> Check {
    let (verdict, reason) = match health {
        Health::Ok => (Verdict::Passed, None),
        Health::Missing => (Verdict::Failed, Some(format!("{what} cannot be seen."))),
        Health::Wrong => (Verdict::Failed, Some(format!("{what} are not what was published, or not the only ones."))),
        Health::Unknown => (Verdict::Unknown, Some(format!("{what} could not be asked for."))),
    };
    Check::new(check, verdict, reason, seen)
}

fn spf(look: &DnsLook) -> (Health, Check) {
    let own = dns::spf(&look.wanted(RrType::Txt), &look.texts.values);
    let seen: Vec<_> = all(&look.texts).chain(look.included.values().flat_map(all)).collect();
    let check = of_health(CheckName::Spf, own, "The SPF record", seen);
    if own != Health::Ok {
        return (own, check);
    }
    match spf_cost(&look.name, &known(look)) {
        SpfCost::Fits(_) => (Health::Ok, check),
        SpfCost::Needs(name) => {
            let reason = format!("What the SPF record includes could not be asked for: {name}.");
            (Health::Unknown, Check { verdict: Verdict::Unknown, reason: Some(reason), ..check })
        }
        SpfCost::Broken(why) => {
            let reason = format!("Receivers cannot evaluate the SPF record: {why}.");
            (Health::Wrong, Check { verdict: Verdict::Failed, reason: Some(reason), ..check })
        }
    }
}

/// The texts that are known, by name.
fn known(look: &DnsLook) -> BTreeMap<String, Vec<String>> {
    let own = (look.name.to_ascii_lowercase(), look.texts.values.clone());
    let included = look.included.iter().map(|(name, seen)| (name.clone(), seen.values.clone()));
    included.chain([own]).collect()
}

impl DnsLook {
    /// The next name whose texts decide what the SPF record comes to; `None` when all are known, or none would help.
    #[must_use]
    pub fn lacks(&self) -> Option<String> {
        match spf_cost(&self.name, &known(self)) {
            SpfCost::Needs(name) => Some(name),
            SpfCost::Fits(_) | SpfCost::Broken(_) => None,
        }
    }
}

/// Of several keys one is signed with, and the others are for later: one that can be used is enough, where no other is broken.
fn dkim(keys: &[KeyLook], is_later: bool) -> (Health, Check) {
    let seen: Vec<_> = keys.iter().flat_map(|key| all(&key.record).chain(key.text.iter().flat_map(all))).collect();
    if keys.is_empty() {
        return unsigned(is_later);
    }
    let published = keys.iter().fold(Health::Ok, |health, key| health.and(key.health()));
    let check = of_health(CheckName::Dkim, published, "The DKIM keys", seen);
    if published != Health::Ok {
        return (published, check);
    }
    let faults: Vec<_> = keys.iter().filter_map(KeyLook::fault).collect();
    let is_usable = keys.iter().any(|key| !key.texts().is_empty() && key.fault().is_none());
    match (faults.first(), is_usable) {
        (Some(fault), _) => {
            let reason = format!("A DKIM key cannot be used by receivers. {fault}");
            (Health::Wrong, Check { verdict: Verdict::Failed, reason: Some(reason), ..check })
        }
        (None, false) => {
            let reason = "The DKIM records lead to no key yet.".to_owned();
            (Health::Missing, Check { verdict: Verdict::Failed, reason: Some(reason), ..check })
        }
        (None, true) => (Health::Ok, check),
    }
}

fn unsigned(is_later: bool) -> (Health, Check) {
    let (health, reason) = match is_later {
        true => (Health::Missing, "The order does not wait for its mail to be signed (`dkim: \"later\"`)."),
        false => (Health::Ok, "The mail provider tells no key that could be looked for."),
    };
    (health, Check::new(CheckName::Dkim, Verdict::DoesNotApply, Some(reason.to_owned()), vec![]))
}

impl KeyLook {
    fn health(&self) -> Health {
        let compare = if self.wanted.rtype == RrType::Txt { dns::dkim } else { dns::mx };
        compare(&self.wanted.values, &self.record.values)
    }

    fn texts(&self) -> &[String] {
        &self.text.as_ref().unwrap_or(&self.record).values
    }

    /// What is wrong with the key itself.
    fn fault(&self) -> Option<&'static str> {
        self.texts().iter().find_map(|text| key_fault(&dns::joined(text)))
    }
}

fn all(seen: &Seen) -> impl Iterator<Item = Sighting> + '_ {
    seen.sightings.iter().cloned()
}

/// The check of the mailboxes; `None` of a host that cannot be asked.
#[must_use]
pub fn judge_mailboxes(found: Option<&[MailboxLook]>, emails: &[&str], host: &str, at: Time) -> Check {
    let check = CheckName::Mailboxes;
    let Some(found) = found else {
        let reason = "The mail host cannot be asked: its mailboxes are made by hand.".to_owned();
        return Check::new(check, Verdict::DoesNotApply, Some(reason), vec![]);
    };
    let state = |email: &str| {
        let one = found.iter().find(|one| one.email.eq_ignore_ascii_case(email));
        one.map_or(MailboxState::Missing, |one| one.state)
    };
    let seen = |email: &&str| sighting(email, host, vec![state(email).as_str().to_owned()], at);
    let found = |wanted| emails.iter().filter(|email| state(email) == wanted).copied().collect::<Vec<_>>();
    let faults = MailboxState::ALL.iter().filter_map(|state| Some((state.fault()?, found(*state))));
    let told: Vec<_> =
        faults.filter(|(_, bad)| !bad.is_empty()).map(|(why, bad)| why.replace('…', &listed(&bad))).collect();
    verdict(check, told.is_empty(), told.join(" "), emails.iter().map(seen).collect())
}

impl MailboxState {
    /// What is wrong with mailboxes that are so, in a sentence with their addresses in place of the dots.
    const fn fault(self) -> Option<&'static str> {
        match self {
            Self::Works => None,
            Self::Suspended => Some("The mail host has shut …."),
            Self::Unlicensed => Some("The licence of … is gone at the mail host."),
            Self::Missing => Some("The mail host does not have …."),
        }
    }
}

/// The check of the accounts at the sequencer; `None` of one that does not say how they are.
#[must_use]
pub fn judge_links(found: Option<&[LinkLook]>, emails: &[&str], at: Time) -> Check {
    let check = CheckName::Sequencer;
    let Some(found) = found else {
        let reason = "The inboxes are handed over, and whoever takes them does not say how they are.".to_owned();
        return Check::new(check, Verdict::DoesNotApply, Some(reason), vec![]);
    };
    let of = |email: &str| found.iter().find(|one| one.email.eq_ignore_ascii_case(email));
    let fails = |email: &&&str| of(email).is_none_or(LinkLook::fails);
    let seen = |email: &&str| sighting(email, "sequencer", of(email).map_or_else(absent, LinkLook::words), at);
    let bad: Vec<_> = emails.iter().filter(fails).copied().collect();
    let failed = format!("The sequencer does not get into {}.", listed(&bad));
    verdict(check, bad.is_empty(), failed, emails.iter().map(seen).collect())
}

fn verdict(check: CheckName, passed: bool, failed: String, seen: Vec<Sighting>) -> Check {
    match passed {
        true => Check::new(check, Verdict::Passed, None, seen),
        false => Check::new(check, Verdict::Failed, Some(failed), seen),
    }
}

fn sighting(subject: &str, answered_by: &str, answer: Vec<String>, at: Time) -> Sighting {
    Sighting { subject: subject.to_owned(), answered_by: answered_by.to_owned(), answer, at }
}

fn absent() -> Vec<String> {
    vec!["no account".to_owned()]
}

impl LinkLook {
    fn words(&self) -> Vec<String> {
        let says = |what: &str, how: Option<bool>| match how {
            Some(true) => format!("{what}: succeeds"),
            Some(false) => format!("{what}: fails"),
            None => format!("{what}: not said"),
        };
        match self.exists {
            true => vec![says("login to send", self.sends), says("login to read", self.receives)],
            false => absent(),
        }
    }
}

/// The first few of a list, in words.
fn listed(emails: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = emails.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match emails.len() > SHOWN {
        true => format!("{shown} and {} more", emails.len() - SHOWN),
        false => shown,
    }
}

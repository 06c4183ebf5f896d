//! What a mail that was received is held against.

use super::headers::named;
use super::letter::TOKEN_HEADER;
use super::{FirstMail, Method, NotSent, PATIENCE, Results, Sending};
use crate::clock::Time;
use crate::evidence::{Check, CheckName, Sighting, Verdict};

/// The header in which a server writes what it has found (RFC 8601).
const RESULTS: &str = "Authentication-Results";
/// As much of it as is kept, in letters.
const KEPT: usize = 2_000;

/// Who received a mail, and whose word is believed.
#[derive(Clone, Copy, Debug)]
pub struct Receiver<'a> {
    /// The server that was asked for it.
    pub server: &'a str,
    /// What the receiving server calls itself in what it writes.
    pub authserv_id: &'a str,
}

/// What the mailbox has of a domain's first mail. `found` are the headers of each mail in which its token was found, `is_signed` is
/// whether the domain's mail has to be signed.
#[must_use]
pub fn judge(mail: &FirstMail, found: &[String], by: Receiver<'_>, is_signed: bool, at: Time) -> Check {
    let arrived: Vec<_> = found.iter().filter(|headers| is_it(headers, mail)).collect();
    let all: Vec<_> = arrived.iter().map(|headers| seen(headers, mail, by, is_signed, at)).collect();
    // Whichever of several is as it should be, such mail arrives; the last one is news.
    let best = all.iter().find(|check| check.verdict == Verdict::Passed).or(all.last()).cloned();
    best.unwrap_or_else(|| not_there(mail, at))
}

fn check(verdict: Verdict, reason: Option<String>, seen: Vec<Sighting>) -> Check {
    Check::new(CheckName::FirstMail, verdict, reason, seen)
}

/// Whether a mail is ours: a search finds words in more places than one.
fn is_it(headers: &str, mail: &FirstMail) -> bool {
    let from = named(headers, "From").any(|from| from.to_ascii_lowercase().contains(&mail.from.to_ascii_lowercase()));
    from && named(headers, TOKEN_HEADER).any(|token| token == mail.token)
}

fn not_there(mail: &FirstMail, at: Time) -> Check {
    let is_late = at >= mail.at.plus(PATIENCE);
    let (verdict, words) = match mail.sending {
        Sending::Not(NotSent::Unreached) => (Verdict::Unknown, NotSent::Unreached.sentence()),
        Sending::Not(why) => (Verdict::Failed, why.sentence()),
        _ if is_late => (
            Verdict::Failed,
            "The first mail has not arrived: the operator has to see where it is kept, such as a folder for junk that `probe.folders` does not name, or that the probe mailbox takes mail.",
        ),
        Sending::Taken => (Verdict::Unknown, "The first mail was sent, and has not arrived yet."),
        Sending::PutDown => (Verdict::Unknown, "The first mail may have been sent, and has not arrived yet."),
    };
    check(verdict, Some(words.to_owned()), vec![])
}

/// What the receiving server has written on top of it. What stands below may be anybody's.
fn seen(headers: &str, mail: &FirstMail, by: Receiver<'_>, is_signed: bool, at: Time) -> Check {
    let mut written = named(headers, RESULTS).map(|value| (Results::parse(&value), value));
    let subject = format!("first mail of {}", mail.from);
    let own = written.find(|(results, value)| is_own(results.as_ref(), value, by.authserv_id));
    let Some((Some(results), value)) = own else {
        let reason = format!(
            "The first mail has arrived, and its receiver says nothing of it that can be read: no Authentication-Results of {}. The operator has to correct probe.authserv_id.",
            by.authserv_id
        );
        let sighting = Sighting { subject, answered_by: by.server.to_owned(), answer: vec![], at };
        return check(Verdict::Unknown, Some(reason), vec![sighting]);
    };
    let kept = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ").chars().take(KEPT).collect();
    let answered_by = format!("{} (at {})", results.authserv_id, by.server);
    let sighting = Sighting { subject, answered_by, answer: vec![kept], at };
    let bad = faults(&results.methods, mail, is_signed);
    match bad.is_empty() {
        true => check(Verdict::Passed, None, vec![sighting]),
        false => {
            let reason =
                format!("The first mail has arrived, and its receiver does not find it right: {}.", bad.join(", "));
            check(Verdict::Failed, Some(reason), vec![sighting])
        }
    }
}

/// Whether the receiving server wrote it, readable or not: whatever stands below is anybody's.
fn is_own(results: Option<&Results>, value: &str, authserv_id: &str) -> bool {
    let said = results.map(|results| results.authserv_id.as_str()).or_else(|| value.get(..authserv_id.len()));
    said.is_some_and(|said| said.eq_ignore_ascii_case(authserv_id))
}

/// What was not found as it should be.
fn faults(methods: &[Method], mail: &FirstMail, is_signed: bool) -> Vec<&'static str> {
    let domain = mail.from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let of = |name: &'static str| methods.iter().filter(move |one| one.name == name);
    let passes = |one: &&Method| one.result == "pass";
    let is_from = |one: &Method| one.property("header.from").is_none_or(|from| from.eq_ignore_ascii_case(domain));
    let spf = of("spf").filter(passes).any(|one| one.is_of("smtp.mailfrom", domain));
    // Google names the signer's identity alone.
    let signer = |one: &Method| if one.property("header.d").is_some() { "header.d" } else { "header.i" };
    let dkim = of("dkim").filter(passes).any(|one| one.is_of(signer(one), domain));
    let dmarc = of("dmarc").next().is_some() && of("dmarc").all(|one| passes(&one) && is_from(one));
    let all = [
        (spf, "SPF does not pass for the domain"),
        (dkim || !is_signed, "DKIM does not pass for the domain"),
        (dmarc, "DMARC does not pass"),
    ];
    all.into_iter().filter(|(is_fine, _)| !is_fine).map(|(_, words)| words).collect()
}

impl Method {
    fn property(&self, key: &str) -> Option<&str> {
        let mut all = self.properties.iter().filter(|(name, _)| name == key);
        // Said twice it may be either.
        all.next().filter(|_| all.next().is_none()).map(|(_, value)| value.as_str())
    }

    /// Whether what it looked at is the domain, or below it: aligned, as DMARC says of a name that was registered (RFC 7489 §3.1).
    fn is_of(&self, key: &str, domain: &str) -> bool {
        let Some(value) = self.property(key) else { return false };
        let name = value.rsplit_once('@').map_or(value, |(_, name)| name).trim_end_matches('.').to_ascii_lowercase();
        let domain = domain.to_ascii_lowercase();
        !domain.is_empty() && (name == domain || name.strip_suffix(&domain).is_some_and(|above| above.ends_with('.')))
    }
}

//! How to log in to inboxes that exist, as somebody sends it.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::Login;
use crate::refusal::{Fault, Refusal};
use crate::secret::Secret;

/// Where they stand in a body.
const HERE: &str = "logins";

/// An inbox whose login can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterable {
    /// Its address.
    pub email: String,
    /// Whether the sequencer does not get in without one: nobody else has let it in.
    pub is_needed: bool,
}

/// Logins of inboxes of a domain.
#[derive(Clone, Debug, Default)]
pub struct Logins(pub Vec<Login>);

impl Logins {
    /// # Errors
    /// `invalid_request` with the path of everything that is wrong: a login of an inbox that is none of the domain's or stands
    /// there twice, and inboxes without one that need it.
    pub(crate) fn check(&self, inboxes: &[Enterable]) -> Result<(), Refusal> {
        let (mut faults, mut seen) = (vec![], vec![]);
        for (n, login) in self.0.iter().enumerate() {
            let email = login.email.to_lowercase();
            let fault = if !inboxes.iter().any(|inbox| inbox.email == email) {
                "This is no inbox of the domain. Send the address of one that GET /inboxes lists for it."
            } else if seen.contains(&email) {
                "There is a login of this inbox before it. Send one."
            } else {
                seen.push(email);
                continue;
            };
            faults.push(Fault::invalid(format!("{HERE}[{n}].email"), fault));
        }
        let lacks = |inbox: &&Enterable| inbox.is_needed && !seen.contains(&inbox.email);
        let missing: Vec<_> = inboxes.iter().filter(lacks).map(|inbox| inbox.email.as_str()).collect();
        if !missing.is_empty() {
            let few = missing.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let more = missing.len().saturating_sub(5);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!(
                "Send a login for every inbox that the sequencer cannot enter yet; there is none for {few}{tail}."
            );
            faults.push(Fault::invalid(HERE, message));
        } else if self.0.is_empty() {
            faults.push(Fault::invalid(HERE, "Send at least one login."));
        }
        Refusal::unless_empty(faults)
    }

    /// Whether one of them is of this address.
    pub(crate) fn are_of(&self, email: &str) -> bool {
        self.0.iter().any(|login| login.email.eq_ignore_ascii_case(email))
    }

    /// The passwords by address, as they are kept: those that were sent before stay, where no other was sent.
    pub(crate) fn sealable(&self, known: &BTreeMap<String, SecretString>) -> Secret {
        let mut all: BTreeMap<_, _> =
            known.iter().map(|(email, password)| (email.clone(), password.expose_secret())).collect();
        all.extend(self.passwords());
        Secret::plain(serde_json::to_string(&all).unwrap_or_default())
    }

    fn passwords(&self) -> BTreeMap<String, &str> {
        self.0.iter().map(|login| (login.email.to_lowercase(), login.password.expose_secret())).collect()
    }

    /// Everything that they say, in one text that holds passwords: only for a keyed hash.
    #[must_use]
    pub fn said(&self) -> SecretString {
        SecretString::from(serde_json::to_string(&self.passwords()).unwrap_or_default())
    }
}

/// Two answers are the same when they say the same.
impl PartialEq for Logins {
    fn eq(&self, other: &Self) -> bool {
        self.said().expose_secret() == other.said().expose_secret()
    }
}

impl Eq for Logins {}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(emails: &[&str]) -> Logins {
        Logins(emails.iter().map(|email| Login { email: (*email).into(), password: "x".into() }).collect())
    }

    #[test]
    fn every_inbox_that_needs_one_has_one_and_nobody_else() {
        let of = |email: &str, is_needed| Enterable { email: email.into(), is_needed };
        let inboxes = [of("a@acme.com", true), of("b@acme.com", true), of("granted@acme.com", false)];
        assert_eq!(logins(&["b@acme.com", "A@ACME.com", "granted@acme.com"]).check(&inboxes), Ok(()));
        assert_eq!(logins(&[]).check(&inboxes[2..]).unwrap_err().faults().count(), 1, "nothing is no login");
        assert_eq!(logins(&["b@acme.com", "A@ACME.com"]).check(&inboxes), Ok(()));
        for (sent, fields) in [
            (&["a@acme.com"][..], &["logins"][..]),
            (&[], &["logins"]),
            (&["a@acme.com", "a@acme.com", "b@acme.com"], &["logins[1].email"]),
            (&["a@acme.com", "c@acme.com", "b@acme.com"], &["logins[1].email"]),
        ] {
            let refused = logins(sent).check(&inboxes).unwrap_err();
            let told: Vec<_> = refused.faults().filter_map(|fault| fault.field.as_deref()).collect();
            assert_eq!(told, fields, "{sent:?}");
        }
    }

    #[test]
    fn what_was_sent_before_stays_where_nothing_else_was_sent() {
        let before = BTreeMap::from([("a@acme.com".into(), "old".into()), ("b@acme.com".into(), "old".into())]);
        let Secret::Plain(kept) = logins(&["A@acme.com"]).sealable(&before) else { panic!("it is sealed already") };
        assert_eq!(kept.expose_secret(), r#"{"a@acme.com":"x","b@acme.com":"old"}"#);
    }
}

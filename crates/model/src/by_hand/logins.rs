//! How to log in to inboxes that exist, as somebody sends it.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::Login;
use crate::refusal::{Fault, Refusal};
use crate::secret::Secret;

/// Where they stand in a body.
const HERE: &str = "logins";

/// Logins of all inboxes of a domain.
#[derive(Clone, Debug, Default)]
pub struct Logins(pub Vec<Login>);

impl Logins {
    /// # Errors
    /// `invalid_request` with the path of everything that is wrong: a login of an inbox that is none of the domain's or stands
    /// there twice, and inboxes without one.
    pub(crate) fn check(&self, inboxes: &[String]) -> Result<(), Refusal> {
        let (mut faults, mut seen) = (vec![], vec![]);
        for (n, login) in self.0.iter().enumerate() {
            let email = login.email.to_lowercase();
            let fault = if !inboxes.contains(&email) {
                "This is no inbox of the domain. Send the address of one that GET /inboxes lists for it."
            } else if seen.contains(&email) {
                "There is a login of this inbox before it. Send one."
            } else {
                seen.push(email);
                continue;
            };
            faults.push(Fault::invalid(format!("{HERE}[{n}].email"), fault));
        }
        let missing: Vec<_> = inboxes.iter().filter(|email| !seen.contains(email)).map(String::as_str).collect();
        if !missing.is_empty() {
            let few = missing.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let more = missing.len().saturating_sub(5);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!("Send a login for every inbox of the domain; there is none for {few}{tail}.");
            faults.push(Fault::invalid(HERE, message));
        }
        Refusal::unless_empty(faults)
    }

    /// The passwords by address, as they are kept.
    pub(crate) fn sealable(&self) -> Secret {
        Secret::plain(serde_json::to_string(&self.passwords()).unwrap_or_default())
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
    fn every_inbox_has_one_and_nobody_else() {
        let inboxes = ["a@acme.com".to_owned(), "b@acme.com".to_owned()];
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
}

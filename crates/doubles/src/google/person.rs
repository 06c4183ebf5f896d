//! What a person does in the Admin console, or as the user of a mailbox.

use super::tokens::SCOPES;
use super::{CUSTOMER, Google, locked};
use crate::acts::app_password;

/// The key that the console shows: a public one of 1024 bits.
pub const SIGNING_KEY: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

impl Google {
    /// Nobody has allowed the service account anything yet.
    pub fn be_new(&self) {
        let all = SCOPES.iter().map(|scope| format!("https://www.googleapis.com/auth/{scope}"));
        locked(&self.estate).withheld.extend(all);
    }

    /// Somebody allows the service account to act for the tenant's administrator.
    pub fn person_allows_delegation(&self) {
        let mut estate = locked(&self.estate);
        estate.withheld.clear();
        self.server.person("allow the service account's client to act for an administrator", CUSTOMER);
    }

    /// Somebody has a key made that a domain's mail is signed with, and copies what has to be published.
    ///
    /// # Panics
    /// When the tenant does not have the domain.
    pub fn person_makes_signing_key(&self, name: &str) -> &'static str {
        let estate = locked(&self.estate);
        assert!(estate.domains.get(name).is_some_and(|domain| domain.is_verified()), "{name} is none of the tenant's");
        self.server.person("have the domain's signing key made, and paste it", name);
        SIGNING_KEY
    }

    /// Whoever has a mailbox makes a password for an application. One that has been made already is taken again.
    ///
    /// # Panics
    /// When nobody has the address.
    pub fn person_makes_app_password(&self, email: &str) -> String {
        let mut estate = locked(&self.estate);
        let at = estate.at(email).unwrap_or_else(|| panic!("nobody has {email}"));
        self.server.person("make an app password of the mailbox, and paste it", email);
        estate.drawn += 1;
        let drawn = app_password(u128::from(estate.drawn) * 79_190_047_114_711_471_147);
        let password = estate.users[at].app_password.get_or_insert(drawn).clone();
        estate.tell_mailboxes();
        password
    }
}

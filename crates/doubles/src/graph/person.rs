//! What a person does in the portals, or as the user of a mailbox.

use super::{Graph, Permission, TENANT, exchange, locked};
use crate::acts::app_password;

impl Graph {
    /// Nobody has let the application do anything yet.
    pub fn be_new(&self) {
        use Permission as P;
        locked(&self.estate).withheld = vec![P::Domains, P::Users, P::Organization, P::Exchange];
    }

    /// An administrator consents to what the application wants for the whole tenant.
    pub fn person_consents(&self) {
        let mut estate = locked(&self.estate);
        estate.withheld.clear();
        self.server.person("consent to the application for the tenant", TENANT);
    }

    /// Somebody has the keys of a domain made in the console, and copies the two names that have to be published.
    ///
    /// # Panics
    /// When the tenant does not have the domain.
    pub fn person_makes_signing_keys(&self, name: &str) -> [String; 2] {
        let estate = locked(&self.estate);
        assert!(estate.domains.get(name).is_some_and(|domain| domain.is_verified), "{name} is none of the tenant's");
        self.server.person("have the domain's signing keys made in Exchange, and paste them", name);
        [1, 2].map(|number| exchange::target(name, number))
    }

    /// Somebody switches logging in over SMTP on for the whole tenant, in the console. It stays on.
    pub fn person_lets_smtp(&self) {
        let mut estate = locked(&self.estate);
        if !std::mem::replace(&mut estate.is_smtp_on, true) {
            estate.note("smtp_on", TENANT);
            self.server.person("switch logging in over SMTP on in Exchange", TENANT);
        }
    }

    /// Somebody does so for the mailboxes of one domain.
    pub fn person_lets_smtp_of(&self, name: &str) {
        let mut estate = locked(&self.estate);
        let ending = format!("@{name}");
        let all: Vec<_> =
            estate.users.iter().map(|user| user.upn.clone()).filter(|upn| upn.ends_with(&ending)).collect();
        estate.smtp.extend(all);
        self.server.person("switch logging in over SMTP on for the domain's mailboxes in Exchange", name);
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
        let drawn = app_password(u128::from(estate.drawn) * 84_841_066_274_004_711_471_147);
        let password = estate.users[at].app_password.get_or_insert(drawn).clone();
        estate.tell_mailboxes();
        password
    }
}

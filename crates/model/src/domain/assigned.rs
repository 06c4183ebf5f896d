//! The accounts of a domain.

use crate::role::Role;

/// Which accounts play the roles for a domain, by their names in the configuration. `None` where none was needed yet: once
/// written it stays, for years. In a sandbox of ours nothing is written, for there is one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Assigned {
    pub registrar: Option<String>,
    pub dns: Option<String>,
    pub redirect: Option<String>,
    pub mail: Option<String>,
    pub sequencer: Option<String>,
}

impl Assigned {
    /// The account in a role.
    #[must_use]
    pub fn get(&self, role: Role) -> Option<&str> {
        match role {
            Role::Registrar => self.registrar.as_deref(),
            Role::Dns => self.dns.as_deref(),
            Role::Redirect => self.redirect.as_deref(),
            Role::Mail => self.mail.as_deref(),
            Role::Sequencer => self.sequencer.as_deref(),
            Role::Observer => None,
        }
    }

    /// Gives a role to an account, unless another has it.
    pub fn give(&mut self, role: Role, account: &str) {
        let place = match role {
            Role::Registrar => &mut self.registrar,
            Role::Dns => &mut self.dns,
            Role::Redirect => &mut self.redirect,
            Role::Mail => &mut self.mail,
            Role::Sequencer => &mut self.sequencer,
            Role::Observer => return,
        };
        place.get_or_insert_with(|| account.to_owned());
    }
}

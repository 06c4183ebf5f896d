//! What the configuration says of sandboxes that are at vendors' own ones.

use std::collections::BTreeSet;

use model::id::{Id as _, PartnerId};
use model::role::Role;
use providers::all::{embedded, embedded_redirect};
use serde::Deserialize;

use super::problems::{Accounts, NO_PARTNER, entrant_fault, is_partner};

/// See the table `sandbox.cast` in `config.default.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct CastConfig {
    pub partners: Vec<String>,
    pub registrar: Vec<String>,
    pub dns: Vec<String>,
    pub redirect: Vec<String>,
    pub mail: Vec<String>,
    pub sequencer: Vec<String>,
}

impl CastConfig {
    /// The accounts in a role, in the operator's order.
    #[must_use]
    pub fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Registrar => &self.registrar,
            Role::Dns => &self.dns,
            Role::Redirect => &self.redirect,
            Role::Mail => &self.mail,
            Role::Sequencer => &self.sequencer,
            Role::Observer => &[],
        }
    }

    /// The partners whose sandbox it is; none while no account plays anything.
    #[must_use]
    pub fn partners(&self) -> BTreeSet<PartnerId> {
        let partners = self.partners.iter().filter(|_| self.plays());
        partners.map(PartnerId::opaque).collect()
    }

    fn plays(&self) -> bool {
        Role::ALL.iter().any(|role| !self.of(*role).is_empty())
    }

    /// Everything that is wrong, each sentence beginning with its setting.
    pub(super) fn problems(&self, accounts: &Accounts) -> Vec<String> {
        let mut problems = vec![];
        for role in Role::ALL {
            let names = self.of(*role);
            let faults = names.iter().filter_map(|name| self.fault(accounts, *role, name));
            problems.extend(faults.map(|fault| format!("sandbox.cast.{} {fault}", role.as_str())));
        }
        let strangers = self.partners.iter().filter(|partner| !is_partner(partner));
        problems.extend(strangers.map(|one| format!("sandbox.cast.partners names {one:?}, {NO_PARTNER}")));
        let missing =
            [(&self.dns, "dns", &self.registrar, "registrar"), (&self.redirect, "redirect", &self.dns, "dns")];
        let missing = missing.iter().filter(|(served, _, by, _)| !served.is_empty() && by.is_empty());
        problems.extend(missing.map(|(_, role, _, by)| {
            format!("sandbox.cast.{role} is set, and sandbox.cast.{by} is not: what our sandbox has of a name no vendor serves; set it, or leave out sandbox.cast.{role}")
        }));
        if self.plays() == self.partners.is_empty() {
            problems.push("sandbox.cast names partners and accounts, or neither: it has only one of them".into());
        }
        problems
    }

    fn fault(&self, accounts: &Accounts, role: Role, name: &str) -> Option<String> {
        if let Some(fault) = entrant_fault(accounts, self.of(role), role, name) {
            return Some(fault);
        }
        let kind = accounts.get(name).map(|account| account.kind.as_str());
        if kind.is_some_and(|kind| [embedded::NAME, embedded_redirect::NAME].contains(&kind)) {
            return Some(format!(
                "names {name:?}, and our own servers need no account for sandboxes; set sandbox.dns_listen and sandbox.redirect_listen"
            ));
        }
        let is_real = accounts.get(name).is_some_and(|account| !account.sandbox);
        is_real.then(|| {
            format!(
                "names {name:?}, where real money is spent; mark accounts of vendors' sandboxes with sandbox = true"
            )
        })
    }
}

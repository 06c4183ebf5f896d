//! Pauses: the operator stops all buying, or that at one account, within a second.

use crate::clock::Time;
use crate::id::PauseId;
use crate::intent::IntentKind;
use crate::role::Role;
use crate::world::Environment;

/// Who begins a pause when a backup was restored: what the accounts have that it does not know is seen before it is lifted.
pub const RESTORE: &str = "restore";

/// How far a pause goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything that costs money: what sandboxes buy is not stopped.
    All,
    /// One account, the sandbox too.
    Account(String),
    /// Everything that costs money in one role.
    Role(Role),
}

impl Reach {
    /// As it is kept, and shown.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::All => "all".into(),
            Self::Account(name) => format!("account:{name}"),
            Self::Role(role) => format!("role:{}", role.as_str()),
        }
    }

    /// The reach that is kept as this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "all" => Some(Self::All),
            Some(("account", name)) if !name.is_empty() => Some(Self::Account(name.to_owned())),
            Some(("role", name)) => Role::parse(name).map(Self::Role),
            _ => None,
        }
    }
}

/// Why, and since when, nothing is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its id.
    pub id: PauseId,
    /// How far it goes: there is one in force for each reach.
    pub reach: Reach,
    /// Whether renewals stop too.
    pub renewals: bool,
    /// Who began it.
    pub by: String,
    /// Since when, server time.
    pub began_at: Time,
    /// When it was lifted, server time.
    pub lifted_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

impl Pause {
    /// One that is in force from now on.
    #[must_use]
    pub fn new(id: PauseId, reach: Reach, renewals: bool, by: &str, began_at: Time) -> Self {
        Self { id, reach, renewals, by: by.to_owned(), began_at, lifted_at: None, version: 1 }
    }

    /// Whether it is in force because a backup was restored.
    #[must_use]
    pub fn is_after_restore(&self) -> bool {
        self.by == RESTORE
    }

    fn stops(&self, account: &str, kind: IntentKind, environment: Environment) -> bool {
        let reaches = match &self.reach {
            Reach::All => environment == Environment::Live,
            Reach::Account(name) => name == account,
            Reach::Role(role) => environment == Environment::Live && kind.role() == *role,
        };
        reaches && (self.renewals || kind != IntentKind::Renew)
    }
}

/// Whether any of these stops a purchase at an account.
#[must_use]
pub fn stops(pauses: &[Pause], account: &str, kind: IntentKind, environment: Environment) -> bool {
    pauses.iter().any(|pause| pause.lifted_at.is_none() && pause.stops(account, kind, environment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id as _;

    #[test]
    fn a_reach_is_kept_as_its_text() {
        for reach in [Reach::All, Reach::Account("porkbun-eu".into()), Reach::Role(Role::Registrar)] {
            assert_eq!(Reach::parse(&reach.text()), Some(reach));
        }
        for text in ["", "account:", "role:", "role:banker", "everything"] {
            assert_eq!(Reach::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pause_stops_what_it_reaches_and_a_lifted_one_nothing() {
        let pause = |reach, renewals| Pause::new(PauseId::opaque("pau_1"), reach, renewals, "alex", Time(0));
        let stops =
            |pause: &Pause, account, kind, environment| stops(std::slice::from_ref(pause), account, kind, environment);
        let (all, live, test) = (pause(Reach::All, false), Environment::Live, Environment::Test);
        assert!(stops(&all, "acme", IntentKind::Register, live));
        assert!(!stops(&all, "acme", IntentKind::Renew, live), "renewals go on");
        assert!(!stops(&all, "sandbox", IntentKind::Register, test), "a sandbox costs nothing");
        assert!(stops(&pause(Reach::All, true), "acme", IntentKind::Renew, live));
        let one = pause(Reach::Account("acme".into()), false);
        assert!(stops(&one, "acme", IntentKind::Register, live) && !stops(&one, "other", IntentKind::Register, live));
        assert!(stops(&pause(Reach::Account("sandbox".into()), false), "sandbox", IntentKind::Register, test));
        let role = |role| pause(Reach::Role(role), false);
        assert!(stops(&role(Role::Registrar), "acme", IntentKind::Register, live));
        assert!(!stops(&role(Role::Mail), "acme", IntentKind::Register, live));
        assert!(!stops(&role(Role::Registrar), "sandbox", IntentKind::Register, test));
        let lifted = Pause { lifted_at: Some(Time(1)), ..all };
        assert!(!stops(&lifted, "acme", IntentKind::Register, live));
    }
}

//! What a registry says of a name that keeps it from being moved to other nameservers (RFC 5731 §2.3, RFC 3915 §3.1).

use crate::named::named;

named! {
    /// A status that stands in the way of new nameservers. All others, such as a lock against transfers, do not.
    pub enum RegistryStatus {
        /// The registrar lets nobody change it.
        ClientUpdateProhibited "clientUpdateProhibited",
        /// The registry lets nobody change it.
        ServerUpdateProhibited "serverUpdateProhibited",
        /// The registrar has taken it off the net.
        ClientHold "clientHold",
        /// The registry has taken it off the net.
        ServerHold "serverHold",
        /// It is about to be deleted.
        PendingDelete "pendingDelete",
        /// It ran out, and can only be restored.
        RedemptionPeriod "redemptionPeriod",
        /// It is on its way to another registrar.
        PendingTransfer "pendingTransfer",
    }
}

impl RegistryStatus {
    /// Reads a status as EPP or as RDAP spells it (RFC 8056 §2); `None` when it stands in nobody's way.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        Self::ALL.iter().copied().find(|one| one.as_str().eq_ignore_ascii_case(&bare))
    }

    /// Whether its nameservers cannot be changed, although it works; otherwise it does not work, or soon will not.
    #[must_use]
    pub const fn is_lock(self) -> bool {
        matches!(self, Self::ClientUpdateProhibited | Self::ServerUpdateProhibited)
    }
}

/// Whether the name is off the net, although it is somebody's.
#[must_use]
pub fn is_on_hold(statuses: &[RegistryStatus]) -> bool {
    statuses.iter().any(|status| matches!(status, RegistryStatus::ClientHold | RegistryStatus::ServerHold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_what_is_harmless_is_not() {
        for (text, status) in [
            ("client update prohibited", Some(RegistryStatus::ClientUpdateProhibited)),
            ("clientUpdateProhibited", Some(RegistryStatus::ClientUpdateProhibited)),
            ("Server Hold", Some(RegistryStatus::ServerHold)),
            ("redemption period", Some(RegistryStatus::RedemptionPeriod)),
            ("pending delete", Some(RegistryStatus::PendingDelete)),
            ("client transfer prohibited", None),
            ("pending update", None),
            ("active", None),
            ("", None),
        ] {
            assert_eq!(RegistryStatus::read(text), status, "{text}");
        }
    }
}

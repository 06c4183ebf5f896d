//! What has become of a name that ran out (ICANN's Expired Registration Recovery Policy; RFC 3915).
//!
//! For some weeks it is renewed as if it had not, then it can only be restored, at a fee of its own, and at last it is anybody's.

use super::{DomainName, RegistryStatus};
use crate::money::{Cents, dollars};

/// Why a name that ran out is not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It can only be restored, which costs so much beside the year, in cents, where the registrar says it.
    Redemption(Option<Cents>),
    /// Its registry is about to delete it, and nobody can keep it from that.
    Deleted,
    /// The registrar does not have it any more.
    Gone,
}

impl Lapse {
    /// What a registry's word means for a name; `None` while it is renewed as always.
    #[must_use]
    pub fn of(statuses: &[RegistryStatus]) -> Option<Self> {
        // While it is in redemption, registries call it about to be deleted too.
        if statuses.contains(&RegistryStatus::RedemptionPeriod) {
            return Some(Self::Redemption(None));
        }
        statuses.contains(&RegistryStatus::PendingDelete).then_some(Self::Deleted)
    }

    /// What happened and what to do, in words a customer can read.
    #[must_use]
    pub fn words(self, name: &DomainName) -> String {
        match self {
            Self::Redemption(fee) => {
                let fee = fee.map_or_else(
                    || "which has a fee of its own".into(),
                    |cents| format!("which costs {}", dollars(cents)),
                );
                format!(
                    "{name} ran out and can only be restored, {fee} beside the year. We do not pay that by ourselves: if it is to be kept, the operator restores it on the registrar's pages, and it goes on by itself; otherwise cancel the domain."
                )
            }
            Self::Deleted => format!(
                "{name} ran out, and its registry is about to delete it: it cannot be kept. Cancel the domain; the name can be bought anew once it is free."
            ),
            Self::Gone => format!(
                "The registrar does not have {name} any more: its registration ended, or somebody has moved it. Cancel the domain, unless the operator brings the name back."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_past_renewing_is_not_renewed() {
        use RegistryStatus::{ClientHold, PendingDelete, RedemptionPeriod};
        for (statuses, lapse) in [
            (&[][..], None),
            (&[ClientHold][..], None),
            (&[PendingDelete, RedemptionPeriod][..], Some(Lapse::Redemption(None))),
            (&[PendingDelete][..], Some(Lapse::Deleted)),
        ] {
            assert_eq!(Lapse::of(statuses), lapse, "{statuses:?}");
        }
    }

    #[test]
    fn the_fee_is_told_where_it_is_known() {
        let name = DomainName::stored("acme.com");
        assert!(Lapse::Redemption(Some(20_000)).words(&name).contains("which costs 200.00 USD beside the year"));
        assert!(Lapse::Redemption(None).words(&name).contains("a fee of its own"));
    }
}

//! What can go wrong at a provider, by what to do next.

use model::action::ActionReason;
use model::clock::Time;
use model::forwarding::ForwardingReason;

use crate::egress::EgressError;

/// Why a call did not do what it should. Few kinds, because few reactions exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not now: busy, limited, or still working on it. `Some` names the partner time to come back at;
    /// that is waiting, not failing.
    Later(Option<Time>),
    /// It is done as far as it can be, and shows at the partner time: nothing is to be done again before.
    UnderWay(UnderWay, Time),
    /// The provider said no.
    Refused(Refused),
    /// Nobody knows whether it happened: look before acting again.
    Unknown,
    /// The operator has to mend the configuration or the account; the words may be shown.
    Misconfigured(String),
}

impl Trouble {
    /// When to come back, where it says so.
    #[must_use]
    pub const fn until(&self) -> Option<Time> {
        match self {
            Self::Later(until) => *until,
            Self::UnderWay(_, until) => Some(*until),
            Self::Refused(_) | Self::Unknown | Self::Misconfigured(_) => None,
        }
    }

    /// Its name in metrics. Append-only.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Later(_) => "later",
            Self::UnderWay(..) => "under_way",
            Self::Refused(_) => "refused",
            Self::Unknown => "unknown",
            Self::Misconfigured(_) => "misconfigured",
        }
    }

    /// What a call for several things says that met both: a no waits until the rest is done, and what the operator has to
    /// mend comes first.
    pub(crate) fn graver(before: Option<Self>, now: Self) -> Self {
        let weight = |trouble: &Self| match trouble {
            Self::Misconfigured(_) => 4,
            Self::Unknown => 3,
            Self::Later(_) => 2,
            Self::UnderWay(..) => 1,
            Self::Refused(_) => 0,
        };
        match before {
            Some(before) if weight(&before) >= weight(&now) => before,
            Some(_) | None => now,
        }
    }
}

/// What a provider has taken on and takes its time over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderWay {
    /// The registrar has taken the order, and the registry has not confirmed it.
    Registration,
    /// The registrar has taken the order for another term, and the name does not show it yet.
    Renewal,
    /// The mail host has opened the domain, and has no signing key for it yet.
    SigningKey,
    /// The mail host has made the mailboxes, and does not find them yet.
    Mailboxes,
}

/// What is waited for while a renewal may have been asked for.
pub const RENEWAL_UNDER_WAY: &str =
    "The renewal was asked for and does not show at the registrar yet; we look before we do anything again.";

impl UnderWay {
    /// What is waited for, in words a customer can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Registration => "The registrar has accepted the registration; the registry takes some hours over it.",
            Self::Renewal => RENEWAL_UNDER_WAY,
            Self::SigningKey => "The mail provider makes the domain's DKIM key, which can take up to three days.",
            Self::Mailboxes => "The inboxes are made; it takes the mail provider some minutes to find them.",
        }
    }
}

/// What a provider's no means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A person can change it.
    Ask(ActionReason),
    /// The mail host keeps this address for a user who was deleted: another one can be had.
    AddressKept(String),
    /// The sequencer cannot log into an inbox: a mailbox lets nobody in for a while after it was made, and a password may be wrong.
    ShutOut,
    /// Nothing will change it; the words may be shown to a customer.
    ForGood(String),
    /// An address on the internet cannot be fetched.
    Target(TargetFault),
}

/// Why an address cannot be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// Its name does not lead to a public address.
    Unresolved,
    /// It does not answer.
    Unreachable,
    /// It must not be asked: not a web address, not http(s), or not a public address.
    NotPublic,
}

impl TargetFault {
    /// What it means for an address that it could not be fetched through the guard; `None` when it means nothing,
    /// because the trouble is ours: then it is asked again later.
    #[must_use]
    pub const fn of(error: EgressError) -> Option<Self> {
        match error {
            EgressError::BadUrl(_) | EgressError::NotPublic => Some(Self::NotPublic),
            EgressError::Unresolved => Some(Self::Unresolved),
            EgressError::Timeout | EgressError::Connect | EgressError::Tls | EgressError::Other => {
                Some(Self::Unreachable)
            }
            EgressError::Ours => None,
        }
    }

    /// What a forwarding job says of it.
    #[must_use]
    pub const fn reason(self) -> ForwardingReason {
        match self {
            Self::Unresolved => ForwardingReason::DnsLookupFailed,
            Self::Unreachable => ForwardingReason::TargetUnreachable,
            Self::NotPublic => ForwardingReason::InvalidTarget,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::UrlFault;

    #[test]
    fn a_no_for_one_of_several_things_waits_until_the_rest_is_done() {
        let no = || Trouble::Refused(Refused::ForGood("no".into()));
        let soon = || Trouble::UnderWay(UnderWay::Mailboxes, Time(0));
        let operators = || Trouble::Misconfigured("mend".into());
        for (before, now, said) in [
            (None, no(), no()),
            (Some(no()), soon(), soon()),
            (Some(soon()), no(), soon()),
            (Some(soon()), Trouble::Later(None), Trouble::Later(None)),
            (Some(Trouble::Later(None)), Trouble::Unknown, Trouble::Unknown),
            (Some(Trouble::Unknown), operators(), operators()),
            (Some(operators()), no(), operators()),
        ] {
            assert_eq!(Trouble::graver(before.clone(), now.clone()), said, "{before:?} {now:?}");
        }
    }

    #[test]
    fn each_fault_of_a_fetch_has_its_forwarding_reason() {
        for (error, reason) in [
            (EgressError::BadUrl(UrlFault::TooLong), "invalid_target"),
            (EgressError::BadUrl(UrlFault::Malformed), "invalid_target"),
            (EgressError::BadUrl(UrlFault::Scheme), "invalid_target"),
            (EgressError::BadUrl(UrlFault::UserInfo), "invalid_target"),
            (EgressError::from(UrlFault::NotPublic), "invalid_target"),
            (EgressError::NotPublic, "invalid_target"),
            (EgressError::Unresolved, "dns_lookup_failed"),
            (EgressError::Timeout, "target_unreachable"),
            (EgressError::Connect, "target_unreachable"),
            (EgressError::Tls, "target_unreachable"),
            (EgressError::Other, "target_unreachable"),
        ] {
            assert_eq!(TargetFault::of(error).map(|fault| fault.reason().as_str()), Some(reason), "{error:?}");
        }
    }
}

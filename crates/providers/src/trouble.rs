//! What can go wrong at a provider, by what to do next.

use model::action::ActionReason;
use model::clock::Time;

/// Why a call did not do what it should. Few kinds, because few reactions exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not now: busy, limited, or still working on it. `Some` names the partner time to come back at;
    /// that is waiting, not failing.
    Later(Option<Time>),
    /// The provider said no.
    Refused(Refused),
    /// Nobody knows whether it happened: look before acting again.
    Unknown,
    /// The operator has to mend the configuration or the account; the words may be shown.
    Misconfigured(String),
}

/// What a provider's no means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A person can change it.
    Ask(ActionReason),
    /// Nothing will change it; the words may be shown to a customer.
    ForGood(String),
    /// An address on the internet cannot be fetched.
    Target(TargetFault),
}

/// Why an address cannot be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// Its name does not resolve.
    Unresolved,
    /// It does not answer.
    Unreachable,
    /// It must not be asked: not http(s), or not a public address.
    NotPublic,
}

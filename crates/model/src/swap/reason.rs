//! Why a swap waits, failed or was cancelled.

use serde::{Serialize, Serializer};

use crate::action::ActionReason;
use crate::named::{Named, named};

/// Why a swap does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapReason {
    /// It waits for this.
    Waits(ActionReason),
    /// It has ended without being done.
    Ended(SwapEnd),
}

named! {
    /// Why a swap ended without being done. New ones may be added.
    // Append-only: it has left the process.
    #[expect(missing_docs, reason = "`sentence` documents each")]
    pub enum SwapEnd {
        ReplacementUnsuitable "replacement_unsuitable",
        ReplacementFailed "replacement_failed",
        RenamingFailed "renaming_failed",
        CancelRequested "cancel_requested",
        DomainLeaves "domain_leaves",
    }
}

impl SwapReason {
    /// Why, and what to do, in words that a customer can read. What the replacement's own question asks, its action
    /// says.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Waits(ActionReason::NameTaken) => {
                "The replacement can neither be bought now nor is it in your inventory. The swap goes on by itself once it is either; or cancel it, and swap for another name."
            }
            Self::Waits(ActionReason::PriceChanged) => {
                "Buying the replacement would go over a monthly spend limit. The swap goes on by itself once it fits; or have the limit raised, or cancel the swap."
            }
            Self::Waits(reason) => reason.sentence(),
            Self::Ended(end) => end.sentence(),
        }
    }
}

impl SwapEnd {
    /// Whether it was called off, and did not fail.
    #[must_use]
    pub const fn is_cancelled(self) -> bool {
        matches!(self, Self::CancelRequested | Self::DomainLeaves)
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::ReplacementUnsuitable => {
                "The replacement cannot be used for the domain's mail provider. The domain stays as it is; swap it for a name that can."
            }
            Self::ReplacementFailed => {
                "The replacement could not be made ready. The domain stays as it is, and what was not delivered is credited; swap it for another name."
            }
            Self::RenamingFailed => {
                "The inbox could not be renamed. Look at it, and ask for the new name again if it still has the old one."
            }
            Self::CancelRequested => "The swap was cancelled as you asked. The domain stays as it is.",
            Self::DomainLeaves => "The domain leaves its order, and nothing takes its place.",
        }
    }
}

impl Named for SwapReason {
    fn name(self) -> &'static str {
        match self {
            Self::Waits(reason) => reason.as_str(),
            Self::Ended(end) => end.as_str(),
        }
    }

    fn named(text: &str) -> Option<Self> {
        SwapEnd::parse(text).map(Self::Ended).or_else(|| ActionReason::parse(text).map(Self::Waits))
    }
}

impl Serialize for SwapReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let waits = ActionReason::ALL.iter().map(|reason| SwapReason::Waits(*reason));
        for reason in waits.chain(SwapEnd::ALL.iter().map(|end| SwapReason::Ended(*end))) {
            assert_eq!(SwapReason::named(reason.name()), Some(reason));
        }
        assert_eq!(SwapReason::named("of a later version"), None);
    }
}

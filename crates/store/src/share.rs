//! Whose work a write is, and of which kind: what shares of the writer's time are counted by.

use model::id::{Id as _, PartnerId};
use model::world::Environment;

/// Kinds of work that must not starve each other at the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody waits for the answer.
    Request,
    /// What came of a step.
    Settlement,
    /// Taking what is due.
    Claim,
    /// What came of a webhook.
    Delivery,
    /// What only waits for a time.
    Timer,
    /// Deleting what nobody needs any more.
    Housekeeping,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Request, Self::Settlement, Self::Claim, Self::Delivery, Self::Timer, Self::Housekeeping];

    /// How much of the writer's time the kind has beside the others, when all of them want more than there is. Settlements have the most: what
    /// requests have made, they end, and one order is many of them.
    pub(crate) const fn weight(self) -> u64 {
        match self {
            Self::Settlement => 4,
            Self::Request | Self::Claim | Self::Delivery | Self::Timer => 2,
            Self::Housekeeping => 1,
        }
    }
}

/// Who a write counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Share {
    pub(crate) kind: Kind,
    /// Whether it is for the real world, or nobody's; otherwise it is for a sandbox.
    pub(crate) is_live: bool,
    /// Empty for work that is nobody's, such as a claim for all partners.
    pub(crate) partner: String,
}

tokio::task_local! {
    /// It travels with the work as a tracing span does, so that no caller of a write can forget it.
    static SHARE: Share;
}

/// Does work whose writes count as a partner's in an environment, and as those of a kind.
pub async fn on_behalf_of<F: Future>(kind: Kind, whose: Option<(&PartnerId, Environment)>, work: F) -> F::Output {
    let is_live = whose.is_none_or(|(_, environment)| environment == Environment::Live);
    let partner = whose.map(|(partner, _)| partner.as_str().to_owned()).unwrap_or_default();
    SHARE.scope(Share { kind, is_live, partner }, work).await
}

/// Who the write of this moment counts for; nobody, and as of this kind, when nothing was said.
pub(crate) fn current(otherwise: Kind) -> Share {
    SHARE.try_with(Clone::clone).unwrap_or(Share { kind: otherwise, is_live: true, partner: String::new() })
}

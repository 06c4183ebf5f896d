//! A swap as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::DomainName;
use crate::inbox::{Inbox, LinkStatus};
use crate::swap::{self, SwapKind, SwapReason, SwapStatus, WARM};

/// A swap.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Swap {
    /// Its id.
    #[schema(example = "swp_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// What is swapped, and how fast.
    #[serde(rename = "type")]
    pub kind: SwapKind,
    /// The domain that is replaced, or whose inbox is renamed.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: String,
    /// The name that takes its place; null when an inbox is renamed.
    #[schema(required, example = "acme-post.com")]
    pub replacement_domain: Option<String>,
    /// Where it stands.
    pub status: SwapStatus,
    /// Why it waits, failed or was cancelled; null while it goes on, when it is done, and of swaps that ended before
    /// reasons were kept. What waits has the reasons of pending actions; the ends are `replacement_unsuitable`,
    /// `replacement_failed`, `renaming_failed`, `cancel_requested` and `domain_leaves`. New reasons may be added.
    #[schema(required, value_type = Option<String>, example = "name_taken")]
    pub reason: Option<SwapReason>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime, example = "2026-05-20T09:00:00Z")]
    pub created_at: Time,
    /// The order that the domain belongs to.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: String,
    /// The customer it belongs to.
    #[schema(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub user_id: String,
    /// The domain that takes its place, once it can be had.
    #[schema(required, example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K1")]
    pub replacement_domain_id: Option<String>,
    /// The inbox that is renamed; null when a domain is replaced.
    #[schema(required, example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub inbox_id: Option<String>,
    /// Until when a premium swap keeps the old domain warm.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub warm_until: Option<Time>,
    /// What is lost by it at the sequencer; in the answers of the calls that ask for swaps, and null elsewhere. Nothing of it has
    /// happened by then: `POST /swaps/{id}/cancel` takes the swap back.
    #[schema(required)]
    pub loses: Option<Loses>,
    /// When it was completed, failed or was cancelled.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
}

/// What a swap loses at the sequencer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loses {
    /// The accounts there that end; empty where every address stays, or none is linked.
    pub accounts: Vec<LostAccount>,
    /// What that means, in words a customer can read.
    #[schema(example = "These accounts end at the sequencer.")]
    pub message: String,
}

/// An account at the sequencer that ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LostAccount {
    /// The inbox whose account it is.
    #[schema(example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub inbox_id: String,
    /// Its address there.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub email: String,
    /// Its id there.
    #[schema(required, example = "4711")]
    pub account_id: Option<String>,
}

const ENDS: &str = "These accounts end at the sequencer when the swap comes to them: campaigns that send from them stop, and their warm-up and statistics are not carried over. Put other accounts into the campaigns before, or cancel the swap.";
const STAYS: &str = "No account ends at the sequencer.";

impl Loses {
    /// What goes with these inboxes, of which only those that are linked have an account.
    #[must_use]
    pub fn of<'a>(inboxes: impl IntoIterator<Item = &'a Inbox>) -> Self {
        let linked = inboxes.into_iter().filter(|inbox| inbox.link == LinkStatus::Linked);
        let account = |inbox: &Inbox| LostAccount {
            inbox_id: inbox.id.to_string(),
            email: inbox.email.clone(),
            account_id: inbox.account_id.clone(),
        };
        let accounts: Vec<_> = linked.map(account).collect();
        let message = if accounts.is_empty() { STAYS } else { ENDS };
        Self { accounts, message: message.to_owned() }
    }
}

impl Swap {
    /// The same, saying what is lost by it.
    #[must_use]
    pub fn losing(self, loses: Loses) -> Self {
        Self { loses: Some(loses), ..self }
    }

    /// The view of a swap.
    #[must_use]
    pub fn of(swap: &swap::Swap) -> Self {
        let warm = swap.kind == SwapKind::Premium && swap.status == SwapStatus::Completed;
        Self {
            id: swap.id.to_string(),
            kind: swap.kind,
            domain_id: swap.domain.to_string(),
            replacement_domain: swap.replacement_name.as_ref().map(DomainName::to_string),
            status: swap.status,
            reason: swap.reason,
            created_at: swap.created_at,
            order_id: swap.order.to_string(),
            user_id: swap.user.to_string(),
            replacement_domain_id: swap.replacement.as_ref().map(ToString::to_string),
            inbox_id: swap.inbox.as_ref().map(ToString::to_string),
            warm_until: swap.finished_at.filter(|_| warm).map(|at| at.plus(WARM)),
            loses: None,
            finished_at: swap.finished_at,
        }
    }
}

//! A pending action as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::action::{self, ActionReason, ActionType};
use crate::by_hand::ToMake;
use crate::clock::Time;
use crate::consent::ConsentStatus;
use crate::persona::Persona;

/// Something that waits for a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PendingAction)]
pub struct Action {
    /// Its id.
    #[schema(example = "act_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// What it is about; which fields resolve it depends on this.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// Why somebody is asked. New reasons may be added.
    pub reason: ActionReason,
    /// Whether it still waits.
    pub status: ActionStatus,
    /// The order that it holds up; null for an import.
    #[schema(required, example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: Option<String>,
    /// The domain that it holds up.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: String,
    /// The domain's name.
    #[schema(example = "acme-mail.com")]
    pub domain: String,
    /// The persona that it is about; null when it is about none.
    #[schema(required)]
    pub user: Option<Persona>,
    /// What is to be made by hand, while an action with the reason `mailboxes_by_hand` is open; null of any other.
    #[schema(required)]
    pub mailboxes: Option<ToMake>,
    /// The links to follow, one for each inbox of the domain that is not linked yet, while an action with the reason
    /// `inbox_access_needed`, `inbox_login_fails` or `smtp_auth_needed` is open whose mail host has an application of the operator's
    /// and whose sequencer takes a consent; null of any other. Whoever opens one signs in as that inbox and says yes; the inbox is linked then, and needs no password.
    #[schema(required)]
    pub links: Option<Vec<ConsentLink>>,
    /// What to do, in words that a customer can read.
    #[schema(example = "The profile picture cannot be fetched. Send a public address of a picture.")]
    pub message: String,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:03:00Z")]
    pub created_at: Time,
    /// When it was answered.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2026-05-08T12:31:00Z")]
    pub resolved_at: Option<Time>,
}

crate::named::named! {
    /// Whether an action still waits.
    pub enum ActionStatus {
        /// It does.
        Open "open",
        /// It was answered, or what it asked for came about by itself.
        Resolved "resolved",
    }
}

/// What stands around an action.
#[derive(Clone, Debug, Default)]
pub struct AroundAction {
    /// The people that its number points into; needed when it has one.
    pub people: Vec<Persona>,
    /// What it asks for, when mailboxes are made by hand.
    pub mailboxes: Option<ToMake>,
    /// The links that owners of inboxes follow.
    pub links: Option<Vec<ConsentLink>>,
}

/// A link that the owner of an inbox follows to let a sequencer in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentLink {
    /// The inbox.
    #[schema(example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub inbox_id: String,
    /// Its address, as which somebody has to sign in.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub email: String,
    /// Where to go. It can be opened by whoever has it, for as long as somebody asks for it.
    #[schema(
        format = "uri",
        example = "https://mail.example.com/consent/inb_01JTZ8A1B2C3D4E5F6G7H8J9K0.act_01JTZ8A1B2C3D4E5F6G7H8J9K0.0f3a"
    )]
    pub url: String,
    /// What has come of it so far. New ones may be added.
    pub status: ConsentStatus,
}

impl Action {
    /// The view of an action, with what is around it.
    #[must_use]
    pub fn of(action: &action::Action, around: &AroundAction) -> Self {
        let persona = action.persona.and_then(|n| usize::try_from(n).ok());
        Self {
            id: action.id.to_string(),
            kind: action.reason.action_type(),
            reason: action.reason,
            status: if action.open { ActionStatus::Open } else { ActionStatus::Resolved },
            order_id: action.order.as_ref().map(ToString::to_string),
            domain_id: action.domain.to_string(),
            domain: action.domain_name.clone(),
            user: persona.and_then(|n| around.people.get(n)).cloned(),
            mailboxes: around.mailboxes.clone(),
            links: around.links.clone(),
            message: action.message.clone(),
            created_at: action.created_at,
            resolved_at: action.resolved_at,
        }
    }
}

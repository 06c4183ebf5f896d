//! An inbox as partners see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::domain::MailProvider;
use crate::inbox::{self, InboxStatus, LinkStatus};

/// An inbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Inbox {
    /// Its id.
    #[schema(example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub id: String,
    /// Its address.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub email: String,
    /// Given name shown to receivers.
    #[schema(example = "Alex")]
    pub first_name: String,
    /// Family name shown to receivers.
    #[schema(example = "Rivera")]
    pub last_name: String,
    /// Who hosts it.
    pub provider: MailProvider,
    /// The domain it is on.
    #[schema(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub domain_id: String,
    /// The order it was made for.
    #[schema(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub order_id: String,
    /// The customer it belongs to.
    #[schema(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub user_id: String,
    /// Where it stands.
    pub status: InboxStatus,
    /// Its link to the sequencer.
    pub sequencer: InboxLink,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-05-08T12:00:00Z")]
    pub created_at: Time,
}

/// An inbox's link to the sequencer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxLink {
    /// Where it stands.
    pub status: LinkStatus,
    /// The account's id at the sequencer, once it is linked.
    #[schema(required, example = "4711")]
    pub account_id: Option<String>,
}

/// What stands beside the inbox in the `data` of `inbox.handed_over`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HandOver {
    /// Where to `POST` with a key of the preset `full` to be told how the inbox is logged in to.
    #[schema(example = "/partner/v1/inboxes/inb_01JTZ8A1B2C3D4E5F6G7H8J9K0/access")]
    access_path: String,
}

#[derive(Serialize)]
struct HandedOver {
    #[serde(flatten)]
    inbox: Inbox,
    #[serde(flatten)]
    beside: HandOver,
}

/// An inbox that is handed over, as JSON text: nothing secret is in it.
#[must_use]
pub fn handed_over(inbox: &inbox::Inbox) -> String {
    let beside = HandOver { access_path: format!("/partner/v1/inboxes/{}/access", inbox.id) };
    super::text(&HandedOver { inbox: Inbox::of(inbox), beside })
}

impl Inbox {
    /// The view of an inbox.
    #[must_use]
    pub fn of(inbox: &inbox::Inbox) -> Self {
        Self {
            id: inbox.id.to_string(),
            email: inbox.email.clone(),
            first_name: inbox.first_name.clone(),
            last_name: inbox.last_name.clone(),
            provider: inbox.provider,
            domain_id: inbox.domain.to_string(),
            order_id: inbox.order.to_string(),
            user_id: inbox.user.to_string(),
            status: inbox.status,
            sequencer: InboxLink { status: inbox.link, account_id: inbox.account_id.clone() },
            created_at: inbox.created_at,
        }
    }
}

//! Pending actions: what somebody outside has to do before a domain goes on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::id::{ActionId, DomainId, OrderId, PartnerId, RunId, UserId};
use crate::named::named;
use crate::world::World;

mod answer;
mod helped;
mod in_time;
mod made;
mod resolve;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Answered, fields_for, fields_of};
pub use in_time::Look;
pub use resolve::{Resolving, resolve};

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What it is about.
    pub reason: ActionReason,
    /// Whether it still waits.
    pub open: bool,
    /// The order it holds up; an import belongs to none.
    pub order: Option<OrderId>,
    /// The domain it holds up.
    pub domain: DomainId,
    /// The domain's name.
    pub domain_name: String,
    /// The order's customer.
    pub user: Option<UserId>,
    /// Which of the order's personas it is about.
    pub persona: Option<i64>,
    /// What to do, in words a customer can read.
    pub message: String,
    /// When it was asked, partner time.
    pub created_at: Time,
    /// The run that asked; unknown of those that older versions asked.
    pub run: Option<RunId>,
    /// When it was answered, partner time.
    pub resolved_at: Option<Time>,
    /// What was answered last, besides that it should be looked at again.
    pub answered: Option<Answered>,
    /// The fence against lost updates.
    pub version: i64,
}

/// What somebody is asked about; it decides which fields resolve the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ActionType {
    GoogleProfilePicture,
    Nameservers,
    SequencerLogin,
    Registration,
    MailProvider,
    Forwarding,
}

named! {
    /// Why somebody is asked, and what to do. New ones may be added.
    // Append-only: it has left the process.
    #[expect(missing_docs, reason = "`sentence` documents each")]
    pub enum ActionReason {
        ProfilePictureNotAccessible "profile_picture_not_accessible",
        ProfilePictureNotAnImage "profile_picture_not_an_image",
        NameserversNotPointed "nameservers_not_pointed",
        CredentialsRejected "credentials_rejected",
        NameTaken "name_taken",
        PriceChanged "price_changed",
        RegistrantUnverified "registrant_unverified",
        RegistrarRejected "registrar_rejected",
        DkimNeedsEnabling "dkim_needs_enabling",
        AdminConsentNeeded "admin_consent_needed",
        LicenceCapacity "licence_capacity",
        TargetUnreachable "target_unreachable",
        MailboxesByHand "mailboxes_by_hand",
        NameOnHold "name_on_hold",
        SequencerKeyNeeded "sequencer_key_needed",
        DomainInAnotherTenant "domain_in_another_tenant",
        InboxAccessNeeded "inbox_access_needed",
        InboxLoginFails "inbox_login_fails",
    }
}

impl ActionReason {
    /// Which type it belongs to.
    #[must_use]
    pub const fn action_type(self) -> ActionType {
        match self {
            Self::ProfilePictureNotAccessible | Self::ProfilePictureNotAnImage => ActionType::GoogleProfilePicture,
            Self::NameserversNotPointed | Self::NameOnHold => ActionType::Nameservers,
            Self::CredentialsRejected | Self::SequencerKeyNeeded => ActionType::SequencerLogin,
            Self::NameTaken | Self::PriceChanged | Self::RegistrantUnverified | Self::RegistrarRejected => {
                ActionType::Registration
            }
            Self::DkimNeedsEnabling
            | Self::AdminConsentNeeded
            | Self::LicenceCapacity
            | Self::MailboxesByHand
            | Self::DomainInAnotherTenant
            | Self::InboxAccessNeeded
            | Self::InboxLoginFails => ActionType::MailProvider,
            Self::TargetUnreachable => ActionType::Forwarding,
        }
    }

    /// What to do, in words a customer can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ProfilePictureNotAccessible => {
                "The profile picture cannot be fetched. Send a public address of a picture."
            }
            Self::ProfilePictureNotAnImage => {
                "The profile picture's address does not lead to an image. Send the address of a JPEG or PNG."
            }
            Self::NameserversNotPointed => {
                "The domain does not use our nameservers yet. Set them at the registrar that holds it."
            }
            Self::CredentialsRejected => {
                "The sequencer refused the login. Send the login e-mail and password again, or an API key."
            }
            Self::SequencerKeyNeeded => {
                "The sequencer is reached with an API key, and there is none for this order. Send `api_key`: its settings show it."
            }
            Self::NameTaken => {
                "Somebody else registered the name first. Choose a replacement, or give it up for a credit."
            }
            Self::PriceChanged => {
                "The registrar asks more than was agreed. Allow a higher total, or give the name up for a credit."
            }
            Self::RegistrantUnverified => {
                "The registrant's e-mail address is not verified. Open the registrar's mail and confirm it."
            }
            Self::RegistrarRejected => {
                "The registrar refused the registration. Only the operator can mend that, and finds it in the server's log; give the name up for a credit if you cannot wait."
            }
            Self::DkimNeedsEnabling => {
                "DKIM has to be switched on in the mail provider's admin console: open the domain there, have the key made, and send the record that it shows; once that is published, press its button to begin signing."
            }
            Self::AdminConsentNeeded => "An administrator of the mail tenant has to consent once.",
            Self::LicenceCapacity => {
                "The mail tenant has no free licence. Only the operator can add one, and finds this in the server's log."
            }
            Self::TargetUnreachable => "The forwarding address does not answer. Send one that does.",
            Self::NameOnHold => {
                "The name's registry has taken it off the net. Most often its registrant has not answered the registrar's mail that asks to confirm the address: open it and confirm; it goes on by itself. Otherwise ask the operator."
            }
            Self::DomainInAnotherTenant => {
                "The domain is in another tenant of the mail provider, and can be in one only. Whoever runs that one has to remove it there; it goes on by itself then. Otherwise give the name up for a credit."
            }
            Self::InboxAccessNeeded => {
                "The sequencer logs into the inboxes, and nobody has said how. Send `logins`: an app password for each inbox that `inboxes` of the order lists for this domain."
            }
            Self::InboxLoginFails => {
                "The sequencer does not get into inboxes of this domain any more: the evidence of the domain names them. Look at them at their provider, and send `logins` with a new app password for each, or nothing when it is mended there; it is looked at again every ten minutes."
            }
            Self::MailboxesByHand => {
                "The mailboxes are made by hand. Make those that `mailboxes` lists at the mail provider, and send its records and that they are there."
            }
        }
    }
}

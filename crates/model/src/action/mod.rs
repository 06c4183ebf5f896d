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
mod words;

pub use answer::{Answer, Answered, fields_for, fields_of};
pub use in_time::Look;
pub use resolve::{Access, Resolving, resolve};
pub(crate) use words::words;

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
        SmtpAuthNeeded "smtp_auth_needed",
    }
}

impl ActionReason {
    /// Whether it is answered by letting the sequencer into the inboxes.
    #[must_use]
    pub const fn is_about_access(self) -> bool {
        matches!(self, Self::InboxAccessNeeded | Self::InboxLoginFails | Self::SmtpAuthNeeded)
    }

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
            | Self::InboxLoginFails
            | Self::SmtpAuthNeeded => ActionType::MailProvider,
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
                "DKIM has to be switched on by whoever runs the mail tenant. In its admin console (Google: Apps, Google Workspace, Gmail, Authenticate email) have the domain's key made, and send the record that it shows as `dkim_record`; once that is published, press Start authentication there. It goes on when the record that was sent is published."
            }
            Self::AdminConsentNeeded => {
                "An administrator of the mail tenant has to consent once: sign in to its admin console, open the application that the operator names, and grant what it asks for. Nothing has to be sent; it is looked at again every ten minutes, and goes on when the tenant lets us in."
            }
            Self::LicenceCapacity => {
                "No mail tenant has room for the domain, or its licences are used up. Only the operator can mend that: buy licences in the admin console of the tenant that the server's log names, raise `most_users` or `most_domains`, or add a tenant. Nothing has to be sent; it is looked at again every ten minutes, and goes on when there is room."
            }
            Self::TargetUnreachable => "The forwarding address does not answer. Send one that does.",
            Self::NameOnHold => {
                "The name's registry has taken it off the net. Most often its registrant has not answered the registrar's mail that asks to confirm the address: open it and confirm; it goes on by itself. Otherwise ask the operator."
            }
            Self::DomainInAnotherTenant => {
                "The domain is in another tenant of the mail provider, and can be in one only. Whoever runs that one has to remove it there, in its admin console under Domains. Nothing has to be sent; it is looked at again every ten minutes, and goes on when the mail provider says that it is free. Otherwise choose a `replacement_domain`, or give it up for a credit."
            }
            Self::InboxAccessNeeded => {
                "The sequencer logs into the inboxes, and nobody has said how. Where `links` lists them, the owner of each inbox opens its link and consents. Otherwise whoever runs the mail tenant makes an app password for each inbox that `inboxes` of the order lists for this domain, in the security settings of its account (Google: Security, 2-Step Verification, App passwords; Microsoft: Security info, Add sign-in method), and sends them as `logins`. It goes on when the sequencer has logged in."
            }
            Self::InboxLoginFails => {
                "The sequencer does not get into inboxes of this domain; of a domain that works its evidence names them. Where `links` lists one, its owner opens the link and consents anew. Otherwise whoever runs the mail tenant looks at it in its admin console, and sends `logins` with a new app password, or nothing when it is mended there; it is looked at again every ten minutes, and goes on when the sequencer gets in."
            }
            Self::SmtpAuthNeeded => {
                "The sequencer does not get into the inboxes, and logging in over SMTP is switched off in a new mail tenant. Whoever runs the tenant switches it on, in Exchange Online PowerShell: the message of the action has the commands. Where a password is wrong, or a consent was taken back, `logins` or `links` answer it too. Nothing has to be sent; it is looked at again every ten minutes, and goes on when the sequencer gets in."
            }
            Self::MailboxesByHand => {
                "The mailboxes are made by hand: whoever runs the mail tenant makes those that `mailboxes` lists in its admin console, and sends its records and that they are there, as `mailboxes`. It goes on when the records are published and it was said that all are there."
            }
        }
    }
}

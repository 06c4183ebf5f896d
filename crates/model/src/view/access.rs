//! How an inbox is logged in to, as partners see it.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{AccessKind, servers};
use crate::domain::MailProvider;
use crate::inbox::{Inbox, InboxStatus};

/// How an inbox can be reached. Nothing secret is in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxAccess {
    /// The inbox.
    #[schema(example = "inb_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    pub inbox_id: String,
    /// Its address.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub email: String,
    /// Who hosts it.
    pub provider: MailProvider,
    /// As whom one logs in.
    #[schema(example = "alex.rivera@acme-mail.com")]
    pub user_name: String,
    /// Takes mail that is sent.
    pub smtp: MailServer,
    /// Shows what was received.
    pub imap: MailServer,
    /// The ways into it that are known here; empty where nobody has told one.
    pub kinds: Vec<AccessKind>,
}

/// A mail server.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MailServerAddress)]
pub struct MailServer {
    /// Its name.
    #[schema(example = "smtp.gmail.com")]
    pub host: String,
    /// Its port.
    #[schema(example = 465)]
    pub port: u16,
}

crate::named::named! {
    /// Why an inbox's password is not handed out.
    pub enum NoPassword {
        /// Its sequencer is let in by a consent, which is worth something only to the operator's application.
        HeldByConsent "held_by_consent",
        /// Nobody has told one.
        NotGiven "not_given",
        /// The inbox is gone.
        Deleted "deleted",
    }
}

impl NoPassword {
    /// What to do, in words a customer can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::HeldByConsent => {
                "The inbox's owner has let the operator's application in, and what that was given is worth nothing to another one. Make an app password at the mail provider to log in yourself."
            }
            Self::NotGiven => {
                "No password of this inbox is known here. Make an app password at the mail provider to log in yourself. While an action `inbox_access_needed`, `inbox_login_fails` or `smtp_auth_needed` of its domain is open, it can be sent there as `logins`, and is known here then."
            }
            Self::Deleted => "The inbox is deleted.",
        }
    }
}

/// How an inbox is logged in to, its password included where it is known.
#[derive(Serialize, ToSchema)]
pub struct HandedAccess {
    /// How it is reached.
    pub access: InboxAccess,
    /// The app password that was sent for it; null where `reason` says why.
    #[schema(required, value_type = Option<String>, format = Password, example = "an-app-password")]
    #[serde(serialize_with = "exposed")]
    pub password: Option<SecretString>,
    /// Why there is none.
    #[schema(required)]
    pub reason: Option<NoPassword>,
    /// The same in words, with what to do.
    #[schema(required, example = "No password of this inbox is known here.")]
    pub message: Option<String>,
}

fn exposed<S: serde::Serializer>(password: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    password.as_ref().map(|password| password.expose_secret()).serialize(to)
}

impl InboxAccess {
    /// The view of an inbox, into which these ways lead.
    #[must_use]
    pub fn of(inbox: &Inbox, kinds: Vec<AccessKind>) -> Self {
        let servers = servers(inbox.provider);
        let server = |(host, port): (&str, u16)| MailServer { host: host.to_owned(), port };
        Self {
            inbox_id: inbox.id.to_string(),
            email: inbox.email.clone(),
            provider: inbox.provider,
            user_name: inbox.email.clone(),
            smtp: server(servers.smtp),
            imap: server(servers.imap),
            kinds,
        }
    }
}

impl HandedAccess {
    /// The view of an inbox that is handed out.
    #[must_use]
    pub fn of(inbox: &Inbox, password: Option<SecretString>, is_consented: bool) -> Self {
        let password = password.filter(|_| inbox.status != InboxStatus::Deleted);
        let reason = match &password {
            Some(_) => None,
            None if inbox.status == InboxStatus::Deleted => Some(NoPassword::Deleted),
            None if is_consented => Some(NoPassword::HeldByConsent),
            None => Some(NoPassword::NotGiven),
        };
        Self {
            access: InboxAccess::of(inbox, kinds(is_consented, password.is_some())),
            password,
            reason,
            message: reason.map(|reason| reason.sentence().to_owned()),
        }
    }
}

/// The ways that are known, the better one first.
#[must_use]
pub fn kinds(is_consented: bool, has_password: bool) -> Vec<AccessKind> {
    let oauth = is_consented.then_some(AccessKind::Oauth);
    oauth.into_iter().chain(has_password.then_some(AccessKind::Password)).collect()
}

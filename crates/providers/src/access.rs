//! An inbox as whoever sends from it has to know it, and the way into it.

use model::access::AccessKind;
use model::domain::MailProvider;
use secrecy::SecretString;

use crate::consenting::OauthGrant;

/// An inbox, and how it can be reached by whoever sends from it.
#[derive(Clone, Debug)]
pub struct Reachable {
    /// Its address.
    pub email: String,
    /// Given name shown to receivers.
    pub first_name: String,
    /// Family name shown to receivers.
    pub last_name: String,
    /// Who hosts it.
    pub provider: MailProvider,
    /// How to get in; `None` where nobody has said it, and a sequencer that needs none is content.
    pub access: Option<Access>,
}

impl Reachable {
    /// What of it is secret.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretString> {
        self.access.as_ref().map(Access::secrets).unwrap_or_default()
    }
}

/// A way into an inbox.
#[derive(Clone, Debug)]
pub enum Access {
    /// By OAuth.
    Oauth(OauthGrant),
    /// With a password, over SMTP and IMAP.
    Password(MailLogin),
}

impl Access {
    /// Which way it is.
    #[must_use]
    pub const fn kind(&self) -> AccessKind {
        match self {
            Self::Oauth(_) => AccessKind::Oauth,
            Self::Password(_) => AccessKind::Password,
        }
    }

    /// What of it is secret.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Oauth(grant) => vec![&grant.refresh_token, &grant.access_token],
            Self::Password(login) => vec![&login.password],
        }
    }
}

/// A login at an inbox's servers.
#[derive(Clone, Debug)]
pub struct MailLogin {
    /// The user's name, which is most often the address.
    pub user_name: String,
    /// Its password: the mailbox's own or one for an application.
    pub password: SecretString,
    /// Takes mail that is sent, with TLS.
    pub smtp: MailServer,
    /// Shows what was received, with TLS.
    pub imap: MailServer,
}

/// A server for mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
}

//! How an inbox can be reached by whoever sends from it.

mod sheet;

use crate::domain::MailProvider;
use crate::named::named;

pub use sheet::{Row, Shown, sheet};

named! {
    /// A way into an inbox.
    pub enum AccessKind {
        /// Its owner has consented to an application, which has a refresh token.
        Oauth "oauth",
        /// A password over SMTP and IMAP: the mailbox's own, or one for an application.
        Password "password",
    }
}

/// The servers of a mail provider's mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Servers {
    /// Takes mail that is sent: its name, and its port.
    pub smtp: (&'static str, u16),
    /// Shows what was received: its name, and its port for TLS from the start.
    pub imap: (&'static str, u16),
}

/// Where the mailboxes of a provider are reached.
///
/// Google: <https://developers.google.com/workspace/gmail/imap/imap-smtp>. Microsoft:
/// <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/pop3-and-imap4/pop3-and-imap4>.
#[must_use]
pub const fn servers(provider: MailProvider) -> Servers {
    match provider {
        MailProvider::Google => Servers { smtp: ("smtp.gmail.com", 465), imap: ("imap.gmail.com", 993) },
        // Microsoft's takes no TLS from the start.
        MailProvider::Microsoft => Servers { smtp: ("smtp.office365.com", 587), imap: ("outlook.office365.com", 993) },
    }
}

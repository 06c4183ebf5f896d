//! Who hosts mailboxes.

use crate::named::named;

named! {
    /// Who hosts the mailboxes of a domain.
    #[derive(PartialOrd, Ord)]
    pub enum MailProvider {
        /// Google Workspace.
        Google "google",
        /// Microsoft 365.
        Microsoft "microsoft",
    }
}

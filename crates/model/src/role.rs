//! The parts that providers play.

use crate::named::named;

named! {
    /// A part that a provider can play.
    pub enum Role {
        /// Sells names.
        Registrar "registrar",
        /// Serves zones.
        Dns "dns",
        /// Redirects web addresses.
        Redirect "redirect",
        /// Hosts mailboxes.
        Mail "mail",
        /// Sends campaigns from them.
        Sequencer "sequencer",
        /// Looks at the public internet.
        Observer "observer",
    }
}

impl Role {
    /// Who plays it, in words a customer can read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Registrar => "The registrar",
            Self::Dns => "The DNS host",
            Self::Redirect => "The redirector",
            Self::Mail => "The mail provider",
            Self::Sequencer => "The sequencer",
            Self::Observer => "Our check from outside",
        }
    }
}

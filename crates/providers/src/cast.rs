//! Who plays which role: one account for each, as a domain has them.

use std::ops::Deref;
use std::sync::Arc;

use model::domain::MailProvider;

use crate::roles::{DnsHost, MailHost, Observer, Redirector, Registrar, Sequencer};

/// An account in a role. What the role does is called on it.
pub struct Player<P: ?Sized> {
    /// The account's name in the configuration, in rows and in metrics.
    pub account: &'static str,
    provider: Arc<P>,
}

impl<P: ?Sized> Player<P> {
    /// The account with this name, played by this provider.
    #[must_use]
    pub const fn new(account: &'static str, provider: Arc<P>) -> Self {
        Self { account, provider }
    }
}

impl<P: ?Sized> Clone for Player<P> {
    fn clone(&self) -> Self {
        Self { account: self.account, provider: self.provider.clone() }
    }
}

impl<P: ?Sized> Deref for Player<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.provider
    }
}

/// One account for each role.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Cast {
    pub registrar: Player<dyn Registrar>,
    pub dns: Player<dyn DnsHost>,
    pub redirector: Player<dyn Redirector>,
    pub google: Player<dyn MailHost>,
    pub microsoft: Player<dyn MailHost>,
    pub sequencer: Player<dyn Sequencer>,
    pub observer: Player<dyn Observer>,
}

impl Cast {
    /// Who hosts mailboxes of this kind.
    #[must_use]
    pub const fn mail(&self, provider: MailProvider) -> &Player<dyn MailHost> {
        match provider {
            MailProvider::Google => &self.google,
            MailProvider::Microsoft => &self.microsoft,
        }
    }
}

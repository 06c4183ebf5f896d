//! A sandbox in which a vendor's double hosts the mailboxes of one kind.

use std::sync::Arc;

use async_trait::async_trait;
use model::dns::{RrSet, RrType};
use model::domain::MailProvider;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{MailHost, MailboxSpec, Observer, Part, Reachable, Sequencer, SequencerLogin};
use providers::trouble::{Refused, Trouble};

/// What a double says and is told beside its interface.
pub(crate) trait Tenant: Send + Sync + 'static {
    /// It finds these texts at a name in the DNS, and no others.
    fn see(&self, name: &str, texts: Vec<String>);
    /// Whether mail to an address arrives in a mailbox of its own.
    fn has_mailbox(&self, email: &str) -> bool;
}

/// The same cast, in which an adapter hosts mailboxes at a double: what is published in the sandbox is what the double finds, and the
/// sequencer logs in at it.
pub(crate) fn hosting(cast: &Cast, provider: MailProvider, host: Arc<dyn MailHost>, tenant: Arc<impl Tenant>) -> Cast {
    let watching = Watching { host, observer: cast.observer.clone(), tenant: tenant.clone() };
    let host = Player::<dyn MailHost>::new("tenant", Arc::new(watching));
    let sequencer = Player::<dyn Sequencer>::new("sequencer", Arc::new(Doorbell(tenant)));
    match provider {
        MailProvider::Google => Cast { google: host, sequencer, ..cast.clone() },
        MailProvider::Microsoft => Cast { microsoft: host, sequencer, ..cast.clone() },
    }
}

struct Watching<T> {
    host: Arc<dyn MailHost>,
    observer: Player<dyn Observer>,
    tenant: Arc<T>,
}

#[async_trait]
impl<T: Tenant> MailHost for Watching<T> {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.host.ensure_domain(call).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let name = call.subject.as_str();
        self.tenant.see(name, self.observer.dns(call, name, RrType::Txt).await?);
        self.host.ensure_verified(call).await
    }

    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        for set in published {
            self.tenant.see(&set.name, self.observer.dns(call, &set.name, set.rtype).await?);
        }
        self.host.ensure_signed(call, published).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        self.host.ensure_mailboxes(call, mailboxes).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.host.ensure_renamed(call, from, to).await
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.host.ensure_no_domain(call).await
    }
}

/// A sequencer that has every mailbox it can log into.
struct Doorbell<T>(Arc<T>);

#[async_trait]
impl<T: Tenant> Sequencer for Doorbell<T> {
    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, inboxes: &[Reachable]) -> Part<(String, String)> {
        let emails = inboxes.iter().map(|one| &one.email);
        let (there, missing): (Vec<_>, Vec<_>) = emails.partition(|email| self.0.has_mailbox(email));
        let done = there.into_iter().map(|email| (email.clone(), format!("account of {email}"))).collect();
        let words = || format!("nobody logs into {missing:?}");
        let trouble = (!missing.is_empty()).then(|| Trouble::Refused(Refused::ForGood(words())));
        Part { done, trouble }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }
}

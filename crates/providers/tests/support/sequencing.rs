//! What the suite of a sequencer needs beside it: somebody whose mailboxes it can log into, and a key.

use std::sync::Arc;

use async_trait::async_trait;
use model::access::AccessKind;
use model::dns::RrSet;
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{Link, MailHost, MailboxSpec, Part, Reachable, Sequencer, SequencerLogin};
use providers::trouble::Trouble;

/// Opens and closes a mailbox at a double, which is told its address.
pub(crate) type Door = Arc<dyn Fn(&str) + Send + Sync>;

/// A cast in which this one sends, with this key, from mailboxes of the sandbox: those that are made are opened to it.
pub(crate) fn cast(cast: &Cast, sequencer: Arc<dyn Sequencer>, key: &'static str, open: &Door) -> Cast {
    let host = |host: &Player<dyn MailHost>| {
        Player::<dyn MailHost>::new(host.account, Arc::new(Opening { host: host.clone(), open: open.clone() }))
    };
    let sequencer = Player::<dyn Sequencer>::new("main", Arc::new(Lent { sequencer, key }));
    Cast { sequencer, google: host(&cast.google), microsoft: host(&cast.microsoft), ..cast.clone() }
}

/// Somebody whose calls have a key.
struct Lent {
    sequencer: Arc<dyn Sequencer>,
    key: &'static str,
}

impl Lent {
    fn login(&self, login: &SequencerLogin) -> SequencerLogin {
        SequencerLogin { api_key: Some(self.key.into()), ..login.clone() }
    }
}

#[async_trait]
impl Sequencer for Lent {
    fn takes(&self) -> &'static [AccessKind] {
        self.sequencer.takes()
    }

    async fn ensure_linked(
        &self,
        call: &Call,
        login: &SequencerLogin,
        inboxes: &[Reachable],
    ) -> Part<(String, String)> {
        self.sequencer.ensure_linked(call, &self.login(login), inboxes).await
    }

    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble> {
        self.sequencer.ensure_unlinked(call, &self.login(login), emails).await
    }

    async fn links(
        &self,
        call: &Call,
        login: &SequencerLogin,
        emails: &[String],
    ) -> Result<Option<Vec<Link>>, Trouble> {
        self.sequencer.links(call, &self.login(login), emails).await
    }
}

/// Somebody who opens the mailboxes that are made.
struct Opening {
    host: Player<dyn MailHost>,
    open: Door,
}

#[async_trait]
impl MailHost for Opening {
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.host.ensure_domain(call).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.host.ensure_verified(call).await
    }

    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        self.host.ensure_signed(call, published).await
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        let part = self.host.ensure_mailboxes(call, mailboxes).await;
        part.done.iter().for_each(|email| (self.open)(email));
        part
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.host.ensure_renamed(call, from, to).await
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.host.ensure_no_domain(call).await
    }
}

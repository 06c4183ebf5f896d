//! The calls that the steps of a run make.

use model::action::ActionReason;
use model::clock::Time;
use model::dns::RrSet;
use model::domain::{DomainName, MailProvider, Verdict};
use model::run::StepName;
use providers::call::Call;
use providers::roles::{MailboxSpec, Part, Purpose, Reachable, SequencerLogin};
use providers::trouble::{Refused, Trouble};

use crate::support::Sandbox;
use crate::until::Until as _;

pub(crate) fn asks<T>(reason: ActionReason) -> Result<T, Trouble> {
    Err(Trouble::Refused(Refused::Ask(reason)))
}

pub(crate) fn buyable(usable_for: &[MailProvider]) -> Verdict {
    Verdict::Buyable { price_cents: 1_300, renewal_price_cents: 1_500, usable_for: usable_for.to_vec() }
}

pub(crate) fn jane(name: &str, n: usize) -> MailboxSpec {
    let email = format!("jane{n}@{name}");
    MailboxSpec { email, first_name: "Jane".into(), last_name: "Doe".into(), picture: None }
}

pub(crate) fn janes(name: &str) -> Vec<MailboxSpec> {
    (1..=4).map(|n| jane(name, n)).collect()
}

pub(crate) fn addresses(name: &str) -> Vec<String> {
    janes(name).into_iter().map(|spec| spec.email).collect()
}

pub(crate) fn reachable(name: &str) -> Vec<Reachable> {
    let inbox = |spec: MailboxSpec| {
        let MailboxSpec { email, first_name, last_name, .. } = spec;
        Reachable { email, first_name, last_name, provider: MailProvider::Google, access: None }
    };
    janes(name).into_iter().map(inbox).collect()
}

pub(crate) fn login() -> SequencerLogin {
    let password = Some("not a secret".into());
    SequencerLogin { client_id: None, email: Some("ops@example.com".into()), password, api_key: None }
}

/// The roles, as a step would use them.
impl Sandbox {
    pub(crate) async fn check(&self, name: &str, purpose: Purpose) -> Verdict {
        let names = [DomainName::stored(name)];
        self.cast.registrar.check(&self.world, &names, purpose).await.unwrap().remove(0).verdict
    }

    pub(crate) async fn register(&self, name: &str) -> Result<Time, Trouble> {
        let call = self.call(name, StepName::RegisterName);
        self.cast.registrar.ensure_registered(&call, 1_300).await.until()
    }

    pub(crate) async fn open(&self, name: &str) -> Result<Vec<RrSet>, Trouble> {
        self.cast.google.ensure_domain(&self.call(name, StepName::OpenMailDomain)).await
    }

    pub(crate) async fn verify(&self, name: &str) -> Result<(), Trouble> {
        self.cast.google.ensure_verified(&self.call(name, StepName::VerifyMailDomain)).await.map(|_| ())
    }

    pub(crate) async fn sign(&self, name: &str, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        self.cast.google.ensure_signed(&self.call(name, StepName::SignMail), published).await
    }

    pub(crate) async fn fill(&self, name: &str) -> Part<String> {
        let call = self.call(name, StepName::CreateInboxes);
        self.cast.google.ensure_mailboxes(&call, &janes(name)).await
    }

    pub(crate) async fn link(&self, name: &str) -> Part<(String, String)> {
        let call = self.call(name, StepName::LinkSequencer);
        self.cast.sequencer.ensure_linked(&call, &login(), &reachable(name)).await
    }

    pub(crate) async fn zone(&self, name: &str) {
        let nameservers = self.cast.dns.ensure_zone(&self.call(name, StepName::CreateZone)).await.unwrap();
        let call = self.call(name, StepName::DelegateName);
        self.cast.registrar.ensure_nameservers(&call, &nameservers).await.unwrap();
    }

    pub(crate) async fn publish(&self, name: &str) {
        let records = self.open(name).await.unwrap();
        let call = self.call(name, StepName::PublishRecords);
        self.cast.dns.ensure_records(&call, &records).await.unwrap();
    }

    /// Bought, delegated, published: everything before verification.
    pub(crate) async fn published(name: &str) -> Self {
        let sandbox = Self::new().await;
        sandbox.register(name).await.unwrap();
        sandbox.zone(name).await;
        sandbox.publish(name).await;
        sandbox
    }

    pub(crate) async fn verified(name: &str) -> Self {
        let sandbox = Self::published(name).await;
        sandbox.verify(name).await.unwrap();
        sandbox
    }

    /// With mailboxes and accounts: all that a run does.
    pub(crate) async fn finished(name: &str) -> Self {
        let sandbox = Self::verified(name).await;
        assert_eq!(sandbox.fill(name).await.trouble, None);
        assert_eq!(sandbox.link(name).await.trouble, None);
        sandbox
    }

    /// A call of a run that comes after the first one.
    pub(crate) fn later(&self, name: &str, what: &str) -> Call {
        Call { reference: format!("later_{name}/{what}"), ..self.call(name, StepName::ConfirmReady) }
    }

    pub(crate) async fn rename(&self, name: &str, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.cast.google.ensure_renamed(&self.later(name, "rename"), from, to).await
    }

    /// What is in the ledger after the first `seen` rows.
    pub(crate) async fn news(&self, seen: usize) -> Vec<(String, String)> {
        self.ledger().await.into_iter().skip(seen).map(|row| (row.effect, row.subject)).collect()
    }
}

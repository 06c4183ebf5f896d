//! Whoever is asked where no account plays the role: says that the operator has to configure one.

use async_trait::async_trait;
use model::clock::Time;
use model::dns::RrSet;
use model::domain::{DomainName, NameAnswer};
use model::money::Cents;
use model::role::Role;
use model::world::World;

use crate::call::Call;
use crate::roles::{
    Bought, DnsHost, Holding, MailHost, MailboxSpec, Part, Purpose, Redirector, Registrar, Sequencer, SequencerLogin,
};
use crate::trouble::Trouble;

/// Nobody.
pub(crate) struct Nobody;

fn nobody(role: Role) -> Trouble {
    Trouble::Misconfigured(format!(
        "No account plays the role of {}, or all that do are full: name one in live.{}.",
        role.as_str(),
        role.as_str()
    ))
}

#[async_trait]
impl Registrar for Nobody {
    async fn check(&self, _: &World, _: &[DomainName], _: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        Err(nobody(Role::Registrar))
    }

    async fn ensure_registered(&self, _: &Call, _: Cents) -> Result<Bought, Trouble> {
        Err(nobody(Role::Registrar))
    }

    async fn registered(&self, _: &Call) -> Result<Option<Bought>, Trouble> {
        // Without an account nothing was ever bought: whoever cancels need not wait for one.
        Ok(None)
    }

    async fn ensure_renewed(&self, _: &Call, _: Time, _: Cents) -> Result<Bought, Trouble> {
        Err(nobody(Role::Registrar))
    }

    async fn renewal_price(&self, _: &Call) -> Result<Cents, Trouble> {
        Err(nobody(Role::Registrar))
    }

    async fn ensure_nameservers(&self, _: &Call, _: &[String]) -> Result<(), Trouble> {
        Err(nobody(Role::Registrar))
    }

    async fn portfolio(&self, _: &World) -> Result<Vec<Holding>, Trouble> {
        Err(nobody(Role::Registrar))
    }
}

#[async_trait]
impl DnsHost for Nobody {
    async fn ensure_zone(&self, _: &Call) -> Result<Vec<String>, Trouble> {
        Err(nobody(Role::Dns))
    }

    async fn ensure_records(&self, _: &Call, _: &[RrSet]) -> Result<(), Trouble> {
        Err(nobody(Role::Dns))
    }

    async fn records(&self, _: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        Err(nobody(Role::Dns))
    }

    async fn ensure_no_zone(&self, _: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl Redirector for Nobody {
    async fn ensure_redirect(&self, _: &Call, _: &str) -> Result<Vec<RrSet>, Trouble> {
        Err(nobody(Role::Redirect))
    }

    async fn ensure_no_redirect(&self, _: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl MailHost for Nobody {
    async fn ensure_domain(&self, _: &Call) -> Result<Vec<RrSet>, Trouble> {
        Err(nobody(Role::Mail))
    }

    async fn ensure_verified(&self, _: &Call) -> Result<(), Trouble> {
        Err(nobody(Role::Mail))
    }

    async fn ensure_mailboxes(&self, _: &Call, _: &[MailboxSpec]) -> Part<String> {
        Part { done: vec![], trouble: Some(nobody(Role::Mail)) }
    }

    async fn ensure_renamed(&self, _: &Call, _: &str, _: &MailboxSpec) -> Result<(), Trouble> {
        Err(nobody(Role::Mail))
    }

    async fn ensure_no_domain(&self, _: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[async_trait]
impl Sequencer for Nobody {
    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Part<(String, String)> {
        Part { done: vec![], trouble: Some(nobody(Role::Sequencer)) }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        Ok(())
    }
}

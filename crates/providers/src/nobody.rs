//! Whoever is asked where no account plays the role: says that the operator has to configure one.

use std::sync::Arc;

use async_trait::async_trait;
use model::clock::Time;
use model::dns::RrSet;
use model::domain::{DomainName, NameAnswer};
use model::money::Cents;
use model::role::Role;
use model::world::World;

use crate::call::Call;
use crate::cast::{Cast, Player};
use crate::roles::{
    Bought, DnsHost, Holding, MailHost, MailboxSpec, Observer, Part, Purpose, Reachable, Redirector, Registrar,
    Sequencer, SequencerLogin,
};
use crate::roster::NOBODY;
use crate::trouble::Trouble;

/// Nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nobody {
    /// No account was ever given the role: nothing was bought or made, and there is nothing to take down.
    NeverGiven,
    /// An account was, and does not play it any more: what it has, nobody can say.
    Gone,
}

impl Nobody {
    /// What is answered where something has to be done.
    fn missing(self, role: Role) -> Trouble {
        let role = role.as_str();
        Trouble::Misconfigured(match self {
            Self::NeverGiven => {
                format!(
                    "No account plays the role of {role}, or all that do are full: name one in live.{role}, or for vendors' sandboxes in sandbox.cast.{role}."
                )
            }
            Self::Gone => format!("The account that has the role of {role} does not play it any more: put it back."),
        })
    }

    /// It in every role but that of whoever looks.
    pub(crate) fn cast(self, observer: &Player<dyn Observer>) -> Cast {
        let nobody = Arc::new(self);
        Cast {
            registrar: Player::new(NOBODY, nobody.clone()),
            dns: Player::new(NOBODY, nobody.clone()),
            redirector: Player::new(NOBODY, nobody.clone()),
            google: Player::new(NOBODY, nobody.clone()),
            microsoft: Player::new(NOBODY, nobody.clone()),
            sequencer: Player::new(NOBODY, nobody),
            observer: observer.clone(),
        }
    }

    /// What is answered where nothing has to be done if nothing was ever done.
    fn nothing<T>(self, role: Role, nothing: T) -> Result<T, Trouble> {
        match self {
            Self::NeverGiven => Ok(nothing),
            Self::Gone => Err(self.missing(role)),
        }
    }
}

#[async_trait]
impl Registrar for Nobody {
    async fn check(&self, _: &World, _: &[DomainName], _: Purpose) -> Result<Vec<NameAnswer>, Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn ensure_registered(&self, _: &Call, _: Cents) -> Result<Bought, Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn registered(&self, _: &Call) -> Result<Option<Bought>, Trouble> {
        self.nothing(Role::Registrar, None)
    }

    async fn ensure_renewed(&self, _: &Call, _: Time, _: Cents) -> Result<Bought, Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn expiry(&self, _: &Call) -> Result<Time, Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn ensure_no_renewal(&self, _: &Call) -> Result<(), Trouble> {
        self.nothing(Role::Registrar, ())
    }

    async fn renewal_price(&self, _: &Call) -> Result<Cents, Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn ensure_nameservers(&self, _: &Call, _: &[String]) -> Result<(), Trouble> {
        Err(self.missing(Role::Registrar))
    }

    async fn portfolio(&self, _: &World) -> Result<Vec<Holding>, Trouble> {
        Err(self.missing(Role::Registrar))
    }
}

#[async_trait]
impl DnsHost for Nobody {
    async fn ensure_zone(&self, _: &Call) -> Result<Vec<String>, Trouble> {
        Err(self.missing(Role::Dns))
    }

    async fn ensure_records(&self, _: &Call, _: &[RrSet]) -> Result<(), Trouble> {
        Err(self.missing(Role::Dns))
    }

    async fn records(&self, _: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        Err(self.missing(Role::Dns))
    }

    async fn ensure_no_zone(&self, _: &Call) -> Result<(), Trouble> {
        self.nothing(Role::Dns, ())
    }
}

#[async_trait]
impl Redirector for Nobody {
    async fn ensure_redirect(&self, _: &Call, _: &str) -> Result<Vec<RrSet>, Trouble> {
        Err(self.missing(Role::Redirect))
    }

    async fn ensure_no_redirect(&self, _: &Call) -> Result<(), Trouble> {
        self.nothing(Role::Redirect, ())
    }
}

#[async_trait]
impl MailHost for Nobody {
    async fn ensure_domain(&self, _: &Call) -> Result<Vec<RrSet>, Trouble> {
        Err(self.missing(Role::Mail))
    }

    async fn ensure_verified(&self, _: &Call) -> Result<Vec<RrSet>, Trouble> {
        Err(self.missing(Role::Mail))
    }

    async fn ensure_mailboxes(&self, _: &Call, _: &[MailboxSpec]) -> Part<String> {
        Part { done: vec![], trouble: Some(self.missing(Role::Mail)) }
    }

    async fn ensure_renamed(&self, _: &Call, _: &str, _: &MailboxSpec) -> Result<(), Trouble> {
        Err(self.missing(Role::Mail))
    }

    async fn ensure_no_domain(&self, _: &Call) -> Result<(), Trouble> {
        self.nothing(Role::Mail, ())
    }
}

#[async_trait]
impl Sequencer for Nobody {
    async fn ensure_linked(&self, _: &Call, _: &SequencerLogin, _: &[Reachable]) -> Part<(String, String)> {
        Part { done: vec![], trouble: Some(self.missing(Role::Sequencer)) }
    }

    async fn ensure_unlinked(&self, _: &Call, _: &SequencerLogin, _: &[String]) -> Result<(), Trouble> {
        self.nothing(Role::Sequencer, ())
    }
}

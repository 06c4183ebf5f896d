//! How a provider describes itself: data for checks, documentation and forms, and who plays which role where.

use std::sync::Arc;

use model::domain::MailProvider;
pub use model::role::Role;
use model::world::{Environment, World};

use crate::roles::{DnsHost, MailHost, Observer, Registrar, Sequencer};

/// What a provider says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// The parts it can play.
    pub roles: &'static [Role],
    /// What the operator has to give it. Read by nobody yet: the settings of live providers will be made of it.
    pub fields: &'static [Field],
    /// Calls that may be under way at once. Read by nobody yet: it will bound the calls to live providers.
    pub max_in_flight: usize,
}

/// A value that a provider needs.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key in the configuration.
    pub key: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// Whether it must not be shown.
    pub secret: bool,
}

/// One provider for each role.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Cast {
    /// Its name in metrics.
    pub account: &'static str,
    pub registrar: Arc<dyn Registrar>,
    pub dns: Arc<dyn DnsHost>,
    pub google: Arc<dyn MailHost>,
    pub microsoft: Arc<dyn MailHost>,
    pub sequencer: Arc<dyn Sequencer>,
    pub observer: Arc<dyn Observer>,
}

impl Cast {
    /// Who hosts mailboxes of this kind.
    #[must_use]
    pub fn mail(&self, provider: MailProvider) -> &(dyn MailHost + 'static) {
        match provider {
            MailProvider::Google => &*self.google,
            MailProvider::Microsoft => &*self.microsoft,
        }
    }
}

/// Who plays the roles in each environment.
#[derive(Clone)]
pub struct Providers {
    sandbox: Cast,
    live: Option<Cast>,
}

impl Providers {
    /// The sandbox, and the real providers when the operator has configured them.
    #[must_use]
    pub const fn new(sandbox: Cast, live: Option<Cast>) -> Self {
        Self { sandbox, live }
    }

    /// The cast of a world; `None` when the operator has configured none.
    #[must_use]
    pub fn cast(&self, world: &World) -> Option<&Cast> {
        match world.environment() {
            Environment::Test => Some(&self.sandbox),
            Environment::Live => self.live.as_ref(),
        }
    }
}

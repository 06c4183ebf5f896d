//! How an account is made of what the configuration says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use model::clock::Clock;
use model::domain::MailProvider;
use secrecy::SecretString;

use crate::descriptor::Descriptor;
use crate::egress::Egress;
use crate::roles::{Account, DnsHost, MailHost, Redirector, Registrar, Sequencer};
use crate::vendor::{Auth, Keyed, Vendor, VendorSettings};

/// What the configuration says of one account.
pub struct Said {
    /// Its name there.
    pub name: &'static str,
    /// Another address of the vendor than its own.
    pub base_url: Option<String>,
    /// The fields of its descriptor that are no secrets: those that it wants are there, and no others.
    pub values: BTreeMap<String, String>,
    /// Those that are.
    pub secrets: BTreeMap<String, SecretString>,
    /// Whether it is one of the vendor's own sandbox.
    pub is_sandbox: bool,
    /// Server time.
    pub clock: Arc<dyn Clock>,
}

impl Said {
    /// A field that is no secret; empty when it was left out.
    #[must_use]
    pub fn value(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// A field that is a secret; empty when it was left out.
    #[must_use]
    pub fn secret(&self, key: &str) -> SecretString {
        self.secrets.get(key).cloned().unwrap_or_default()
    }

    /// A field that is a whole number, and what it is when it was left out.
    ///
    /// # Errors
    /// A sentence that begins with the field.
    pub fn number(&self, key: &str, allowed: RangeInclusive<u32>, usual: u32) -> Result<u32, String> {
        let number = match self.value(key) {
            "" => Some(usual),
            text => text.parse().ok().filter(|number| allowed.contains(number)),
        };
        number.ok_or_else(|| format!("{key} is not a number from {} to {}", allowed.start(), allowed.end()))
    }

    /// A field that is `on` or `off`, and what it is when it was left out.
    ///
    /// # Errors
    /// A sentence that begins with the field.
    pub fn switch(&self, key: &str, usual: bool) -> Result<bool, String> {
        match self.value(key) {
            "" => Ok(usual),
            "on" | "true" => Ok(true),
            "off" | "false" => Ok(false),
            _ => Err(format!("{key} is neither on nor off")),
        }
    }

    /// The account's client.
    ///
    /// # Errors
    /// A sentence that begins with the setting that will not do.
    pub fn client(&self, settings: VendorSettings) -> Result<Arc<Vendor>, String> {
        let client = Vendor::new(settings, egress()?, self.clock.clone());
        client.map(Arc::new).map_err(|fault| format!("base_url will not do: {fault}"))
    }

    /// The clients of an account whose calls bring keys of their own.
    ///
    /// # Errors
    /// A sentence that begins with the setting that will not do.
    pub fn keyed<K: Default>(
        &self,
        settings: VendorSettings,
        auth: fn(SecretString) -> Auth,
    ) -> Result<Keyed<K>, String> {
        let keyed = Keyed::new(settings, auth, egress()?, self.clock.clone());
        keyed.map_err(|fault| format!("base_url will not do: {fault}"))
    }
}

fn egress() -> Result<Egress, String> {
    Egress::new(false).map_err(|error| format!("kind cannot be asked: {error}"))
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("name", &self.name).field("values", &self.values).finish_non_exhaustive()
    }
}

/// An account in each role that it can play.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Opened {
    pub registrar: Option<Arc<dyn Registrar>>,
    pub dns: Option<Arc<dyn DnsHost>>,
    pub redirector: Option<Arc<dyn Redirector>>,
    pub google: Option<Arc<dyn MailHost>>,
    pub microsoft: Option<Arc<dyn MailHost>>,
    pub sequencer: Option<Arc<dyn Sequencer>>,
    /// How many calls may be under way at it at once; `None` where nothing bounds them.
    pub max_in_flight: Option<usize>,
    /// Whether names that it sells can only be served by its own DNS host.
    pub serves_what_it_sells: bool,
    /// Who answers for the account itself.
    pub account: Option<Arc<dyn Account>>,
}

impl Opened {
    /// Who hosts mailboxes of a provider's.
    #[must_use]
    pub fn mail(&self, provider: MailProvider) -> Option<Arc<dyn MailHost>> {
        match provider {
            MailProvider::Google => self.google.clone(),
            MailProvider::Microsoft => self.microsoft.clone(),
        }
    }
}

/// A kind of account.
#[derive(Clone, Copy)]
pub struct Kind {
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Makes an account of what was said of it, without asking anybody. When that cannot be, the answer is a sentence
    /// that begins with the field it is about.
    pub open: fn(&Said) -> Result<Opened, String>,
}

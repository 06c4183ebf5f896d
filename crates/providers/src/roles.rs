//! The five roles that providers play.
//!
//! A method named `ensure_…` makes something exist as described; calling it again changes nothing.
//! Before it creates, it looks for what an earlier call with the same reference made.

use async_trait::async_trait;
use model::clock::Time;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, NameAnswer};
use model::money::Cents;
use model::world::World;
use secrecy::SecretString;

use crate::call::Call;
use crate::trouble::Trouble;

/// Why a registrar is asked about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody is choosing.
    Browse,
    /// The names are about to be bought: the answer must be fresh.
    Buy,
}

/// Sells names and points them at nameservers.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// Says of each name whether it can be bought, and for how much. One row per name, any order.
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble>;

    /// Makes the name ours for one year, for at most `max_cents`, and says when it runs out.
    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Time, Trouble>;

    /// When the name that this reference bought runs out; `None` when it bought none. Looks, never buys.
    async fn registered(&self, call: &Call) -> Result<Option<Time>, Trouble>;

    /// Makes the name ours until after `beyond`, for at most `max_cents` a year, and says when it runs out.
    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Time, Trouble>;

    /// Points the name's delegation at these nameservers.
    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble>;
}

/// Serves a zone, and redirects its web address.
#[async_trait]
pub trait DnsHost: Send + Sync {
    /// Makes the zone exist and says which nameservers serve it.
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble>;

    /// Makes these record sets be exactly so; others stay as they are.
    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble>;

    /// Makes the web address of the name and of its `www` redirect to `target`.
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<(), Trouble>;

    /// Makes the zone be gone, with all that is in it.
    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble>;
}

/// A mailbox as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxSpec {
    /// Its address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The picture's bytes.
    pub picture: Option<Vec<u8>>,
}

/// What came of a call for several things: those that exist now, and what stopped the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// Those that exist now.
    pub done: Vec<T>,
    /// Why some are missing; `None` when none is.
    pub trouble: Option<Trouble>,
}

/// Hosts mailboxes: Google or Microsoft.
#[async_trait]
pub trait MailHost: Send + Sync {
    /// Opens the mail domain and says which records it wants: ownership, MX, SPF, DKIM.
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble>;

    /// Has the host look for the ownership record and accept the domain.
    async fn ensure_verified(&self, call: &Call) -> Result<(), Trouble>;

    /// Makes these mailboxes exist; answers the addresses that do.
    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String>;

    /// Makes the mailbox at the address `from` be as described, address included: an old address stays as an
    /// alias where the host can do that.
    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble>;

    /// Makes the mail domain be gone, with all its mailboxes.
    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble>;
}

/// A login at the sequencer.
#[derive(Clone, Debug)]
pub struct SequencerLogin {
    /// Routing; `None` is the partner's default.
    pub client_id: Option<i64>,
    /// Login e-mail.
    pub email: String,
    /// Login password.
    pub password: SecretString,
    /// API key.
    pub api_key: Option<SecretString>,
}

/// Sends campaigns from the mailboxes.
#[async_trait]
pub trait Sequencer: Send + Sync {
    /// Makes these addresses accounts of the login; answers pairs of address and account id.
    async fn ensure_linked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Part<(String, String)>;

    /// Makes these addresses be no accounts of the login.
    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble>;
}

/// What a fetch found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The answer's status.
    pub status: u16,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its first bytes, as many as were asked for.
    pub body: Vec<u8>,
}

/// Looks at the public internet, and changes nothing.
#[async_trait]
pub trait Observer: Send + Sync {
    /// The values a resolver sees for a name and type, in presentation form; empty when there are none.
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble>;

    /// Fetches an address, at most `limit` bytes of it.
    ///
    /// # Errors
    /// `Refused(Target(…))` when it does not answer or must not be asked.
    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble>;
}

//! The five roles that providers play.
//!
//! A method named `ensure_…` makes something exist as described, and `ensure_no_…` and `ensure_unlinked` make it
//! be gone; calling again changes nothing, and what was never there is gone without complaint. Vendors hardly know
//! our references, and none of the later methods depends on one: an adapter looks before it acts, by what the
//! method names (a date, an address, a name), and answers `Unknown` when it cannot say whether it acted.
//! [`crate::conformance`] holds every sentence here that can be observed.

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
    ///
    /// The call carries the reference that the purchase had. Money hangs on the answer, so `None` is certain: while a
    /// purchase may still be under way at the registry, the answer is `Later` or `UnderWay`. A renewed name tells its new date.
    async fn registered(&self, call: &Call) -> Result<Option<Time>, Trouble>;

    /// Makes the name ours until after `beyond`, for at most `max_cents` a year, and says when it runs out.
    ///
    /// The date is what makes it repeatable: the adapter asks the registrar when the name runs out, and buys as many
    /// years as are missing, which is none when an earlier call has come that far. Whose reference it is does not
    /// matter. What is far enough already costs nothing, whatever the limit.
    ///
    /// # Errors
    /// `Ask(PriceChanged)` when a year costs more, `Ask(RegistrarRejected)` when the name is not ours or the registrar
    /// does not want to, `ForGood` when no registry sells so many years.
    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Time, Trouble>;

    /// What another year of a name that is ours costs now, in cents. Looks, never buys.
    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble>;

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

    /// Makes the zone be gone, with all that is in it, the redirect too. A zone that is made afterwards is empty.
    ///
    /// The delegation is the registrar's and stays as it is.
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
    /// alias where the host can do that, until another mailbox wants it.
    ///
    /// With the same address it changes what is shown, and nothing when that is right already. When nobody is at
    /// `from` and the mailbox is at its new address, an earlier call has moved it: that is success, also when name or
    /// picture have to be put right.
    ///
    /// # Errors
    /// `Later` while another mailbox has the new address: it may be on its way to yet another, and is not touched.
    /// Whoever plans renames must therefore not plan circles. `ForGood` when there is no such mailbox, and when the
    /// new address is not one of the call's name.
    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble>;

    /// Makes the mail domain be gone from this host, with all its mailboxes and their mail. A host that needs time
    /// for it answers `Later` until it has come to an end; a domain that is opened afterwards is verified anew.
    ///
    /// Accounts at the sequencer stay: unlink them before.
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

    /// Makes these addresses be no accounts of the login; its other accounts stay as they are. An address that
    /// is none is fine, and so is one whose mailbox has gone.
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
    /// Any answer is one, redirects and failures included; a limit of 0 asks only whether somebody answers.
    ///
    /// # Errors
    /// `Refused(Target(…))` when it does not answer or must not be asked; a real observer goes through
    /// [`crate::egress`] and takes [`TargetFault::of`](crate::trouble::TargetFault::of) of what it says.
    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble>;
}

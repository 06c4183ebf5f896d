//! The roles that providers play.
//!
//! A method named `ensure_…` makes something exist as described, and `ensure_no_…` and `ensure_unlinked` make it
//! be gone; calling again changes nothing, and what was never there is gone without complaint. Vendors hardly know
//! our references, and none of the later methods depends on one: an adapter looks before it acts, by what the
//! method names (a date, an address, a name), and answers `Unknown` when it cannot say whether it acted.
//! [`crate::conformance`] holds every sentence here that can be observed.

use async_trait::async_trait;
use model::access::AccessKind;
use model::clock::Time;
use model::consent::ConsentStatus;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, NameAnswer, RegistryStatus};
use model::evidence::{MailboxLook, Seen, Sighting};
use model::intent::IntentKind;
use model::money::Cents;
use model::world::World;
use secrecy::SecretString;

use crate::call::Call;
use crate::trouble::Trouble;

pub use crate::access::{Access, MailLogin, MailServer, Reachable};
pub use crate::consenting::{ConsentAsk, ConsentCode, Consented, OauthGrant};

/// Why a registrar is asked about names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody is choosing.
    Browse,
    /// The names are about to be bought: the answer must be fresh.
    Buy,
}

/// What a purchase has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// When the name runs out.
    pub expires_at: Time,
    /// The vendor's own id of the purchase or the name, where it gives one.
    pub vendor_id: Option<String>,
    /// What was paid, in cents; `None` when nothing was bought by this call, or the vendor does not say.
    pub paid_cents: Option<Cents>,
}

impl Bought {
    /// A purchase of which only the date is known.
    #[must_use]
    pub const fn until(expires_at: Time) -> Self {
        Self { expires_at, vendor_id: None, paid_cents: None }
    }
}

/// A name that lies in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The name.
    pub name: DomainName,
    /// When it runs out, where the vendor says it.
    pub expires_at: Option<Time>,
    /// Whether the vendor renews it by itself; `None` when it does not say.
    pub renews_itself: Option<bool>,
}

/// A registrant who has not confirmed their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// Their names.
    pub names: Vec<DomainName>,
    /// Until when they have to, before their names are taken off the net.
    pub until: Time,
}

/// What an account was charged for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The name.
    pub name: DomainName,
    /// Which kind of purchase it was for; `None` where it was for another thing.
    pub kind: Option<IntentKind>,
    /// How much, taxes included, in cents.
    pub cents: Cents,
    /// When, by the vendor's clock.
    pub at: Time,
    /// How the vendor calls it.
    pub vendor_id: String,
}

/// Sells names and points them at nameservers.
#[async_trait]
pub trait Registrar: Send + Sync {
    /// Says of each name whether it can be bought, and for how much. One row per name, any order.
    async fn check(&self, world: &World, names: &[DomainName], purpose: Purpose) -> Result<Vec<NameAnswer>, Trouble>;

    /// Makes the name ours for one year, for at most `max_cents`. A vendor that renews by itself is told not to.
    async fn ensure_registered(&self, call: &Call, max_cents: Cents) -> Result<Bought, Trouble>;

    /// What this reference bought; `None` when it bought nothing. Looks, never buys.
    ///
    /// The call carries the reference that the purchase had. Money hangs on the answer, so `None` is certain: while a
    /// purchase may still be under way at the registry, the answer is `Later` or `UnderWay`. A renewed name tells its new date.
    async fn registered(&self, call: &Call) -> Result<Option<Bought>, Trouble>;

    /// Makes the name ours until after `beyond`, for at most `max_cents` in all.
    ///
    /// The date is what makes it repeatable: the adapter asks the registrar when the name runs out, and buys as many
    /// years as are missing, which is none when an earlier call has come that far. Whose reference it is does not
    /// matter. What is far enough already costs nothing, whatever the limit.
    ///
    /// # Errors
    /// `UnderWay` when it was asked for and does not show yet, and a second call might buy it again. `Ask(PriceChanged)` when
    /// it costs more, `Ask(RegistrarRejected)` when the name is not ours or the registrar
    /// does not want to, `ForGood` when no registry sells so many years.
    async fn ensure_renewed(&self, call: &Call, beyond: Time, max_cents: Cents) -> Result<Bought, Trouble>;

    /// When a name that is ours runs out, as the registrar has it now. Looks, never buys.
    ///
    /// # Errors
    /// `Ask(RegistrarRejected)` when the name is not ours.
    async fn expiry(&self, call: &Call) -> Result<Time, Trouble>;

    /// Has a vendor that renews by itself renew the name no more. Most never do.
    async fn ensure_no_renewal(&self, _call: &Call) -> Result<(), Trouble> {
        Ok(())
    }

    /// What another year of a name that is ours costs now, in cents. Looks, never buys.
    async fn renewal_price(&self, call: &Call) -> Result<Cents, Trouble>;

    /// What it costs to restore a name of ours that is past renewing, beside the year, in cents; `None` where the vendor does not say.
    async fn restore_price(&self, _call: &Call) -> Result<Option<Cents>, Trouble> {
        Ok(None)
    }

    /// Points the name's delegation at these nameservers.
    async fn ensure_nameservers(&self, call: &Call, nameservers: &[String]) -> Result<(), Trouble>;

    /// Every name in the account, ours or not, in any order.
    async fn portfolio(&self, world: &World) -> Result<Vec<Holding>, Trouble>;

    /// Whose addresses have still to be confirmed; nobody's where the vendor does not say.
    async fn unverified(&self, _world: &World) -> Result<Vec<Unverified>, Trouble> {
        Ok(vec![])
    }

    /// What the account was charged for names and has not been given back, the newest at least; `None` where the vendor does not list
    /// it.
    async fn charges(&self, _world: &World) -> Result<Option<Vec<Charged>>, Trouble> {
        Ok(None)
    }
}

/// Serves a zone.
#[async_trait]
pub trait DnsHost: Send + Sync {
    /// Makes the zone exist and says which nameservers serve it.
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble>;

    /// Makes these record sets be exactly so, and those without values be gone; others stay as they are.
    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble>;

    /// The zone's record sets, but the host's own: its SOA and the nameservers of the name itself. `None` when the host
    /// has no such zone.
    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble>;

    /// Every zone that the host serves for the account, in any order; `None` where it does not say.
    async fn zones(&self, _world: &World) -> Result<Option<Vec<DomainName>>, Trouble> {
        Ok(None)
    }

    /// Makes the zone be gone, with all that is in it. A zone that is made afterwards is empty.
    ///
    /// The delegation is the registrar's and stays as it is.
    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble>;
}

/// Redirects the web address of a name.
#[async_trait]
pub trait Redirector: Send + Sync {
    /// Makes the web address of the name and of its `www` redirect to `target`. Says which record sets the zone has to
    /// have for it: none where the redirector sees to them itself.
    async fn ensure_redirect(&self, call: &Call, target: &str) -> Result<Vec<RrSet>, Trouble>;

    /// Makes the web address redirect nowhere. The zone may be gone already.
    async fn ensure_no_redirect(&self, call: &Call) -> Result<(), Trouble>;
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
    /// Whether the name is in somebody else's tenant, and so cannot be in this one; `None` where the host tells nobody before
    /// the domain is opened. Looks, and needs no name that is ours: it is asked before the name is bought.
    async fn is_elsewhere(&self, _call: &Call) -> Result<Option<bool>, Trouble> {
        Ok(None)
    }

    /// Opens the mail domain and says which records it wants: ownership, MX, SPF, DKIM.
    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble>;

    /// Has the host look for the ownership record and accept the domain. Says which records it wants from then on, all of
    /// them, where it tells some only then; none where they are those of before.
    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble>;

    /// Has the host sign the domain's mail. `published` is what the zone has below `_domainkey`. Says which of these records
    /// it has to have; once it has them, the host has begun to sign, or had before. Empty where the host tells its key together
    /// with the other records, and signs by itself.
    ///
    /// # Errors
    /// `Ask(DkimNeedsEnabling)` where only a person can make the key or switch it on, and it is not published yet.
    async fn ensure_signed(&self, _call: &Call, _published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        Ok(vec![])
    }

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

    /// How the mailboxes at these addresses are. Looks, and changes nothing; `None` where the host cannot be asked.
    async fn mailboxes(&self, _call: &Call, _emails: &[String]) -> Result<Option<Vec<MailboxLook>>, Trouble> {
        Ok(None)
    }

    /// How many more users it can have with the licences that were bought; `None` where it does not say that. Looks, and changes
    /// nothing.
    async fn free_seats(&self, _world: &World) -> Result<Option<i64>, Trouble> {
        Ok(None)
    }

    /// Makes the mail domain be gone from this host, with all its mailboxes and their mail. A host that needs time
    /// for it answers `Later` until it has come to an end; a domain that is opened afterwards is verified anew.
    ///
    /// Accounts at the sequencer stay: unlink them before.
    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble>;

    /// Whether somebody has to make a password for each mailbox before anybody can log in with one. Whoever makes mailboxes by hand sends
    /// theirs with them.
    fn wants_passwords_made(&self) -> bool {
        false
    }

    /// Whether logging in over SMTP is something that a person in the tenant may have to switch on before a sequencer gets in.
    fn lets_smtp_by_hand(&self) -> bool {
        false
    }

    /// Where the owner of an inbox lets an application of the operator's into it; `None` where the account has none. Nobody is
    /// asked.
    fn consent_page(&self, _ask: &ConsentAsk<'_>) -> Option<String> {
        None
    }

    /// What a code is good for that the owner was sent back with. A code is good once, and for some minutes.
    async fn consented(&self, _call: &Call, _code: &ConsentCode) -> Result<Consented, Trouble> {
        Ok(Consented::Not(ConsentStatus::Lapsed))
    }

    /// The grant with an access token that is good for a while.
    async fn renewed(&self, _call: &Call, _grant: &OauthGrant) -> Result<Consented, Trouble> {
        Ok(Consented::Not(ConsentStatus::Lapsed))
    }
}

/// An account at a sequencer, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The inbox's address.
    pub email: String,
    /// The account's id.
    pub account: String,
    /// Whether it can send, where the sequencer says it.
    pub sends: Option<bool>,
    /// Whether it can see what was received, where the sequencer says it.
    pub receives: Option<bool>,
}

/// A login at the sequencer.
#[derive(Clone, Debug)]
pub struct SequencerLogin {
    /// Routing; `None` is the partner's default.
    pub client_id: Option<i64>,
    /// Login e-mail; `None` where there is a key alone.
    pub email: Option<String>,
    /// Login password; `None` where there is a key alone, or it was exchanged for one.
    pub password: Option<SecretString>,
    /// API key: whoever needs one is never called without.
    pub api_key: Option<SecretString>,
}

/// Sends campaigns from the mailboxes.
#[async_trait]
pub trait Sequencer: Send + Sync {
    /// The ways in which it can be let into an inbox, the better one first; empty where it needs none.
    fn takes(&self) -> &'static [AccessKind] {
        &[]
    }

    /// Whether it gets nowhere without being let in: whoever only passes on what is known does, where nobody can be asked for it.
    fn insists(&self) -> bool {
        true
    }

    /// Makes these inboxes accounts of the login; answers pairs of address and account id.
    ///
    /// One that cannot be reached in any way that it takes is not linked: whoever asks sees to that first.
    async fn ensure_linked(&self, call: &Call, login: &SequencerLogin, inboxes: &[Reachable])
    -> Part<(String, String)>;

    /// Makes these addresses be no accounts of the login; its other accounts stay as they are. An address that
    /// is none is fine, and so is one whose mailbox has gone.
    async fn ensure_unlinked(&self, call: &Call, login: &SequencerLogin, emails: &[String]) -> Result<(), Trouble>;

    /// How those of these addresses are that are accounts of the login. Looks, and changes nothing; `None` where it does not say.
    async fn links(
        &self,
        _call: &Call,
        _login: &SequencerLogin,
        _emails: &[String],
    ) -> Result<Option<Vec<Link>>, Trouble> {
        Ok(None)
    }

    /// Whether it is asked with an API key, and with nothing else.
    fn needs_key(&self) -> bool {
        false
    }

    /// Whether a login e-mail and a password are exchanged for an API key where nobody has given one.
    fn exchanges_logins(&self) -> bool {
        false
    }

    /// The API key of whoever logs in like this; `None` where logins are not exchanged.
    ///
    /// # Errors
    /// `Ask(CredentialsRejected)` when it does not let them in.
    async fn key_for(&self, _call: &Call, _login: &SequencerLogin) -> Result<Option<SecretString>, Trouble> {
        Ok(None)
    }
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

/// Who answered where an observer does not tell those apart whom it has asked.
const UNNAMED: &str = "the observer";

/// Looks at the public internet, and changes nothing.
#[async_trait]
pub trait Observer: Send + Sync {
    /// The values a resolver sees for a name and type, in presentation form; empty when there are none.
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble>;

    /// The same, with what each of those said who were asked.
    async fn sight(&self, call: &Call, name: &str, rtype: RrType) -> Result<Seen, Trouble> {
        let values = self.dns(call, name, rtype).await?;
        let subject = format!("{name} {}", rtype.as_str());
        let sighting = Sighting { subject, answered_by: UNNAMED.into(), answer: values.clone(), at: call.now };
        Ok(Seen { values, sightings: vec![sighting] })
    }

    /// Whether those above a name say that its zone is signed: whether it has a DS record.
    async fn is_signed(&self, call: &Call, name: &str) -> Result<bool, Trouble>;

    /// What the registry of the call's name says that keeps it from other nameservers; `None` where nobody can say, be it that
    /// nobody is asked, that the registry cannot be asked, or that it does not answer.
    async fn registry_statuses(&self, _call: &Call) -> Result<Option<Vec<RegistryStatus>>, Trouble> {
        Ok(None)
    }

    /// Fetches an address, at most `limit` bytes of it.
    ///
    /// Any answer is one, redirects and failures included; a limit of 0 asks only whether somebody answers.
    ///
    /// # Errors
    /// `Refused(Target(…))` when it does not answer or must not be asked; a real observer goes through
    /// [`crate::egress`] and takes [`TargetFault::of`](crate::trouble::TargetFault::of) of what it says.
    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble>;
}

/// How an account at a vendor is found when it is asked something harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// As whom the vendor knows us.
    pub known_as: Option<String>,
    /// Where it was reached, where it is a server of our own.
    pub reached: Option<String>,
    /// What is left to spend, in cents, where the vendor says it.
    pub balance_cents: Option<Cents>,
    /// The vendor's clock.
    pub clock: Option<Time>,
    /// How often it may be asked: what the vendor has published, and what it has said.
    pub limits: Vec<String>,
    /// Sentences for the operator: a permission that is missing, a limit that is near.
    pub remarks: Vec<String>,
}

/// An account at a vendor.
#[async_trait]
pub trait Account: Send + Sync {
    /// Asks the vendor something that changes nothing and that only somebody with the account's rights is answered.
    async fn examine(&self) -> Result<Examined, Trouble>;
}

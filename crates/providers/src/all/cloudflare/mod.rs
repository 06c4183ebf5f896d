//! Cloudflare: sells names, hosts their zones and redirects their web addresses. See <https://developers.cloudflare.com/api/>.
//!
//! It keeps nothing of ours with a name or a zone, so both are found by their name in this account. Four things about it
//! that no other vendor has: a name stays on the servers of its zone here, and can be sent nowhere else; nobody can buy a
//! year of a name, it only renews by itself; the zone of a name that is registered here cannot be removed, so it is emptied
//! and paused instead; and a web address is redirected only where the vendor stands before it, which is a mark
//! (`proxied`) of its address records.

mod account;
mod changes;
mod dns_host;
mod guide;
mod order;
mod price;
mod records;
mod redirector;
mod registrant;
mod registrar;
mod renewal;
mod rules;
mod wire;
mod zone;

use std::sync::Arc;
use std::time::Duration;

use model::role::Role;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use self::wire::{Envelope, No};
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Method, Pace, Request, Vendor, VendorSettings};

/// What Cloudflare is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "cloudflare",
    title: "Cloudflare",
    roles: &[Role::Registrar, Role::Dns, Role::Redirect],
    fields: &[
        Field::plain("account", "The account's identifier, 32 characters, as it stands in the addresses of its pages"),
        Field::secret(
            "token",
            "An API token of the account, with the permissions Zone Edit, DNS Edit, Single Redirect Edit and, to buy names, \
             Registrar Edit",
        ),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked; its sandbox for names is there too.
pub const BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// How accounts at Cloudflare are made. One of its sandbox sells names, and hosts nothing: there are no zones in it.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 8;

/// What a token has to be allowed, in the vendor's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Zones,
    Records,
    Redirects,
    Names,
}

impl Right {
    const fn words(self) -> &'static str {
        match self {
            Self::Zones => "Zone › Zone › Edit",
            Self::Records => "Zone › DNS › Edit",
            Self::Redirects => "Zone › Single Redirect › Edit",
            Self::Names => "Account › Registrar › Edit",
        }
    }
}

fn open(said: &Said) -> Result<Opened, String> {
    let account = said.value("account");
    if account.len() != 32 || !account.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("account is not the identifier of an account: it has 32 characters, 0 to 9 and a to f".into());
    }
    let base_url = said.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned());
    let client = said.client(Cloudflare::settings(said.name, base_url, said.secret("token")))?;
    let mut cloudflare = Cloudflare::new(client, account);
    if said.is_sandbox {
        cloudflare = cloudflare.in_sandbox();
        let it = Arc::new(cloudflare);
        return Ok(Opened {
            registrar: Some(it.clone()),
            account: Some(it),
            serves_what_it_sells: true,
            ..Opened::default()
        });
    }
    let it = Arc::new(cloudflare);
    Ok(Opened {
        registrar: Some(it.clone()),
        dns: Some(it.clone()),
        redirector: Some(it.clone()),
        serves_what_it_sells: true,
        account: Some(it),
        ..Opened::default()
    })
}

/// An account at Cloudflare.
pub struct Cloudflare {
    vendor: Arc<Vendor>,
    account: String,
    is_sandbox: bool,
}

impl Cloudflare {
    /// How the client of such an account is to be: the token, and what the vendor has published, 1,200 requests in five
    /// minutes, see <https://developers.cloudflare.com/fundamentals/api/reference/limits/>.
    #[must_use]
    pub fn settings(name: impl Into<String>, base_url: impl Into<String>, token: SecretString) -> VendorSettings {
        VendorSettings {
            paces: vec![Pace::of_all(1_200, Duration::from_secs(300))],
            max_in_flight: MAX_IN_FLIGHT,
            meaning: wire::meaning,
            // A registration is waited for until the vendor says that it takes longer.
            deadline: Duration::from_secs(60),
            ..VendorSettings::new(name, base_url, Auth::Bearer(token))
        }
    }

    /// The account with this identifier.
    #[must_use]
    pub fn new(vendor: Arc<Vendor>, account: impl Into<String>) -> Self {
        Self { vendor, account: account.into(), is_sandbox: false }
    }

    /// The same, where names are ordered in the vendor's sandbox: nothing is paid for, and no zone comes of it.
    #[must_use]
    pub fn in_sandbox(self) -> Self {
        Self { is_sandbox: true, ..self }
    }

    /// A request about names.
    fn registrar(&self, operation: &'static str, method: Method, path: &[&str]) -> Request {
        let place = if self.is_sandbox { "registrar-sandbox" } else { "registrar" };
        Request::new(operation, method, &[&["accounts", self.account.as_str(), place], path].concat())
    }

    async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        self.vendor.call(request).await
    }

    /// What was answered: what came of it, or a no.
    async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<Result<Envelope<T>, No>, Trouble> {
        wire::read(&self.call(request).await?)
    }

    /// What came of it; a no is trouble.
    async fn get<T: DeserializeOwned>(&self, request: Request, right: Right) -> Result<T, Trouble> {
        match self.ask::<T>(request).await? {
            Ok(envelope) => envelope.only(),
            Err(no) => Err(self.refused(&no, right)),
        }
    }

    /// What came of it; `None` when there is no such thing.
    async fn find<T: DeserializeOwned>(&self, request: Request, right: Right) -> Result<Option<T>, Trouble> {
        match self.ask::<T>(request).await? {
            Ok(envelope) => envelope.only().map(Some),
            Err(no) if no.status == 404 => Ok(None),
            Err(no) => Err(self.refused(&no, right)),
        }
    }

    /// What a no means where nothing more is known of it. The vendor's words are in the log.
    fn refused(&self, no: &No, right: Right) -> Trouble {
        match no.status {
            403 => Trouble::Misconfigured(format!(
                "The account {} may not do this at Cloudflare: give its token the permission {}.",
                self.vendor.account(),
                right.words()
            )),
            _ => {
                Trouble::Refused(Refused::ForGood("Cloudflare does not accept this; its words are in the log.".into()))
            }
        }
    }
}

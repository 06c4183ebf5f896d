//! DNSimple: sells names and hosts zones. See <https://developer.dnsimple.com/v2/>.
//!
//! It keeps nothing of ours with what it makes, so everything is found by its name in this account: a name that is registered
//! here is ours, whichever order asks. Two things follow that no adapter can mend. Somebody else's order of ours for the same
//! name looks like our own purchase; and a renewal that was accepted and does not show yet looks like none. Whoever calls
//! keeps apart who has which name, and puts down what was asked for before it asks.

mod account;
mod charges;
mod dns_host;
mod guide;
mod registrar;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::domain::DomainName;
use model::role::Role;

use self::wire::{Data, Domain};
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Method, Pace, Request, Vendor, VendorSettings};

/// What DNSimple is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "dnsimple",
    title: "DNSimple",
    roles: &[Role::Registrar, Role::Dns, Role::Redirect],
    fields: &[
        Field::plain("account", "The account's number, as it stands in the addresses of its pages"),
        Field::plain("registrant", "The number of the contact that names are registered for"),
        Field::secret("token", "An access token of the account"),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked; its sandbox has accounts of its own.
pub const BASE_URL: &str = "https://api.dnsimple.com/v2";

/// Where its sandbox is.
pub const SANDBOX_URL: &str = "https://api.sandbox.dnsimple.com/v2";

/// How accounts at DNSimple are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 8;

fn open(said: &Said) -> Result<Opened, String> {
    let address = if said.is_sandbox { SANDBOX_URL } else { BASE_URL };
    let base_url = said.base_url.clone().unwrap_or_else(|| address.to_owned());
    let registrant = said.value("registrant").parse();
    let registrant = registrant.map_err(|_| "registrant is not the number of a contact".to_owned())?;
    let settings = Dnsimple::settings(said.name, base_url, said.secret("token"));
    let account = Arc::new(Dnsimple::new(said.client(settings)?, said.value("account"), registrant));
    Ok(Opened {
        registrar: Some(account.clone()),
        dns: Some(account.clone()),
        redirector: Some(account.clone()),
        account: Some(account),
        ..Opened::default()
    })
}

/// An account at DNSimple.
pub struct Dnsimple {
    vendor: Arc<Vendor>,
    account: String,
    registrant: i64,
}

impl Dnsimple {
    /// How the client of such an account is to be: the token, and what the vendor has published, 2,400 requests an hour.
    #[must_use]
    pub fn settings(
        name: impl Into<String>,
        base_url: impl Into<String>,
        token: secrecy::SecretString,
    ) -> VendorSettings {
        VendorSettings {
            paces: vec![Pace::of_all(2_400, Duration::from_secs(3_600))],
            max_in_flight: MAX_IN_FLIGHT,
            // A registration has taken the vendor twelve seconds, and the price of a premium name nine.
            deadline: Duration::from_secs(60),
            ..VendorSettings::new(name, base_url, Auth::Bearer(token))
        }
    }

    /// The account with this number, which registers names for this contact.
    #[must_use]
    pub fn new(vendor: Arc<Vendor>, account: impl Into<String>, registrant: i64) -> Self {
        Self { vendor, account: account.into(), registrant }
    }

    fn request(&self, operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&[self.account.as_str()], path].concat())
    }

    async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        self.vendor.call(request).await
    }

    /// A name as the account has it; `None` when it has not.
    async fn domain(&self, name: &DomainName) -> Result<Option<Domain>, Trouble> {
        let answer = self.call(self.request("look_at_domain", Method::Get, &["domains", name.as_str()])).await?;
        found(&answer)
    }
}

/// What was asked for; `None` when there is none.
fn found<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<Option<T>, Trouble> {
    match answer.status {
        404 => Ok(None),
        _ => Ok(Some(done::<Data<T>>(answer)?.data)),
    }
}

/// What came of what was asked for.
fn done<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Trouble> {
    accepted(answer)?;
    answer.json()
}

/// Whether it was done. The vendor's words are in the log.
fn accepted(answer: &Answer) -> Result<(), Trouble> {
    match answer.status {
        _ if answer.is_success() => Ok(()),
        402 => Err(Trouble::Misconfigured(
            "DNSimple does not charge this account: look at its subscription and its payment method there.".into(),
        )),
        404 => Err(Trouble::Refused(Refused::ForGood("The DNSimple account does not have this name.".into()))),
        _ => Err(Trouble::Refused(Refused::ForGood("DNSimple does not accept this; its words are in the log.".into()))),
    }
}

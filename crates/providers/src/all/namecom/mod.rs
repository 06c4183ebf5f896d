//! name.com, through its CORE interface: sells names. See <https://docs.name.com/>.
//!
//! It keeps nothing of ours with what it makes, so everything is found by its name in this account, and what is not there yet
//! by its order. A purchase may be repeated under its key for an hour; a renewal may not, so that the renewals under way are
//! looked for before one is bought.

mod account;
mod charges;
mod contact;
mod guide;
mod orders;
mod registrar;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::domain::DomainName;
use model::role::Role;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use self::wire::Domain;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Meaning, Method, Pace, Request, Vendor, VendorSettings, by_status};

/// What name.com is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "namecom",
    title: "name.com",
    roles: &[Role::Registrar],
    fields: &[
        Field::plain("username", "The account's name at name.com; of a sandbox account without -test"),
        Field::secret("token", "An API token of the account, of a sandbox account its test token"),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked.
pub const BASE_URL: &str = "https://api.name.com";

/// Where its sandbox is, which has tokens of its own.
pub const SANDBOX_URL: &str = "https://api.dev.name.com";

/// How accounts at name.com are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 8;

fn open(said: &Said) -> Result<Opened, String> {
    let address = if said.is_sandbox { SANDBOX_URL } else { BASE_URL };
    let base_url = said.base_url.clone().unwrap_or_else(|| address.to_owned());
    let username = said.value("username");
    if username.contains(':') {
        return Err("username is not one of name.com's: there is a colon in it".into());
    }
    let username = if said.is_sandbox { test_name(username) } else { username.to_owned() };
    let settings = Namecom::settings(said.name, base_url, username, said.secret("token"));
    let account = Arc::new(Namecom::new(said.client(settings)?));
    Ok(Opened { registrar: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// How the sandbox calls an account.
fn test_name(username: &str) -> String {
    format!("{}-test", username.strip_suffix("-test").unwrap_or(username))
}

/// An account at name.com.
pub struct Namecom {
    vendor: Arc<Vendor>,
}

impl Namecom {
    /// How the client of such an account is to be: its name and token, and what the vendor has published, 20 requests a second
    /// and 3,000 an hour.
    #[must_use]
    pub fn settings(
        name: impl Into<String>,
        base_url: impl Into<String>,
        username: impl Into<String>,
        token: SecretString,
    ) -> VendorSettings {
        VendorSettings {
            paces: vec![Pace::of_all(20, Duration::from_secs(1)), Pace::of_all(3_000, Duration::from_secs(3_600))],
            max_in_flight: MAX_IN_FLIGHT,
            meaning,
            // The registry answers within a purchase.
            deadline: Duration::from_secs(60),
            ..VendorSettings::new(name, base_url, Auth::Basic(username.into(), token))
        }
    }

    /// The account behind this client.
    #[must_use]
    pub const fn new(vendor: Arc<Vendor>) -> Self {
        Self { vendor }
    }

    fn request(operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&["core", "v1"], path].concat())
    }

    async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        self.vendor.call(request).await
    }

    /// A name as the account has it; `None` when it has not.
    async fn domain(&self, name: &DomainName) -> Result<Option<Domain>, Trouble> {
        let answer = self.call(Self::request("look_at_domain", Method::Get, &["domains", name.as_str()])).await?;
        match answer.status {
            404 => Ok(None),
            _ => done(&answer).map(Some),
        }
    }
}

/// What an answer means, where this vendor has ways of its own.
fn meaning(answer: &Answer) -> Meaning {
    match answer.status {
        429 => Meaning::Limited(room_in(answer)),
        // It cannot do this for such a name: a clear no.
        501 => Meaning::Clear,
        _ => by_status(answer),
    }
}

/// When there is room again: it names a time of its own clock.
fn room_in(answer: &Answer) -> Option<Duration> {
    let at: i64 = answer.header("x-ratelimit-reset")?.parse().ok()?;
    let seconds = at.saturating_sub(answer.date()?.seconds()).max(0);
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// What came of what was asked for.
fn done<T: DeserializeOwned>(answer: &Answer) -> Result<T, Trouble> {
    accepted(answer)?;
    answer.json()
}

/// Whether it was done. The vendor's words are in the log.
fn accepted(answer: &Answer) -> Result<(), Trouble> {
    match answer.status {
        _ if answer.is_success() => Ok(()),
        402 => Err(unpaid()),
        404 => Err(Trouble::Refused(Refused::ForGood("The name.com account does not have this name.".into()))),
        _ => Err(Trouble::Refused(Refused::ForGood("name.com does not accept this; its words are in the log.".into()))),
    }
}

fn unpaid() -> Trouble {
    Trouble::Misconfigured(
        "name.com could not charge this account: look at its balance and its payment method there.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_knows_an_account_by_a_name_of_its_own() {
        assert_eq!(test_name("acme"), "acme-test");
        assert_eq!(test_name("acme-test"), "acme-test");
    }
}

//! Porkbun, version 3: sells names. See <https://porkbun.com/api/json/v3/documentation>.
//!
//! It keeps nothing of ours with what it makes, so everything is found by its name in this account. What makes a second
//! purchase impossible is its own: the price is part of the request and has to be right, and a request that is repeated under
//! its key within a day is answered from memory. It says whether a name can be had once in ten seconds, so that what it has
//! said is believed for some minutes. Names are registered for the account's own contact: it takes no other.
//!
//! It has a rehearsal, `dryRun`, which is not made use of: an interface that did not know the word would buy.

mod account;
mod guide;
mod quotes;
mod registrar;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::clock::Clock;
use model::role::Role;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

use self::quotes::Quotes;
use self::wire::{Envelope, No};
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Counted, Meaning, Method, Pace, Request, Vendor, VendorSettings, by_status};

/// What Porkbun is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "porkbun",
    title: "Porkbun",
    roles: &[Role::Registrar],
    fields: &[
        Field::secret("api_key", "The API key, which begins with pk1_"),
        Field::secret("secret_api_key", "The secret API key, which begins with sk1_"),
        Field::plain(
            "check_seconds",
            "How many seconds lie between two checks of a name, where Porkbun has lowered them from 10",
        )
        .or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked; its sandbox is there too, behind keys of its own.
pub const BASE_URL: &str = "https://api.porkbun.com/api/json/v3";

/// How accounts at Porkbun are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 4;
/// How many seconds lie between two checks unless the vendor has lowered them, and between two purchases.
const USUAL_SECONDS: u64 = 10;
/// What keys of the sandbox begin with.
const SANDBOX_KEY: &str = "pk1_sb_";

fn open(said: &Said) -> Result<Opened, String> {
    let base_url = said.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned());
    let key = said.secret("api_key");
    match (said.is_sandbox, key.expose_secret().starts_with(SANDBOX_KEY)) {
        (true, false) => return Err(format!("api_key is not one of the sandbox: those begin with {SANDBOX_KEY}")),
        (false, true) => return Err("api_key is one of the sandbox: mark the account as one, or take another".into()),
        (true, true) | (false, false) => {}
    }
    let seconds = match said.value("check_seconds") {
        "" => Some(USUAL_SECONDS),
        text => text.parse().ok().filter(|seconds| (1..=3_600).contains(seconds)),
    };
    let seconds = seconds.ok_or("check_seconds is not a number of seconds from 1 to 3600")?;
    let settings = Porkbun::settings(said.name, base_url, key, said.secret("secret_api_key"), seconds);
    let account = Arc::new(Porkbun::new(said.client(settings)?, said.clock.clone()));
    Ok(Opened { registrar: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// An account at Porkbun.
pub struct Porkbun {
    vendor: Arc<Vendor>,
    quotes: Quotes,
}

impl Porkbun {
    /// How the client of such an account is to be: its keys, and what the vendor has published: one check in ten seconds, or
    /// in so many as it has granted the key, and one try to buy or to renew in ten.
    #[must_use]
    pub fn settings(
        name: impl Into<String>,
        base_url: impl Into<String>,
        api_key: SecretString,
        secret_api_key: SecretString,
        check_seconds: u64,
    ) -> VendorSettings {
        let every = |operation, seconds| Pace::of(operation, 1, Duration::from_secs(seconds));
        // In headers, so that bodies hold no secret; they count where the body has none.
        let keys = vec![("x-api-key", api_key), ("x-secret-api-key", secret_api_key)];
        VendorSettings {
            paces: vec![every("check", check_seconds), every("register", USUAL_SECONDS), every("renew", USUAL_SECONDS)],
            counted: Counted::Operation,
            max_in_flight: MAX_IN_FLIGHT,
            meaning,
            // The registry answers within a purchase.
            deadline: Duration::from_secs(60),
            ..VendorSettings::new(name, base_url, Auth::Headers(keys))
        }
    }

    /// The account behind this client.
    #[must_use]
    pub fn new(vendor: Arc<Vendor>, clock: Arc<dyn Clock>) -> Self {
        Self { vendor, quotes: Quotes::new(clock) }
    }

    async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        self.vendor.call(request).await
    }

    async fn look<T: DeserializeOwned>(&self, operation: &'static str, path: &[&str]) -> Result<Heard<T>, Trouble> {
        heard(&self.call(Request::new(operation, Method::Get, path)).await?)
    }
}

/// What it says to what was asked for.
enum Heard<T> {
    Yes(T),
    No(No),
}

impl<T> Heard<T> {
    /// What was asked for; its no has no meaning of its own here, and its words are in the log.
    fn done(self) -> Result<T, Trouble> {
        match self {
            Self::Yes(done) => Ok(done),
            Self::No(_) => Err(Trouble::Refused(Refused::ForGood(
                "Porkbun does not accept this; its words are in the log.".into(),
            ))),
        }
    }
}

/// Reads an answer. The status of HTTP alone says nothing: a no may come as a success.
fn heard<T: DeserializeOwned>(answer: &Answer) -> Result<Heard<T>, Trouble> {
    let envelope: Envelope = answer.json()?;
    match envelope.status.as_str() {
        "SUCCESS" if answer.is_success() => Ok(Heard::Yes(answer.json()?)),
        "ERROR" => Ok(Heard::No(envelope.into())),
        _ => Err(answer.unclear()),
    }
}

/// What an answer means, where this vendor has ways of its own.
fn meaning(answer: &Answer) -> Meaning {
    let envelope = answer.json::<Envelope>().unwrap_or_default();
    match envelope.code.as_deref().unwrap_or_default() {
        "RATE_LIMIT_EXCEEDED" => Meaning::Spent(envelope.room_in().or_else(|| room_in(answer))),
        _ if answer.status == 429 => Meaning::Spent(envelope.room_in().or_else(|| room_in(answer))),
        "API_KEY_REQUIRED" | "INVALID_API_KEYS_001" | "INVALID_TOKEN" | "INVALID_USER" => Meaning::Unauthorized,
        _ => by_status(answer),
    }
}

/// When there is room again: it names a time of its own clock.
fn room_in(answer: &Answer) -> Option<Duration> {
    let at: i64 = answer.header("x-ratelimit-reset")?.parse().ok()?;
    let seconds = at.saturating_sub(answer.date()?.seconds()).max(0);
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

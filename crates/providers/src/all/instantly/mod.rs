//! Instantly, version 2: sends campaigns from mailboxes that it logs into. See <https://developer.instantly.ai/api/v2>.
//!
//! Whose accounts they are says the key of a call, which is the reseller's and belongs to one workspace. An address is an account
//! once and is its own id, so that nothing can be there twice. Whether it gets in it says afterwards, by the account's status;
//! a new password cannot be told to it but with a new account.

mod account;
mod accounts;
mod guide;
mod knobs;
mod linking;
mod sequencer;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::action::ActionReason;
use model::role::Role;
use secrecy::{ExposeSecret as _, SecretString};

use self::accounts::Accounts;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::roles::SequencerLogin;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Keyed, Meaning, Pace, VendorSettings, by_status};

pub use self::knobs::{Knobs, Warmup};

/// What Instantly is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "instantly",
    title: "Instantly",
    roles: &[Role::Sequencer],
    fields: &[
        Field::plain("warmup", "Whether inboxes are warmed up, on or off; on unless said").or_none(),
        Field::plain("warmup_per_day", "Warm-up mails a day of each inbox in the end, 1 to 50; 30 unless said").or_none(),
        Field::plain("warmup_ramp_up", "How many more warm-up mails each day, 1 to 4; 2 unless said").or_none(),
        Field::plain("daily_limit", "Mails of campaigns a day of each inbox, 1 to 2000; 30 unless said").or_none(),
        Field::plain("ramp_up", "Whether campaigns begin slowly too, on or off; on unless said").or_none(),
        Field::plain(
            "provider_code",
            "What Instantly is told of an inbox's host: host (Google or Microsoft) or custom (any SMTP and IMAP); host unless said",
        )
        .or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked.
pub const BASE_URL: &str = "https://api.instantly.ai/api/v2";

/// How accounts at Instantly are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Of all keys together.
const MAX_IN_FLIGHT: usize = 32;
/// Of one key.
const AT_ONCE: usize = 8;
/// Longer than keys are.
const LONGEST_KEY: usize = 512;

/// The key will not do, or its workspace is not paid for.
const KEY_REFUSED: Trouble = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));

fn open(said: &Said) -> Result<Opened, String> {
    let knobs = Knobs::of(said)?;
    let base_url = said.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned());
    let keyed = said.keyed(Instantly::settings(said.name, base_url), Auth::Bearer)?;
    let account = Arc::new(Instantly::new(keyed, knobs));
    Ok(Opened { sequencer: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// Instantly, for whoever has a key.
pub struct Instantly {
    keyed: Keyed,
    knobs: Knobs,
}

impl Instantly {
    /// How the client of each key is to be: what the vendor has published for a workspace.
    #[must_use]
    pub fn settings(name: impl Into<String>, base_url: impl Into<String>) -> VendorSettings {
        let pace = |calls, seconds| Pace::of_all(calls, Duration::from_secs(seconds));
        VendorSettings {
            paces: vec![pace(100, 1), pace(6_000, 60)],
            max_in_flight: AT_ONCE,
            meaning,
            deadline: Duration::from_secs(60),
            ..VendorSettings::new(name, base_url, Auth::Nobody)
        }
    }

    /// It behind these clients, with accounts as these knobs say.
    #[must_use]
    pub const fn new(keyed: Keyed, knobs: Knobs) -> Self {
        Self { keyed, knobs }
    }

    /// The accounts of whoever's login it is.
    fn accounts(&self, login: &SequencerLogin) -> Result<Accounts<'_>, Trouble> {
        let fits = |key: &&SecretString| {
            let text = key.expose_secret();
            (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_graphic())
        };
        let key = login.api_key.as_ref().filter(fits).ok_or(KEY_REFUSED)?;
        Ok(Accounts { vendor: self.keyed.with(key), knobs: &self.knobs })
    }
}

/// What an answer means. That a key is not let in is its owner's trouble, and not that of whoever configured this.
fn meaning(answer: &Answer) -> Meaning {
    match answer.status {
        401..=403 => Meaning::Clear,
        _ => by_status(answer),
    }
}

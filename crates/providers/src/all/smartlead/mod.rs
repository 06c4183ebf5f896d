//! Smartlead, version 1: sends campaigns from mailboxes that it logs into. See <https://api.smartlead.ai/reference/welcome>.
//!
//! Whose accounts they are says the key of a call, which is the reseller's: the operator has none here. It takes a mailbox as
//! often as it is told of it, keeps no reference of ours, and logs in while it is asked, which takes long. So an address is
//! looked for before it is told of one, and again when the answer was lost; nothing is told twice without a look.
//!
//! Its key stands in the address of every request, and the accounts that it shows have their passwords in clear: neither
//! leaves the client, and passwords are not read at all.

mod account;
mod accounts;
mod guide;
mod knobs;
mod linking;
mod lists;
mod sequencer;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::action::ActionReason;
use model::role::Role;
use secrecy::{ExposeSecret as _, SecretString};

use self::accounts::Accounts;
use self::wire::No;
use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::roles::SequencerLogin;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Answer, Auth, Form, Keyed, Meaning, VendorSettings, by_status};

pub use self::knobs::{Knobs, Plan, Warmup};
pub use self::lists::Lists;

/// What Smartlead is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "smartlead",
    title: "Smartlead",
    roles: &[Role::Sequencer],
    fields: &[
        Field::plain(
            "login_exchange",
            "Whether a login e-mail and password are exchanged for the API key where there is none, on or off: Smartlead documents no way \
             for that and may end it",
        ),
        Field::plain("warmup", "Whether inboxes are warmed up, on or off; on unless said").or_none(),
        Field::plain("warmup_per_day", "Warm-up mails a day of each inbox in the end, 1 to 50; 30 unless said").or_none(),
        Field::plain("warmup_ramp_up", "How many more warm-up mails each day, 5 to 20; 5 unless said").or_none(),
        Field::plain("warmup_reply_rate", "How many of a hundred warm-up mails are answered, 20 to 100; 30 unless said")
            .or_none(),
        Field::plain("daily_limit", "Mails of campaigns a day of each inbox, 1 to 2000; 30 unless said").or_none(),
        Field::plain("plan", "The plan of your resellers' keys, standard or pro; standard unless said").or_none(),
        Field::plain(
            "oauth_types",
            "How Smartlead calls inboxes of Google and Microsoft that gave consent; GMAIL,OUTLOOK unless said",
        )
        .or_none(),
        Field::plain(
            "own_application",
            "Whether consent is given to an application of your own, which Smartlead knows as a white label, on or off; on unless said",
        )
        .or_none(),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where it is asked.
pub const BASE_URL: &str = "https://server.smartlead.ai/api";

/// How accounts at Smartlead are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Of all keys together.
const MAX_IN_FLIGHT: usize = 32;
/// Of one key.
const AT_ONCE: usize = 4;
/// It logs in at two mail servers while it is asked.
const LOGGING_IN: Duration = Duration::from_secs(120);
/// Longer than keys are.
const LONGEST_KEY: usize = 512;

/// The key, or the login that it is had by, will not do.
const KEY_REFUSED: Trouble = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));

fn open(said: &Said) -> Result<Opened, String> {
    let knobs = Knobs::of(said)?;
    let base_url = said.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned());
    let keyed = said.keyed(Smartlead::settings(said.name, base_url, knobs.plan), by_key)?;
    let account = Arc::new(Smartlead::new(keyed, knobs));
    Ok(Opened { sequencer: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// How it knows whose request it is.
#[must_use]
pub fn by_key(key: SecretString) -> Auth {
    Auth::Query(vec![("api_key", key)])
}

/// Smartlead, for whoever has a key.
pub struct Smartlead {
    keyed: Keyed<Lists>,
    knobs: Knobs,
}

impl Smartlead {
    /// How the client of each key is to be: what the vendor has published for its plan.
    #[must_use]
    pub fn settings(name: impl Into<String>, base_url: impl Into<String>, plan: Plan) -> VendorSettings {
        VendorSettings {
            paces: plan.paces(),
            max_in_flight: AT_ONCE,
            // Some yeses are plain words.
            form: Form::Words,
            meaning,
            ..VendorSettings::new(name, base_url, Auth::Nobody)
        }
    }

    /// It behind these clients, with accounts as these knobs say.
    #[must_use]
    pub const fn new(keyed: Keyed<Lists>, knobs: Knobs) -> Self {
        Self { keyed, knobs }
    }

    /// The accounts of whoever's login it is.
    fn accounts(&self, login: &SequencerLogin) -> Result<Accounts<'_>, Trouble> {
        let fits = |key: &&SecretString| {
            let text = key.expose_secret();
            (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_graphic())
        };
        let key = login.api_key.as_ref().filter(fits).ok_or(KEY_REFUSED)?;
        let (vendor, lists) = self.keyed.with_kept(key);
        Ok(Accounts { vendor, lists, knobs: &self.knobs, promise: None })
    }
}

/// What an answer means, where this vendor has ways of its own. That a key is not let in is its owner's trouble, and not that of
/// whoever configured this.
fn meaning(answer: &Answer) -> Meaning {
    match answer.status {
        401 | 403 => Meaning::Clear,
        429 => Meaning::Limited(No::of(answer).retry_after()),
        _ => by_status(answer),
    }
}

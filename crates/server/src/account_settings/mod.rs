//! What the configuration says of accounts and of who plays which role.

mod cast;
pub(crate) mod problems;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use model::account::{Choice, Customers, Spread};
use model::money::Cents;
use model::registrant::Registrant;
use model::role::Role;
use serde::Deserialize;

pub use self::cast::CastConfig;

/// One table of `[accounts.<name>]`. Beside what every account has it holds the fields of its kind.
#[derive(Clone, Debug, Deserialize)]
pub struct AccountConfig {
    /// Whose account it is.
    pub kind: String,
    /// Another address of the vendor than its own; a private one may be meant.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether it is an account of the vendor's own sandbox.
    #[serde(default)]
    pub sandbox: bool,
    /// Endings of names that it comes first for.
    #[serde(default)]
    pub tlds: Vec<String>,
    /// The most domains that it is given in a role.
    #[serde(default)]
    pub most_domains: Option<i64>,
    /// The most users that it is given as a mail tenant.
    #[serde(default)]
    pub most_users: Option<i64>,
    /// What each of them costs a month, in cents.
    #[serde(default)]
    pub seat_cents: Option<Cents>,
    /// The most that is spent at it in a day (UTC), in cents.
    #[serde(default)]
    pub day_cap_cents: Option<Cents>,
    /// The most that is spent at it in a calendar month (UTC), in cents.
    #[serde(default)]
    pub month_cap_cents: Option<Cents>,
    /// The fields of its kind.
    #[serde(flatten)]
    pub fields: BTreeMap<String, FieldValue>,
}

/// What a field was given as.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Text.
    Text(String),
    /// A number; vendors' numbers are names.
    Number(i64),
    /// A switch.
    Switch(bool),
    /// Where a secret is kept.
    Kept(Kept),
}

/// Where a secret is kept: in one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// A file, whole but for the line end.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// A variable of the environment.
    #[serde(default)]
    pub env: Option<String>,
    /// A credential that the service manager hands over (systemd's `LoadCredential=`), by its name.
    #[serde(default)]
    pub credential: Option<String>,
}

/// Somebody may have written a secret where none belongs.
impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(kept) => kept.fmt(f),
            Self::Text(_) | Self::Number(_) | Self::Switch(_) => f.write_str("…"),
        }
    }
}

/// See the table `live` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct LiveConfig {
    pub registrar: Vec<String>,
    pub dns: Vec<String>,
    pub redirect: Vec<String>,
    pub mail: Vec<String>,
    pub sequencer: Vec<String>,
    pub choice: Choice,
    pub spread: Spread,
    pub customers: Customers,
    pub margin_cents: Amount,
    pub margin_percent: i64,
    pub day_cap_cents: Amount,
    pub month_cap_cents: Amount,
    pub while_paused: WhilePaused,
    pub rdap_list: String,
    pub registrant: RegistrantConfig,
    pub registrants: BTreeMap<String, RegistrantConfig>,
}

/// An amount that somebody has to have thought of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Amount {
    Cents(Cents),
    Unset(Unset),
}

/// The word for an amount that nobody has thought of yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the name says it")]
pub enum Unset {
    Unset,
}

impl Amount {
    /// The amount, once it was set.
    #[must_use]
    pub const fn cents(self) -> Option<Cents> {
        match self {
            Self::Cents(cents) => Some(cents),
            Self::Unset(_) => None,
        }
    }
}

/// What orders are answered while buying is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum WhilePaused {
    Accept,
    Refuse,
}

/// A contact that names are registered for, as it is written.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct RegistrantConfig {
    pub first_name: String,
    pub last_name: String,
    pub organization: String,
    pub email: String,
    pub phone: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
}

impl fmt::Debug for RegistrantConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrantConfig")
    }
}

impl RegistrantConfig {
    /// The contact; `None` where nothing of it was written.
    #[must_use]
    pub fn contact(&self) -> Option<Registrant> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let contact = Registrant {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            organization: some(&self.organization),
            email: self.email.clone(),
            phone: self.phone.clone(),
            street: self.street.clone(),
            city: self.city.clone(),
            state: some(&self.state),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
        };
        let said = [
            &self.first_name,
            &self.last_name,
            &self.organization,
            &self.email,
            &self.phone,
            &self.street,
            &self.city,
            &self.state,
            &self.postal_code,
            &self.country,
        ];
        said.iter().any(|text| !text.is_empty()).then_some(contact)
    }
}

impl LiveConfig {
    /// The accounts in a role, in the operator's order.
    #[must_use]
    pub fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Registrar => &self.registrar,
            Role::Dns => &self.dns,
            Role::Redirect => &self.redirect,
            Role::Mail => &self.mail,
            Role::Sequencer => &self.sequencer,
            Role::Observer => &[],
        }
    }

    /// Whether any account plays for live keys.
    #[must_use]
    pub fn plays(&self) -> bool {
        Role::ALL.iter().any(|role| !self.of(*role).is_empty())
    }
}

/// The files that hold accounts' secrets.
pub(crate) fn secret_files(accounts: &BTreeMap<String, AccountConfig>) -> Vec<PathBuf> {
    let fields = accounts.values().flat_map(|account| account.fields.values());
    let kept = fields.filter_map(|field| match field {
        FieldValue::Kept(kept) => kept.file.clone(),
        FieldValue::Text(_) | FieldValue::Number(_) | FieldValue::Switch(_) => None,
    });
    kept.collect()
}

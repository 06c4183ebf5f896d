//! The configuration: defaults compiled in, then a file, then the environment, then flags.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use model::bundle::Sizing;
use model::caps::{Cap, Caps};
use model::clock::SECOND;
use model::money::PriceBook;
use model::order::Rules;
use model::patience::Patience;
use model::run::Policy;
use serde::{Deserialize, Serialize};
use store::file_modes;

use crate::account_settings::{self, AccountConfig, CastConfig, LiveConfig};
use crate::doors::{Connections, Shutdown, network};
use crate::name_servers::said::{DnsConfig, sandbox_problem};
use crate::name_servers::shared::secret_files;
use crate::probing::ProbeConfig;
use crate::redirect_servers::said::{AcmeConfig, RedirectConfig, sandbox_problems};
use crate::settings::{self, Problem};
use crate::taken_twice::taken_twice;
use crate::telemetry::{self, Traces};

/// Every setting with its default and its explanation.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The file that is read when `--config` names none.
pub const FILE: &str = "mailwright.toml";

/// Every setting. See `config.default.toml` for what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Config {
    pub data: PathBuf,
    pub database_url: String,
    pub master_key_file: PathBuf,
    pub listen: String,
    pub trusted_proxies: Vec<String>,
    pub operator_listen: String,
    pub operator: OperatorConfig,
    pub doctor: DoctorConfig,
    pub public_url: String,
    pub log: String,
    pub traces: Traces,
    pub development: bool,
    pub database: Database,
    pub sandbox: Sandbox,
    pub api: Api,
    pub rate_limit: RateLimit,
    pub connections: Connections,
    pub shutdown: Shutdown,
    pub prices: PriceBook,
    pub sizing: Sizing,
    pub engine: EngineConfig,
    pub dns: DnsConfig,
    pub redirect: RedirectConfig,
    pub acme: AcmeConfig,
    pub accounts: BTreeMap<String, AccountConfig>,
    pub live: LiveConfig,
    pub probe: ProbeConfig,
}

/// See the table of the same name in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Database {
    pub connections: u32,
    pub writes_waiting: usize,
    pub writes_waiting_per_partner: usize,
    pub statement_timeout_ms: u64,
    pub lock_timeout_ms: u64,
    pub idle_in_transaction_timeout_ms: u64,
}

/// See the table `operator` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct OperatorConfig {
    pub access: Access,
    pub token_file: PathBuf,
    pub partner_labels: bool,
    pub webhook_url: String,
    pub webhook_secret_file: PathBuf,
}

/// See the table `doctor` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct DoctorConfig {
    pub time_url: String,
}

/// Who may read what the operator's listener shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Access {
    Token,
    Open,
}

/// See the table of the same name in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Sandbox {
    pub database_url: String,
    pub step_delay_ms: u64,
    pub dns_listen: String,
    pub redirect_listen: String,
    pub https_listen: String,
    pub acme_directory: String,
    pub acme_root_file: PathBuf,
    pub cast: CastConfig,
}

/// See the table of the same name in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Api {
    pub unknown_fields: Unknown,
    pub unknown_parameters: Unknown,
    pub import_wait_seconds: u64,
}

/// What happens to what a call does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unknown {
    Refuse,
    Ignore,
}

/// See the table of the same name in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct RateLimit {
    pub per_minute: u32,
    pub failed_per_minute: u32,
}

/// See the table `engine` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct EngineConfig {
    pub steps: usize,
    pub deliveries: usize,
    pub retry_base_ms: i64,
    pub retry_cap_seconds: i64,
    pub max_attempts: i64,
    pub look_again_seconds: i64,
    pub most_mended_percent: i64,
}

/// Variables that have our prefix and are read elsewhere.
const NOT_SETTINGS: &[&str] = &["KEY"];

/// What a variable of the environment says that is no setting of the server; `None` when it is empty.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    let value = Env::raw().iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    value.filter(|value| !value.is_empty())
}

/// What the command line overrides.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named like the settings")]
pub struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// One sentence for each thing that is wrong.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, Vec<String>> {
        Self::read(file, flags).map_err(|problems| problems.iter().map(Problem::sentence).collect())
    }

    /// The same, with what is known of each thing that is wrong.
    ///
    /// # Errors
    /// Everything that is wrong, together.
    pub fn read(file: Option<&Path>, flags: &Flags) -> Result<Self, Vec<Problem>> {
        if let Some(path) = file.filter(|path| !path.is_file()) {
            let said = format!("the configuration file {} does not exist; correct --config", path.display());
            return Err(vec![Problem::general(said)]);
        }
        let file = file.unwrap_or(Path::new(FILE));
        let toml = if file.is_file() { Figment::from(Toml::file_exact(file)) } else { Figment::new() };
        let (toml, unreadable) = settings::file(toml);
        let said = toml
            .merge(Env::prefixed("MAILWRIGHT_").ignore(NOT_SETTINGS).split("__"))
            .merge(Serialized::defaults(flags));
        settings::read(&said, unreadable)
    }

    /// What is wrong although every value has the right type.
    ///
    /// Each sentence begins with the key that it is about.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = vec![];
        let mut check = |fine: bool, text: String| {
            if !fine {
                problems.push(text);
            }
        };
        for (key, value) in [("listen", &self.listen), ("operator_listen", &self.operator_listen)] {
            let is_off = key == "operator_listen" && value.is_empty();
            check(
                is_off || value.parse::<SocketAddr>().is_ok(),
                format!("{key} = {value:?} is not an address with a port; write it as 127.0.0.1:8080"),
            );
        }
        let is_here = self.operator_listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        check(
            self.operator.access == Access::Token || self.operator_listen.is_empty() || is_here,
            format!(
                "operator.access = \"open\" lets everybody in who reaches {}, which is not only this machine; use \"token\", or an address such as 127.0.0.1:9090",
                self.operator_listen
            ),
        );
        let urls = [
            ("public_url", &self.public_url),
            ("doctor.time_url", &self.doctor.time_url),
            ("live.rdap_list", &self.live.rdap_list),
            ("operator.webhook_url", &self.operator.webhook_url),
        ];
        problems_of_urls(&urls, &mut check);
        check(
            telemetry::is_filter(&self.log),
            format!(
                "log = {:?} is not a level or filter; use error, warn, info, debug or trace, or a filter such as info,engine=debug",
                self.log
            ),
        );
        for (key, value) in [("database_url", &self.database_url), ("sandbox.database_url", &self.sandbox.database_url)]
        {
            check(
                value.is_empty() || store::Backend::of(value).is_some(),
                format!("{key} is not a database address; use sqlite:<file> or postgres://user@host/database"),
            );
        }
        check(
            (2..=1000).contains(&self.database.connections),
            format!("database.connections = {} is out of range; use 2 to 1000", self.database.connections),
        );
        check(
            self.sandbox.step_delay_ms <= 60_000,
            format!("sandbox.step_delay_ms = {} is out of range; use 0 to 60000", self.sandbox.step_delay_ms),
        );
        check(
            self.api.import_wait_seconds <= 60,
            format!("api.import_wait_seconds = {} is out of range; use 0 to 60", self.api.import_wait_seconds),
        );
        problems_of_proxies(&self.trusted_proxies, &mut check);
        self.problems_of_parts().into_iter().for_each(|problem| check(false, problem));
        for (key, value, least, most) in self.numbers().into_iter().chain(self.connections.numbers()) {
            check((least..=most).contains(&value), format!("{key} = {value} is out of range; use {least} to {most}"));
        }
        problems
    }

    /// What the parts find that have a table of their own.
    fn problems_of_parts(&self) -> Vec<String> {
        let kinds = || self.accounts.values().filter(|account| !account.sandbox).map(|account| account.kind.clone());
        let mut problems = self.dns.problems(kinds());
        problems.extend(self.redirect.problems(kinds(), &self.acme));
        problems.extend(self.acme.problems());
        problems.extend(self.traces.problems());
        problems.extend(self.probe.problems());
        problems.extend(account_settings::problems::problems(&self.accounts, &self.live, &self.sandbox.cast));
        problems.extend(sandbox_problem(&self.sandbox.dns_listen));
        let sandbox = &self.sandbox;
        problems.extend(sandbox_problems(&sandbox.redirect_listen, &sandbox.https_listen, &sandbox.acme_directory));
        problems.extend(taken_twice(self));
        problems
    }

    fn numbers(&self) -> Vec<(&'static str, i64, i64, i64)> {
        let size = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let millis = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (database, most) = (&self.database, 600_000);
        let (prices, sizing, engine) = (&self.prices, &self.sizing, &self.engine);
        let cents = 100_000_000;
        vec![
            ("database.statement_timeout_ms", millis(database.statement_timeout_ms), 10, most),
            ("database.lock_timeout_ms", millis(database.lock_timeout_ms), 10, most),
            ("database.idle_in_transaction_timeout_ms", millis(database.idle_in_transaction_timeout_ms), 10, most),
            ("prices.google_license_cents", prices.google_license_cents, 0, cents),
            ("prices.microsoft_license_cents", prices.microsoft_license_cents, 0, cents),
            ("prices.swap_cents", prices.swap_cents, 0, cents),
            ("prices.domain_margin_cents", prices.domain_margin_cents, 0, cents),
            ("prices.domain_margin_percent", prices.domain_margin_percent, 0, 1_000),
            ("sizing.google_daily_per_inbox", sizing.google_daily_per_inbox, 1, 10_000),
            ("sizing.microsoft_daily_per_domain", sizing.microsoft_daily_per_domain, 1, 100_000),
            ("sizing.microsoft_inboxes_per_domain", sizing.microsoft_inboxes_per_domain, 1, 500),
            ("sizing.recommended_google_percent", sizing.recommended_google_percent, 0, 100),
            ("sizing.max_domains", sizing.max_domains, 1, 500),
            ("database.writes_waiting", size(self.database.writes_waiting), 1, 1_000_000),
            ("database.writes_waiting_per_partner", size(self.database.writes_waiting_per_partner), 1, 1_000_000),
            ("engine.steps", size(engine.steps), 8, 4096),
            ("engine.deliveries", size(engine.deliveries), 8, 4096),
            ("engine.retry_base_ms", engine.retry_base_ms, 1, 600_000),
            ("engine.retry_cap_seconds", engine.retry_cap_seconds, 1, 86_400),
            ("engine.max_attempts", engine.max_attempts, 1, 1000),
            ("engine.look_again_seconds", engine.look_again_seconds, 1, 86_400),
            ("engine.most_mended_percent", engine.most_mended_percent, 0, 100),
        ]
    }

    /// The file of the operator's token that is meant.
    #[must_use]
    pub fn operator_token_file(&self) -> PathBuf {
        if self.operator.token_file.as_os_str().is_empty() {
            self.data.join("operator.token")
        } else {
            self.operator.token_file.clone()
        }
    }

    /// The file of the secret that the operator's webhook is signed with.
    #[must_use]
    pub fn webhook_secret_file(&self) -> PathBuf {
        if self.operator.webhook_secret_file.as_os_str().is_empty() {
            self.data.join("operator.webhook_secret")
        } else {
            self.operator.webhook_secret_file.clone()
        }
    }

    /// Whether the address of the operator's listener was chosen, and is not the one that everybody has.
    #[must_use]
    pub fn has_chosen_operator_listen(&self) -> bool {
        let default = Figment::from(Toml::string(DEFAULTS)).extract_inner::<String>("operator_listen");
        default.is_ok_and(|default| default != self.operator_listen)
    }

    /// The database that is meant.
    #[must_use]
    pub fn database(&self) -> String {
        or_file(&self.database_url, &self.data, "mailwright.db")
    }

    /// The lock file that keeps a second server off: it belongs to the database, wherever that is.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        match self.database_url.strip_prefix("sqlite:") {
            Some(path) => PathBuf::from(format!("{}.lock", path.split('?').next().unwrap_or(path))),
            None => self.data.join("mailwright.lock"),
        }
    }

    /// What is in the data folder only where there was a database.
    #[must_use]
    pub fn signs_of_a_database(&self) -> Vec<PathBuf> {
        let files = [
            ("master.key", self.master_key_file.as_os_str().is_empty()),
            ("sandbox.db", self.sandbox.database_url.is_empty()),
        ];
        let here = self.database_url.is_empty();
        files.into_iter().filter(|(_, is_ours)| here && *is_ours).map(|(file, _)| self.data.join(file)).collect()
    }

    /// Every file and folder that nobody else on the machine is to get at.
    #[must_use]
    pub fn private_paths(&self) -> Vec<PathBuf> {
        let databases = [self.database(), self.sandbox_database()];
        let files = databases.iter().filter_map(|url| file_modes::sqlite_file(url));
        let all = files.flat_map(|file| ["", "-wal", "-shm"].map(|ending| file_modes::beside(&file, ending)));
        [self.data.clone(), self.key_file(), self.lock_file(), self.operator_token_file(), self.webhook_secret_file()]
            .into_iter()
            .chain(self.traces.headers_file().map(Path::to_owned))
            .chain(account_settings::secret_files(&self.accounts))
            .chain(secret_files(&self.dns))
            .chain(self.probe.secret_file())
            .chain(all)
            .collect()
    }

    /// The sandbox's database that is meant.
    #[must_use]
    pub fn sandbox_database(&self) -> String {
        or_file(&self.sandbox.database_url, &self.data, "sandbox.db")
    }

    /// The master key file that is meant.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        if self.master_key_file.as_os_str().is_empty() {
            self.data.join("master.key")
        } else {
            self.master_key_file.clone()
        }
    }

    /// How long PostgreSQL is waited for.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        Patience {
            statement: Duration::from_millis(self.database.statement_timeout_ms),
            lock: Duration::from_millis(self.database.lock_timeout_ms),
            idle: Duration::from_millis(self.database.idle_in_transaction_timeout_ms),
        }
    }

    /// What links in answers begin with; a server without `public_url` is called where it listens.
    #[must_use]
    pub fn public_url_at(&self, address: Option<SocketAddr>) -> String {
        match (self.public_url.trim_end_matches('/'), address) {
            ("", Some(address)) => format!("http://{address}"),
            ("", None) => format!("http://{}", self.listen),
            (url, _) => url.to_owned(),
        }
    }

    /// What orders are decided by.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let live = self.live.margin_cents.cents().map(|domain_margin_cents| PriceBook {
            domain_margin_cents,
            domain_margin_percent: self.live.margin_percent,
            ..self.prices
        });
        Rules { sizing: self.sizing, book: self.prices, live }
    }

    /// The most that is spent with live keys.
    #[must_use]
    pub fn caps(&self) -> Caps {
        let (live, of) = (&self.live, |account: &AccountConfig| Cap {
            day_cents: account.day_cap_cents,
            month_cents: account.month_cap_cents,
        });
        Caps {
            all: Cap { day_cents: live.day_cap_cents.cents(), month_cents: live.month_cap_cents.cents() },
            accounts: self.accounts.iter().map(|(name, account)| (name.clone(), of(account))).collect(),
        }
    }

    /// How patient the engine is.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        Policy {
            retry_base: self.engine.retry_base_ms * (SECOND / 1000),
            retry_cap: self.engine.retry_cap_seconds * SECOND,
            max_attempts: self.engine.max_attempts,
            look_again: self.engine.look_again_seconds * SECOND,
        }
    }
}

fn problems_of_urls(urls: &[(&str, &String)], check: &mut impl FnMut(bool, String)) {
    for (key, text) in urls {
        let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let has_login = url.as_ref().is_some_and(|url| !url.username().is_empty() || url.password().is_some());
        // What is wrong is not repeated: there may be a login or a key in it.
        check(text.is_empty() || url.is_some(), format!("{key} is not an http or https address"));
        check(!has_login, format!("{key} has a login in it, which would be shown in clear; leave it out"));
    }
}

/// Where an address leads, without what may be as good as a key to it: its path and what is asked for.
pub(crate) fn place(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn problems_of_proxies(proxies: &[String], check: &mut impl FnMut(bool, String)) {
    for problem in proxies.iter().filter_map(|text| network(text).err()) {
        check(false, problem);
    }
}

fn or_file(url: &str, data: &Path, file: &str) -> String {
    if !url.is_empty() {
        return url.to_owned();
    }
    file_modes::sqlite_url(&data.join(file))
}

//! What the client of an account is told.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::public_address::is_public_name;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::answer::Answer;
use super::meaning::{Meaning, by_status};
use super::pace::Pace;
use super::recorder::Recorder;
use crate::egress::{Trust, check_url};

/// How the vendor knows whose request it is.
#[derive(Clone, Debug)]
pub enum Auth {
    /// It does not ask, or asks in the body.
    Nobody,
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(SecretString),
    /// `Authorization: Basic …` (RFC 7617).
    Basic(String, SecretString),
    /// Headers of its own, by their names.
    Headers(Vec<(&'static str, SecretString)>),
    /// Parameters of the address, by their names.
    Query(Vec<(&'static str, SecretString)>),
}

impl Auth {
    /// What must be shown nowhere.
    pub(super) fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Nobody => vec![],
            Self::Bearer(secret) | Self::Basic(_, secret) => vec![secret.expose_secret()],
            Self::Headers(named) | Self::Query(named) => {
                named.iter().map(|(_, secret)| secret.expose_secret()).collect()
            }
        }
    }
}

/// In what form a vendor says everything it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON or nothing, whatever its `Content-Type`: anything else was said by somebody in between.
    Json,
    /// JSON, nothing, or a few plain words, whatever its `Content-Type`: whatever looks like a page was said by somebody in
    /// between. Words are the vendor's, and no more than a yes or a no by their status.
    Words,
    /// Anything.
    Any,
}

/// What the limits are of that a vendor's answers tell in their headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Of everything that the account is asked.
    Account,
    /// Of the operation that was answered; others go on.
    Operation,
}

/// How an account at a vendor is asked.
#[derive(Clone)]
pub struct VendorSettings {
    /// The account's name in the configuration. It is a label of metrics.
    pub account: String,
    /// What every path stands behind, such as `https://api.example.com/v2`.
    pub base_url: String,
    /// How it knows us.
    pub auth: Auth,
    /// Headers of every request, such as a version. None of them is secret.
    pub headers: Vec<(&'static str, String)>,
    /// In what form it answers.
    pub form: Form,
    /// What its answers mean, where their status does not say it.
    pub meaning: fn(&Answer) -> Meaning,
    /// The end of an exchange that names none, from the look-up of the name to the last byte.
    pub deadline: Duration,
    /// How long a call may wait here for its turn. Past that it is told when to come back, and nothing was sent.
    pub patience: Duration,
    /// How many calls may be under way at once, 1 or more.
    pub max_in_flight: usize,
    /// What the vendor has published about how often it may be asked.
    pub paces: Vec<Pace>,
    /// What the limits are of that its answers tell.
    pub counted: Counted,
    /// The most that is read of an answer, in bytes.
    pub max_answer: usize,
    /// Who is shown each exchange.
    pub recorder: Option<Arc<dyn Recorder>>,
}

impl VendorSettings {
    /// The usual: 30 seconds for an exchange and 2 for a turn, 8 at once, answers of up to 4 MiB, JSON.
    #[must_use]
    pub fn new(account: impl Into<String>, base_url: impl Into<String>, auth: Auth) -> Self {
        Self {
            account: account.into(),
            base_url: base_url.into(),
            auth,
            headers: vec![],
            form: Form::Json,
            meaning: by_status,
            deadline: Duration::from_secs(30),
            patience: Duration::from_secs(2),
            max_in_flight: 8,
            paces: vec![],
            counted: Counted::Account,
            max_answer: 4 * 1024 * 1024,
            recorder: None,
        }
    }

    /// The base address, checked, ending in a path that segments can be added to.
    pub(super) fn base(&self) -> Result<Url, SettingsFault> {
        let account = || self.account.clone();
        let base = check_url(&self.base_url, Trust::Operator)
            .map_err(|fault| SettingsFault::Base { account: account(), fault: fault.to_string() })?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(SettingsFault::Query { account: account() });
        }
        if base.scheme() == "http" && is_far(&base) {
            return Err(SettingsFault::Plain { account: account() });
        }
        if self.max_in_flight == 0 || self.paces.iter().any(Pace::is_never) {
            return Err(SettingsFault::Never { account: account() });
        }
        Ok(base)
    }
}

/// Whether an address is on the public internet, where whoever is in between could read the credentials.
fn is_far(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => is_public_name(name),
        Some(Host::Ipv4(address)) => model::public_address::is_public(address.into()),
        Some(Host::Ipv6(address)) => model::public_address::is_public(address.into()),
        None => true,
    }
}

/// Settings are shown without their secrets; the base address cannot hold one.
impl fmt::Debug for VendorSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorSettings")
            .field("account", &self.account)
            .field("base_url", &self.base_url)
            .field("auth", &self.auth)
            .field("paces", &self.paces)
            .field("max_in_flight", &self.max_in_flight)
            .finish_non_exhaustive()
    }
}

/// What is wrong with the settings of an account, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// The base address is none.
    #[error("account {account}: the base address will not do: {fault}")]
    #[expect(missing_docs, reason = "the names say it")]
    Base { account: String, fault: String },
    /// It has more than a host and a path.
    #[error("account {account}: the base address must end with its path, without ? or #")]
    #[expect(missing_docs, reason = "the name says it")]
    Query { account: String },
    /// Credentials would travel in clear.
    #[error(
        "account {account}: the base address must begin with https://; plain http is only for addresses of this machine \
         or a private network, written as numbers"
    )]
    #[expect(missing_docs, reason = "the name says it")]
    Plain { account: String },
    /// Nothing could ever be sent.
    #[error("account {account}: at least one call must be allowed at once, and at least one in each period")]
    #[expect(missing_docs, reason = "the name says it")]
    Never { account: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base_url: &str) -> VendorSettings {
        VendorSettings::new("main", base_url, Auth::Bearer("hush".into()))
    }

    #[test]
    fn credentials_do_not_travel_in_clear_through_the_internet() {
        for url in ["https://api.example.com/v2", "http://127.0.0.1:8081", "http://[::1]/api", "http://10.1.2.3:8081/"]
        {
            assert!(settings(url).base().is_ok(), "{url}");
        }
        for url in ["http://api.example.com/v2", "http://8.8.8.8/"] {
            assert!(matches!(settings(url).base(), Err(SettingsFault::Plain { .. })), "{url}");
        }
        for url in ["", "api.example.com", "ftp://example.com/", "https://me:hush@example.com/"] {
            let fault = settings(url).base().unwrap_err();
            assert!(
                matches!(fault, SettingsFault::Base { .. }) && !fault.to_string().contains("hush"),
                "{url}: {fault}"
            );
        }
        assert!(matches!(settings("https://example.com/?key=1").base(), Err(SettingsFault::Query { .. })));
        let never =
            VendorSettings { paces: vec![Pace::of_all(0, Duration::from_secs(1))], ..settings("https://a.example/") };
        assert!(matches!(never.base(), Err(SettingsFault::Never { .. })));
    }

    #[test]
    fn settings_are_shown_without_what_is_secret() {
        let shown = format!("{:?}", settings("https://api.example.com/v2"));
        assert!(shown.contains("main") && !shown.contains("hush"), "{shown}");
        let named = Auth::Query(vec![("api_key", "hush".into())]);
        assert!(!format!("{named:?}").contains("hush"));
        assert_eq!(named.secrets(), ["hush"]);
    }
}

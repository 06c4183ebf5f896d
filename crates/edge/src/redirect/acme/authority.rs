//! An authority that certificates are ordered from.

use std::fmt;
use std::sync::Arc;

use model::clock::Clock;
use tokio::sync::Mutex;

use super::super::ChallengeKind;
use super::account::Opened;
use super::client::Client;

/// Which authority, and how it gets to know us.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of its directory (RFC 8555 §7.1.1).
    pub directory: String,
    /// Whom it writes to when something is wrong, an address of mail; with some authorities nobody.
    pub contact: Option<String>,
    /// Whether somebody has agreed to its terms, for it makes no account for others (RFC 8555 §7.3).
    pub terms_agreed: bool,
    /// In which ways it may look whether a name leads here; the first is tried first, and after a failure the next.
    pub challenges: Vec<ChallengeKind>,
    /// Who has signed its own certificate, in PEM, instead of those whom the machine trusts: for authorities of one's own.
    pub root: Option<String>,
}

/// An authority that certificates are ordered from.
pub struct Authority {
    pub(super) settings: Settings,
    pub(super) client: Client,
    pub(super) opened: Mutex<Option<Opened>>,
}

/// Why an authority cannot be used.
#[derive(Debug)]
pub struct AuthorityFault(String);

impl fmt::Display for AuthorityFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AuthorityFault {}

impl Authority {
    /// An authority by its settings; it is not asked yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, AuthorityFault> {
        let fault = |text: &str| Err(AuthorityFault(text.into()));
        if !settings.directory.starts_with("https://") {
            return fault("the directory of the authority has to be an address that begins with https://");
        }
        if settings.challenges.is_empty() {
            return fault("there has to be a way in which the authority may look whether a name leads here");
        }
        // Of several that come first, one is enough.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new(settings.root.as_deref(), clock);
        let client =
            client.map_err(|error| AuthorityFault(format!("the root of the authority is no certificate: {error}")))?;
        Ok(Self { settings, client, opened: Mutex::default() })
    }

    /// The way that it looks in after so many failures.
    pub(super) fn way(&self, failures: u32) -> ChallengeKind {
        let ways = &self.settings.challenges;
        ways[usize::try_from(failures).unwrap_or_default() % ways.len()]
    }
}

//! What an address that gives grants says.

use serde::Deserialize;

use crate::vendor::{Answer, Meaning, by_status};

/// A grant (RFC 6749, section 5.1).
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) refresh_token: Option<String>,
    pub(super) expires_in: i64,
    #[serde(default)]
    pub(super) scope: Option<String>,
    /// Who has consented (OpenID Connect Core, section 2).
    #[serde(default)]
    pub(super) id_token: Option<String>,
}

/// Why there is none (section 5.2).
#[derive(Deserialize)]
pub(super) struct Fault {
    pub(super) error: String,
}

impl Fault {
    /// The error where it is one of those that everybody knows: other words are the vendor's, and not shown.
    pub(super) fn known(&self) -> &str {
        const KNOWN: [&str; 4] =
            ["invalid_request", "unsupported_grant_type", "invalid_scope", "temporarily_unavailable"];
        KNOWN.into_iter().find(|one| *one == self.error).unwrap_or("in the log")
    }
}

/// What an answer means: in a 400 and a 401 it says why there is no grant.
pub(crate) fn meaning(answer: &Answer) -> Meaning {
    let says_why = || serde_json::from_str::<Fault>(&answer.text()).is_ok();
    match by_status(answer) {
        Meaning::Unauthorized | Meaning::Forbidden if says_why() => Meaning::Clear,
        Meaning::Clear if !answer.is_success() && !says_why() => Meaning::Unclear,
        meaning => meaning,
    }
}

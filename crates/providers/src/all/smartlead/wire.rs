//! What Smartlead sends: one thing in several shapes. What it shows of a mailbox's password is not read at all.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::vendor::Answer;

/// An account, as a list or itself shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    pub(super) id: Id,
    #[serde(default)]
    pub(super) from_email: String,
    #[serde(default)]
    username: Option<String>,
    pub(super) client_id: Option<i64>,
    /// Said by the account itself, not by lists.
    pub(super) is_suspended: Option<bool>,
    is_smtp_success: Option<bool>,
    is_imap_success: Option<bool>,
    warmup_details: Option<Warmup>,
}

#[derive(Clone, Debug, Deserialize)]
struct Warmup {
    status: Option<String>,
}

impl Account {
    /// Whether it is of this address.
    pub(super) fn is_of(&self, email: &str) -> bool {
        let named = [Some(&self.from_email), self.username.as_ref()];
        named.into_iter().flatten().any(|name| name.eq_ignore_ascii_case(email))
    }

    /// Whether the vendor can send from it, as far as it says.
    pub(super) const fn sends(&self) -> Option<bool> {
        self.is_smtp_success
    }

    /// Whether the vendor can receive with it, as far as it says.
    pub(super) const fn receives(&self) -> Option<bool> {
        self.is_imap_success
    }

    /// Whether one of its logins fails.
    pub(super) fn is_shut(&self) -> bool {
        [self.is_smtp_success, self.is_imap_success].contains(&Some(false))
    }

    pub(super) fn is_warming(&self) -> bool {
        self.warmup_details.as_ref().is_some_and(|warmup| warmup.status.as_deref() == Some("ACTIVE"))
    }
}

/// An id, which may come as a number or as a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What it says to an account that was saved, in any of three shapes.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Saved {
    ok: Option<bool>,
    id: Option<Id>,
    #[serde(rename = "emailAccountId")]
    email_account_id: Option<Id>,
    data: Option<SavedData>,
}

#[derive(Debug, Deserialize)]
struct SavedData {
    id: Option<Id>,
    is_smtp_success: Option<bool>,
    is_imap_success: Option<bool>,
}

impl Saved {
    /// Of an answer; empty where it is none of the three.
    pub(super) fn of(answer: &Answer) -> Self {
        serde_json::from_str(&answer.text()).unwrap_or_default()
    }

    /// Which account it is; `None` where the answer does not say it.
    pub(super) fn id(self) -> Option<Id> {
        self.id.or(self.email_account_id).or_else(|| self.data?.id)
    }

    /// Whether it says, as a success, that it was none.
    pub(super) fn is_no(&self) -> bool {
        let failed =
            self.data.as_ref().is_some_and(|data| [data.is_smtp_success, data.is_imap_success].contains(&Some(false)));
        self.ok == Some(false) || failed
    }
}

/// Whether an answer is a yes in JSON. A success in other words is to be looked after.
pub(super) fn is_yes(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Yes {
        ok: bool,
    }
    answer.is_success() && serde_json::from_str::<Yes>(&answer.text()).is_ok_and(|yes| yes.ok)
}

/// What was signed in for.
#[derive(Deserialize)]
pub(super) struct SignedIn {
    user: User,
}

impl SignedIn {
    pub(super) fn key(self) -> SecretString {
        self.user.api_key.into()
    }
}

#[derive(Deserialize)]
struct User {
    api_key: String,
}

/// A no in any of three shapes.
#[derive(Debug)]
pub(super) struct No {
    /// In small letters; empty where it has none.
    words: String,
    /// In how many seconds it may be asked again.
    retry_after: Option<u64>,
}

impl No {
    pub(super) fn of(answer: &Answer) -> Self {
        let text = answer.text();
        let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_ref()));
        let error = &body["error"];
        let words = [&error["message"], error, &body["message"], &body].into_iter().find_map(Value::as_str);
        let retry_after = [&error["retry_after"], &body["retry_after"]].into_iter().find_map(Value::as_u64);
        Self { words: words.unwrap_or_default().to_lowercase(), retry_after }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(Duration::from_secs)
    }

    pub(super) fn speaks_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.words.contains(word))
    }
}

/// Whether a no is the vendor's own word rather than something's in between.
pub(super) fn is_its_own(answer: &Answer) -> bool {
    serde_json::from_str::<Value>(&answer.text()).is_ok_and(|body| body.is_object())
}

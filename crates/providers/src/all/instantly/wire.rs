//! What Instantly sends.

use serde::Deserialize;

use crate::vendor::Answer;

/// An account.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    /// 1: it works; 2: paused; 3: paused by the vendor for a while; -1: it cannot log in; -2 and -3: it cannot send.
    status: Option<i64>,
    /// 0: off; 1: on; below: it cannot.
    warmup_status: Option<i64>,
}

impl Account {
    /// Whether somebody has paused it.
    pub(super) fn is_paused(&self) -> bool {
        self.status == Some(2)
    }

    /// Whether the vendor cannot log in.
    pub(super) fn is_shut(&self) -> bool {
        self.status == Some(-1)
    }

    /// Whether something is wrong with it.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.status.is_some_and(|status| status < 0)
    }

    /// Whether the vendor gets in, as far as it says.
    pub(super) const fn works(&self) -> Option<bool> {
        match self.status {
            Some(1) => Some(true),
            Some(-1) => Some(false),
            _ => None,
        }
    }

    pub(super) fn is_warming(&self) -> bool {
        self.warmup_status == Some(1)
    }
}

/// What a no says, in small letters.
pub(super) fn words(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct No {
        message: String,
    }
    serde_json::from_str::<No>(&answer.text()).map(|no| no.message.to_lowercase()).unwrap_or_default()
}

//! The vendor's envelope, and what it means.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::trouble::Trouble;
use crate::vendor::{Answer, Meaning, by_status};

/// It was asked too often (429 as a rule).
const TOO_OFTEN: u64 = 971;
/// The token is none, or is not known any more; the status is that of a bad request, or of something forbidden.
const NO_TOKEN: [u64; 3] = [6_003, 6_111, 9_109];

/// What stands around everything that it says.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(super) struct Envelope<T> {
    success: bool,
    #[serde(default)]
    errors: Vec<Fault>,
    #[serde(default = "nothing")]
    result: Option<T>,
    #[serde(default)]
    pub(super) result_info: Info,
    /// What it means when something is missing here.
    #[serde(skip, default = "unclear")]
    unclear: Trouble,
}

const fn nothing<T>() -> Option<T> {
    None
}

const fn unclear() -> Trouble {
    Trouble::Unknown
}

#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    message: Value,
}

/// How a list goes on: by pages, or from a place.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Info {
    pub(super) total_pages: Option<u64>,
    pub(super) total_count: Option<u64>,
    pub(super) cursor: Option<String>,
}

impl<T> Envelope<T> {
    /// What was asked for.
    ///
    /// # Errors
    /// What it means that it is not there.
    pub(super) fn only(self) -> Result<T, Trouble> {
        self.result.ok_or(self.unclear)
    }
}

/// A no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct No {
    /// The HTTP status code; 200 is one of the vendor's habits.
    pub(super) status: u16,
    codes: Vec<u64>,
    /// What was said, in lower case. It is for telling reasons apart whose codes nobody has published, and is not shown.
    words: String,
}

impl No {
    /// Whether one of these reasons is given.
    pub(super) fn has(&self, codes: &[u64]) -> bool {
        self.codes.iter().any(|code| codes.contains(code))
    }

    /// What its words mean to somebody who reads them.
    pub(super) fn reason<T>(&self, read: fn(&str) -> T) -> T {
        read(&self.words)
    }

    /// Whether something like this is said.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.words.contains(word))
    }
}

/// Reads an answer. What is in no envelope is nobody's word, whatever its status.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Result<Envelope<T>, No>, Trouble> {
    // It is done, and there is no more to say (RFC 9110, section 15.3.5).
    if answer.status == 204 {
        let (errors, result_info) = (vec![], Info::default());
        return Ok(Ok(Envelope { success: true, errors, result: None, result_info, unclear: answer.unclear() }));
    }
    let head: Envelope<IgnoredAny> = answer.json()?;
    if head.success && answer.is_success() {
        let envelope: Envelope<T> = answer.json()?;
        return Ok(Ok(Envelope { unclear: answer.unclear(), ..envelope }));
    }
    if head.success {
        return Err(answer.unclear());
    }
    let no = No {
        status: answer.status,
        codes: head.errors.iter().filter_map(|fault| fault.code.as_u64()).collect(),
        words: head
            .errors
            .iter()
            .filter_map(|fault| fault.message.as_str())
            .collect::<Vec<_>>()
            .join("; ")
            .to_lowercase(),
    };
    if answer.is_success() {
        tracing::warn!(status = no.status, codes = ?no.codes, "Cloudflare said no under a status that says yes");
    }
    Ok(Err(no))
}

/// What an answer means. A 403 in the vendor's envelope is its word about a permission, which the adapter names.
pub(super) fn meaning(answer: &Answer) -> Meaning {
    let codes: Vec<_> = match envelope(answer) {
        Some(head) if !head.success => head.errors.iter().filter_map(|fault| fault.code.as_u64()).collect(),
        Some(_) | None => vec![],
    };
    match (by_status(answer), codes.as_slice()) {
        (_, codes) if codes.contains(&TOO_OFTEN) => Meaning::Limited(None),
        (Meaning::Clear | Meaning::Forbidden, codes) if codes.iter().any(|code| NO_TOKEN.contains(code)) => {
            Meaning::Unauthorized
        }
        (Meaning::Forbidden, [_, ..]) => Meaning::Clear,
        (meaning, _) => meaning,
    }
}

fn envelope(answer: &Answer) -> Option<Envelope<IgnoredAny>> {
    serde_json::from_str(&answer.text()).ok()
}

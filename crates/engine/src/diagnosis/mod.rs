//! Finds out which mistake was made when a webhook's signature does not fit.
//!
//! Whoever cannot verify a webhook has made one of a few mistakes. Each leaves a trace: some other key, body or
//! message fits the signature. So all of them are tried, and the combination with the fewest mistakes is told.

mod forms;
mod rewritten;
mod scheme;

use model::clock::Time;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use self::scheme::{PEEKER, STANDARD};

/// A webhook as it was received.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Its headers; case does not matter.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    fn body_id(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body["id"].as_str().map(str::to_owned)
    }
}

/// Something that was found, with a code for scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is; append-only.
    pub code: &'static str,
    /// The same in words, with what to do.
    pub message: String,
}

fn finding(code: &'static str, message: impl Into<String>) -> Finding {
    Finding { code, message: message.into() }
}

/// What was found out about one header family.
#[derive(Clone, Debug, Serialize)]
pub struct SchemeReport {
    /// The header that carries the signature.
    pub header: &'static str,
    /// Whether it was made with the secret over the body.
    pub good: bool,
    /// What is wrong with it.
    pub mistakes: Vec<Finding>,
    /// What a right header would be, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What the usual mistakes would make of it, when it is good: to compare with what other code makes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistaken: Vec<Mistaken>,
}

/// What a mistake would make of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistaken {
    /// The mistake; append-only.
    pub code: &'static str,
    /// How it would be made.
    pub how: &'static str,
    /// The header that it would give.
    pub value: String,
}

/// What was found out.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// Whether every signature that is there fits.
    pub good: bool,
    /// Whether the timestamp is as near as the tolerance demands.
    pub fresh: bool,
    /// Each header family that is there.
    pub schemes: Vec<SchemeReport>,
    /// What is worth knowing though it is no mistake.
    pub notes: Vec<Finding>,
}

/// Checks a webhook with one or more secrets at a server time, which may be some seconds away from its timestamp.
#[must_use]
pub fn diagnose(received: &Received, secrets: &[SecretString], now: Time, tolerance: i64) -> Diagnosis {
    let present: Vec<_> =
        [&PEEKER, &STANDARD].into_iter().filter(|scheme| received.header(scheme.header).is_some()).collect();
    let mut notes = notes(received, now, tolerance);
    let fresh = !notes.iter().any(|note| ["timestamp_old", "timestamp_ahead"].contains(&note.code));
    if present.is_empty() {
        let words = "There is neither a Peeker-Signature nor a webhook-signature header. Pass on all headers of the request; some frameworks and proxies drop those they do not know.";
        let mistakes = vec![finding("header_missing", words)];
        let report = SchemeReport { header: PEEKER.header, good: false, mistakes, expected: None, mistaken: vec![] };
        return Diagnosis { good: false, fresh, schemes: vec![report], notes };
    }
    let mut schemes = vec![];
    for scheme in present {
        let (report, more) = scheme.check(received, secrets);
        schemes.push(report);
        notes.extend(more.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>());
    }
    Diagnosis { good: schemes.iter().all(|scheme| scheme.good), fresh, schemes, notes }
}

/// What can be seen without any secret.
fn notes(received: &Received, now: Time, tolerance: i64) -> Vec<Finding> {
    let mut notes = vec![];
    let seconds = [PEEKER.timestamp, STANDARD.timestamp].into_iter().find_map(|name| received.header(name));
    if let Some(age) = seconds.and_then(|text| text.parse::<i64>().ok()).map(|then| now.seconds().saturating_sub(then))
    {
        let limit = format!("a receiver should refuse what is more than {} away from its clock", span(tolerance));
        if age > tolerance {
            notes.push(finding("timestamp_old", format!("The timestamp is {} old; {limit}.", span(age))));
        } else if age < -tolerance {
            let words =
                format!("The timestamp is {} ahead of this machine's clock; {limit}.", span(age.saturating_neg()));
            notes.push(finding("timestamp_ahead", words));
        }
    }
    let told = ["peeker-event-id", "webhook-id"].into_iter().find_map(|name| received.header(name));
    if let (Some(told), Some(id)) = (told, received.body_id())
        && told != id
    {
        let words = format!("The headers are those of event {told}, the body is that of {id}: they were mixed up.");
        notes.push(finding("other_event", words));
    }
    notes
}

fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;

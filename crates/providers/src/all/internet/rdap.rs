//! What a registry says of a name (RDAP: RFC 9082, RFC 9083). Whom to ask stands in a list that IANA keeps (RFC 9224).
//!
//! Whoever does not answer, or not as was to be expected, has said nothing: what cannot be known keeps nobody.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use model::domain::{DomainName, RegistryStatus};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use crate::egress::{Egress, Limits, Reply, Trust};

/// The end of one exchange.
const EXCHANGE: Duration = Duration::from_secs(8);
/// The most that is read of the list, and of an answer, in bytes: several times what they have.
const LIST: usize = 1 << 20;
const ANSWER: usize = 1 << 18;
/// How long the list is kept: as IANA's own answers say.
const KEPT: Duration = Duration::from_secs(86_400);
/// How long nobody asks again whoever did not answer: many names at once would wait for each other otherwise.
const AFTER_A_FAILURE: Duration = Duration::from_secs(60);
/// As many are asked at once: registries count by address, and publish no limits.
const AT_ONCE: usize = 2;
/// The longest that a registry is left alone that wants to be, in seconds, before it is asked once more.
const PAUSE: u64 = 5;

/// Asks registries.
pub(super) struct Rdap {
    /// Where the list is.
    pub(super) list: String,
    pub(super) egress: Egress,
    pub(super) trust: Trust,
    kept: Mutex<Option<(Arc<Services>, Instant)>>,
    places: Semaphore,
    /// Who did not answer, and until when they are left alone.
    silent: std::sync::Mutex<HashMap<String, Instant>>,
}

/// The list: endings of names, and who says something of names below them (RFC 9224 §3).
#[derive(Default, Deserialize)]
struct Services {
    services: Vec<(Vec<String>, Vec<String>)>,
}

/// What is read of an answer (RFC 9083 §5.3).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Domain {
    object_class_name: String,
    ldh_name: String,
    #[serde(default)]
    status: Vec<String>,
}

impl Rdap {
    pub(super) fn new(list: String, egress: Egress, trust: Trust) -> Self {
        let (kept, silent) = Default::default();
        Self { list, egress, trust, kept, places: Semaphore::new(AT_ONCE), silent }
    }

    /// What the name's registry says that keeps it from other nameservers; `None` where that cannot be known.
    pub(super) async fn statuses(&self, name: &DomainName) -> Option<Vec<RegistryStatus>> {
        let services = self.services().await;
        for base in services.of(name.as_str()) {
            let url = format!("{}/domain/{name}", base.trim_end_matches('/'));
            if let Some(said) = self.ask::<Domain>(base, &url, ANSWER).await.filter(|said| said.is_about(name)) {
                return Some(said.status.iter().filter_map(|text| RegistryStatus::read(text)).collect());
            }
        }
        None
    }

    /// The list, which is fetched by whoever is first.
    async fn services(&self) -> Arc<Services> {
        let mut kept = self.kept.lock().await;
        if let Some((services, until)) = &*kept
            && *until > Instant::now()
        {
            return services.clone();
        }
        let fetched = self.ask::<Services>(&self.list, &self.list, LIST).await.map(Arc::new);
        let keep = if fetched.is_some() { KEPT } else { AFTER_A_FAILURE };
        let old = kept.take().map(|(services, _)| services);
        let services = fetched.or(old).unwrap_or_default();
        *kept = Some((services.clone(), Instant::now() + keep));
        services
    }

    /// What somebody says at an address of theirs, where it can be read.
    async fn ask<T: DeserializeOwned>(&self, whom: &str, url: &str, bytes: usize) -> Option<T> {
        let _place = self.places.acquire().await.ok()?;
        if self.silent().get(whom).is_some_and(|until| *until > Instant::now()) {
            return None;
        }
        let Some(reply) = self.answer(url, bytes).await else {
            self.silent().insert(whom.to_owned(), Instant::now() + AFTER_A_FAILURE);
            return None;
        };
        let read = (reply.status == 200 && reply.complete).then(|| serde_json::from_slice(&reply.body).ok());
        if !matches!(read, Some(Some(_))) {
            tracing::info!(url, status = reply.status, "RDAP has no answer that can be read");
        }
        read.flatten()
    }

    fn silent(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer, be it at the second time of asking; `None` when there is none.
    async fn answer(&self, url: &str, bytes: usize) -> Option<Reply> {
        let first = self.get(url, bytes).await?;
        if !is_busy(&first) {
            return Some(first);
        }
        tokio::time::sleep(pause(&first)).await;
        self.get(url, bytes).await.filter(|second| !is_busy(second))
    }

    async fn get(&self, url: &str, bytes: usize) -> Option<Reply> {
        let limits = Limits { bytes, timeout: EXCHANGE, trust: self.trust };
        let reply = self.egress.get(url, limits).await;
        reply.inspect_err(|error| tracing::info!(url, %error, "RDAP does not answer")).ok()
    }
}

const fn is_busy(reply: &Reply) -> bool {
    matches!(reply.status, 429 | 503)
}

/// How long the other side is left alone: as long as it wants, and not for ever. A date of its clock is not read.
fn pause(reply: &Reply) -> Duration {
    let wanted = match reply.retry_after {
        Some(crate::egress::RetryAfter::Seconds(seconds)) => seconds,
        _ => 1,
    };
    Duration::from_secs(wanted.min(PAUSE))
}

impl Services {
    /// Who is asked about a name: those of the longest ending that it has (RFC 9224 §4), the safe ones first.
    fn of(&self, name: &str) -> Vec<&str> {
        let fits = |ending: &String| {
            let above = name.len().checked_sub(ending.len()).filter(|at| *at > 0 && name.is_char_boundary(*at));
            above.is_some_and(|at| name[at..].eq_ignore_ascii_case(ending) && name[..at].ends_with('.'))
        };
        let length = |endings: &[String]| endings.iter().filter(|ending| fits(ending)).map(String::len).max();
        let fitting = self.services.iter().filter_map(|(endings, bases)| Some((length(endings)?, bases)));
        let Some((_, bases)) = fitting.max_by_key(|(length, _)| *length) else { return vec![] };
        let mut bases: Vec<_> = bases.iter().map(String::as_str).collect();
        bases.sort_by_key(|base| !base.starts_with("https:"));
        bases
    }
}

impl Domain {
    fn is_about(&self, name: &DomainName) -> bool {
        self.object_class_name == "domain" && self.ldh_name.trim_end_matches('.').eq_ignore_ascii_case(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9224 §4, shortened.
    const LIST: &str = r#"{"version": "1.0", "publication": "2024-01-07T10:11:12Z", "description": "Some text",
        "services": [[["net", "com"], ["https://registry.example.com/myrdap/"]],
                     [["org", "mytld"], ["http://example.org/", "https://example.org/"]],
                     [["xn--zckzah"], ["https://example.net/rdap/xn--zckzah/"]],
                     [["co.mytld"], ["https://longer.example/"]]]}"#;

    #[test]
    fn the_longest_ending_decides_who_is_asked_and_the_safe_address_is_first() {
        let list: Services = serde_json::from_str(LIST).unwrap();
        assert_eq!(list.of("acme.com"), ["https://registry.example.com/myrdap/"]);
        assert_eq!(list.of("acme.mytld"), ["https://example.org/", "http://example.org/"]);
        assert_eq!(list.of("acme.co.mytld"), ["https://longer.example/"]);
        for nobody in ["acme.de", "notcom", "com", "acme.xcom", ""] {
            assert!(list.of(nobody).is_empty(), "{nobody}");
        }
    }
}

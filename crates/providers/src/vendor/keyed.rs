//! One vendor, many keys: the clients of an account whose calls bring keys that are not the operator's.
//!
//! What a vendor limits, it limits for a key. Each has a client of its own, so that one that is used up, refused or slow to be
//! answered keeps nobody else waiting, and nothing that is said of one shows the secret of another.

use std::fmt;
use std::sync::{Arc, Mutex};

use model::clock::{Clock, HOUR, MINUTE, Time};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::settings::{Auth, SettingsFault, VendorSettings};
use super::{Vendor, locked};
use crate::egress::Egress;

/// How long a key is known after it was used last, in microseconds: no limit that vendors have published looks back further.
const KNOWN: i64 = HOUR + MINUTE;

/// Clients by their keys, and what is kept beside each for as long as it is known.
pub struct Keyed<K = ()> {
    settings: VendorSettings,
    base: Url,
    auth: fn(SecretString) -> Auth,
    egress: Egress,
    clock: Arc<dyn Clock>,
    known: Mutex<Vec<Known<K>>>,
}

struct Known<K> {
    key: SecretString,
    client: Arc<Vendor>,
    kept: Arc<K>,
    used: Time,
}

impl<K: Default> Keyed<K> {
    /// Clients as these settings say, each of which is known to the vendor by its key and `auth`.
    ///
    /// # Errors
    /// What of the settings will not do, in words for the operator.
    pub fn new(
        settings: VendorSettings,
        auth: fn(SecretString) -> Auth,
        egress: Egress,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingsFault> {
        let base = settings.base()?;
        Ok(Self { settings, base, auth, egress, clock, known: Mutex::default() })
    }

    /// The client of a key: the same one for as long as its use may count.
    #[must_use]
    pub fn with(&self, key: &SecretString) -> Arc<Vendor> {
        self.with_kept(key).0
    }

    /// The same, and what is kept beside it.
    pub(crate) fn with_kept(&self, key: &SecretString) -> (Arc<Vendor>, Arc<K>) {
        self.known_as(key, || (self.auth)(key.clone()))
    }

    /// The client of whoever has no key.
    #[must_use]
    pub fn without(&self) -> Arc<Vendor> {
        self.known_as(&SecretString::default(), || Auth::Nobody).0
    }

    fn known_as(&self, key: &SecretString, auth: impl FnOnce() -> Auth) -> (Arc<Vendor>, Arc<K>) {
        let now = self.clock.now();
        let mut known = locked(&self.known);
        if let Some(one) = known.iter_mut().find(|one| one.key.expose_secret() == key.expose_secret()) {
            one.used = now;
            return (one.client.clone(), one.kept.clone());
        }
        known.retain(|one| now.0 - one.used.0 < KNOWN || Arc::strong_count(&one.client) > 1);
        let client = Arc::new(self.made(auth()));
        let kept = Arc::<K>::default();
        known.push(Known { key: key.clone(), client: client.clone(), kept: kept.clone(), used: now });
        (client, kept)
    }

    /// The account's name in the configuration.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.settings.account
    }

    /// How often each key may be used, in words for the operator.
    pub(crate) fn limits(&self) -> Vec<String> {
        self.without().limits()
    }

    fn made(&self, auth: Auth) -> Vendor {
        let settings = VendorSettings { auth, ..self.settings.clone() };
        Vendor::at(self.base.clone(), settings, self.egress.clone(), self.clock.clone())
    }
}

/// Keys are not shown, but how many there are.
impl<K> fmt::Debug for Keyed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("settings", &self.settings).field("known", &locked(&self.known).len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::clock::HandClock;

    use super::*;
    use crate::vendor::{Method, Pace, Request};

    fn keyed(clock: Arc<HandClock>) -> Keyed {
        let settings = VendorSettings {
            paces: vec![Pace::of_all(1, Duration::from_secs(3_600))],
            patience: Duration::ZERO,
            ..VendorSettings::new("main", "http://127.0.0.1:1", Auth::Nobody)
        };
        let auth = |key| Auth::Query(vec![("api_key", key)]);
        Keyed::new(settings, auth, Egress::new(false).unwrap(), clock).unwrap()
    }

    #[test]
    fn a_key_keeps_its_client_while_its_use_counts_and_no_longer() {
        let clock = HandClock::at(Time(0));
        let keyed = keyed(clock.clone());
        let first = Arc::downgrade(&keyed.with(&"one".into()));
        assert!(!Arc::ptr_eq(&keyed.with(&"one".into()), &keyed.with(&"two".into())));
        clock.advance(HOUR - 1);
        assert!(std::ptr::eq(first.as_ptr(), Arc::as_ptr(&keyed.with(&"one".into()))));
        clock.advance(2 * MINUTE);
        let _ = keyed.with(&"three".into());
        assert_eq!(locked(&keyed.known).len(), 2, "the one that was used lately and the new one");
        clock.advance(KNOWN);
        let held = keyed.with(&"four".into());
        clock.advance(KNOWN);
        let _ = keyed.with(&"five".into());
        assert!(first.upgrade().is_none() && Arc::ptr_eq(&held, &keyed.with(&"four".into())), "whoever asks keeps it");
    }

    #[tokio::test]
    async fn a_key_that_is_used_up_keeps_no_other_waiting() {
        let keyed = keyed(HandClock::at(Time(0)));
        let ask = async |key: &str| keyed.with(&key.into()).call(Request::new("look", Method::Get, &["a"])).await;
        // Nobody listens there: what was sent is told apart from what was held back by the time it names.
        assert_eq!(ask("one").await.unwrap_err(), crate::trouble::Trouble::Later(None));
        assert!(matches!(ask("one").await.unwrap_err(), crate::trouble::Trouble::Later(Some(_))));
        assert_eq!(ask("two").await.unwrap_err(), crate::trouble::Trouble::Later(None));
    }

    #[test]
    fn keys_are_not_shown() {
        let keyed = keyed(HandClock::at(Time(0)));
        let _ = keyed.with(&"hush-4711".into());
        let shown = format!("{keyed:?} {:?}", keyed.with(&"hush-4711".into()));
        assert!(shown.contains("known: 1") && !shown.contains("hush"), "{shown}");
    }
}

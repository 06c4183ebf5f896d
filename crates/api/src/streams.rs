//! Answers that go on for as long as the caller listens: how many each key has open, and when they end.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::id::KeyId;
use model::refusal::{Code, Fault};
use tokio_util::sync::CancellationToken;

/// The most streams that one key may have open, in each process.
pub(crate) const MOST_PER_KEY: usize = 16;

/// After how many seconds a caller that has too many may look again.
const LOOK_AGAIN: u64 = 10;

/// The streams that are open.
#[derive(Clone)]
pub struct Streams {
    stop: CancellationToken,
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
}

impl Streams {
    /// No streams yet. All end when `stop` is cancelled, so that a server can stop while somebody listens.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, open: Arc::default() }
    }

    /// A place for one more stream of a key.
    ///
    /// # Errors
    /// `rate_limited` when it has as many as it may have.
    pub(crate) fn enter(&self, key: &KeyId) -> Result<Place, Fault> {
        let mut open = self.lock();
        let count = open.entry(key.clone()).or_default();
        if *count >= MOST_PER_KEY {
            let message = format!("This key has {MOST_PER_KEY} streams open, which is the most. Close one first.");
            return Err(Fault::new(Code::RateLimited, message).with("retry_after_seconds", LOOK_AGAIN));
        }
        *count += 1;
        Ok(Place { streams: self.clone(), key: key.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streams")
    }
}

/// The place of one stream, given back when it is dropped.
pub(crate) struct Place {
    streams: Streams,
    key: KeyId,
}

impl Place {
    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        self.streams.stop.cancelled().await;
    }

    /// Whether it does.
    pub(crate) fn is_stopped(&self) -> bool {
        self.streams.stop.is_cancelled()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::id::Id as _;

    use super::*;

    #[test]
    fn places_are_counted_for_each_key_and_given_back() {
        let streams = Streams::new(CancellationToken::new());
        let (one, other) = (KeyId::opaque("key_1"), KeyId::opaque("key_2"));
        let mut places: Vec<_> = (0..MOST_PER_KEY).map(|_| streams.enter(&one).unwrap()).collect();
        assert_eq!(streams.enter(&one).err().unwrap().code, Code::RateLimited);
        assert!(streams.enter(&other).is_ok());
        places.pop();
        assert!(streams.enter(&one).is_ok());
        drop(places);
        assert!(streams.lock().is_empty());
    }
}

//! Tells other processes on PostgreSQL that something is due, and wakes the workers of this one when they say so. Workers look by
//! themselves every second as well: what is lost here costs that, and is told once.

use std::sync::Arc;
use std::time::Duration;

use engine::Wake;
use store::nudges::{self, Ear};
use store::{Backend, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// How soon a process may say the same again: a flood of orders is one word.
const GAP: Duration = Duration::from_millis(5);

/// How soon a connection to hear with is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// After so long without a word there is a new connection: one that a machine between has forgotten is never told so.
const SILENCE: Duration = Duration::from_secs(60);

/// What goes from process to process.
pub struct Nudging {
    /// The database's address.
    pub url: String,
    /// The same, open.
    pub store: Store,
    /// Wakes the workers of this process, and says what others are told.
    pub wake: Arc<Wake>,
    /// What this process calls itself, and nobody else: it does not listen to itself.
    pub name: String,
    /// Ends it.
    pub stop: CancellationToken,
}

impl Nudging {
    /// Says and hears until it is told to stop; who has no workers only says.
    pub async fn run(&self, works: bool) {
        if self.store.backend() != Backend::Postgres {
            return;
        }
        let hearing = async {
            if works {
                self.hear().await;
            }
        };
        let both = async { tokio::join!(self.say(), hearing) };
        tokio::select! {
            () = self.stop.cancelled() => {}
            _ = both => {}
        }
    }

    async fn say(&self) {
        let mut is_silent = false;
        loop {
            self.wake.said().await;
            let said = nudges::say(&self.store, &self.name).await;
            if let Err(error) = &said
                && !is_silent
            {
                tracing::warn!(%error, "other processes cannot be told that something is due; they look every second");
            }
            is_silent = said.is_err();
            tokio::time::sleep(GAP).await;
        }
    }

    async fn hear(&self) {
        let mut is_deaf = false;
        loop {
            let heard = match Ear::open(&self.url).await {
                Ok(mut ear) => {
                    is_deaf = false;
                    listen(&self.wake, &self.name, &mut ear).await
                }
                Err(error) => Err(error),
            };
            let Err(error) = heard else { continue };
            if !is_deaf {
                tracing::warn!(%error, "other processes cannot be heard; this one looks every second");
            }
            is_deaf = true;
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Whoever hears what other processes say.
trait Hears: Send {
    /// The next word: who says it.
    fn hear(&mut self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
}

impl Hears for Ear {
    async fn hear(&mut self) -> Result<Option<String>, StoreError> {
        Self::hear(self).await
    }
}

/// Listens until it has been silent for long: then nobody knows whether the connection is still one. What `own` says is not heard.
async fn listen(wake: &Wake, own: &str, ear: &mut impl Hears) -> Result<(), StoreError> {
    // Whatever was said before anybody listened.
    wake.heard();
    while let Ok(heard) = tokio::time::timeout(SILENCE, ear.hear()).await {
        if heard?.as_deref() != Some(own) {
            wake.heard();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use futures_util::FutureExt as _;
    use tokio::sync::futures::Notified;

    use super::*;

    /// Hears some words, and nothing afterwards; counts how often the lanes were woken.
    struct Words<'a> {
        left: &'a [&'a str],
        wake: &'a Wake,
        lane: Pin<Box<Notified<'a>>>,
        woken: usize,
    }

    impl Hears for Words<'_> {
        async fn hear(&mut self) -> Result<Option<String>, StoreError> {
            if self.lane.as_mut().now_or_never().is_some() {
                self.woken += 1;
                self.lane.set(self.wake.woken());
                self.lane.as_mut().enable();
            }
            match self.left {
                [word, left @ ..] => {
                    self.left = left;
                    Ok(Some((*word).to_owned()))
                }
                [] => std::future::pending().await,
            }
        }
    }

    async fn woken_by(words: &[&str]) -> usize {
        let wake = Wake::default();
        let mut lane = Box::pin(wake.woken());
        lane.as_mut().enable();
        let mut ear = Words { left: words, wake: &wake, lane, woken: 0 };
        listen(&wake, "us", &mut ear).await.unwrap();
        ear.woken
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_heard_nothing_for_long_listens_anew() {
        let began = tokio::time::Instant::now();
        assert_eq!(woken_by(&[]).await, 1, "what was said before anybody listened");
        assert_eq!(began.elapsed(), SILENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn others_are_heard_and_one_does_not_hear_itself() {
        assert_eq!(woken_by(&["them", "us", "them"]).await, 3);
    }
}

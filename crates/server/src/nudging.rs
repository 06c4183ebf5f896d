//! Tells other processes on PostgreSQL that something is due, and wakes the workers of this one when they say so. Workers look by
//! themselves every second as well: what is lost here costs that, and is told once.

use std::sync::Arc;
use std::time::Duration;

use engine::Wake;
use store::nudges::{self, Ear};
use store::{Backend, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// How soon a process may say the same again: a flood of orders is one word.
const GAP: Duration = Duration::from_millis(2);

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
                Ok(ear) => {
                    is_deaf = false;
                    self.listen(ear).await
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

    /// Listens until it has been silent for long: then nobody knows whether the connection is still one.
    async fn listen(&self, mut ear: Ear) -> Result<(), StoreError> {
        // Whatever was said before anybody listened.
        self.wake.heard();
        while let Ok(heard) = tokio::time::timeout(SILENCE, ear.hear()).await {
            if heard?.as_deref() != Some(self.name.as_str()) {
                self.wake.heard();
            }
        }
        Ok(())
    }
}

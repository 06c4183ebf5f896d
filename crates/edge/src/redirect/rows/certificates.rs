//! Certificates from the rows that keep them.

use std::error::Error;

use store::{Store, StoreError, acme};
use tokio::sync::Mutex;

use super::super::{Changes, Kept, Source};

/// Certificates of one authority, from our rows.
pub struct CertificateRows {
    store: Store,
    directory: String,
    reading: Mutex<Reading>,
}

/// How far the first reading of all certificates has come: marks may begin anew, and hide nothing of what there is.
#[derive(Default)]
struct Reading {
    /// The last host that was read.
    after: String,
    /// Since when what is new is to be looked for.
    mark: Option<i64>,
}

impl CertificateRows {
    /// Those of the authority with this directory.
    #[must_use]
    pub fn new(store: Store, directory: impl Into<String>) -> Self {
        Self { store, directory: directory.into(), reading: Mutex::default() }
    }

    /// The next piece of all there are; the mark comes with the last one.
    async fn next(&self) -> Result<acme::Changed, StoreError> {
        let mut reading = self.reading.lock().await;
        let mut db = self.store.read().await?;
        let found = acme::all(&mut db, &self.directory, &reading.after).await?;
        let mark = *reading.mark.get_or_insert(found.mark);
        match found.kept.last().filter(|_| found.has_more) {
            Some(last) => reading.after.clone_from(&last.host),
            None => *reading = Reading::default(),
        }
        Ok(acme::Changed { mark: if found.has_more { 0 } else { mark }, ..found })
    }
}

impl Source<Kept> for CertificateRows {
    async fn changes(&self, since: i64) -> Result<Changes<Kept>, Box<dyn Error + Send + Sync>> {
        let changed = match since {
            0 => self.next().await?,
            since => acme::changed(&mut self.store.read().await?, &self.directory, since).await?,
        };
        let put = changed.kept.into_iter().filter_map(shown).collect();
        Ok(Changes { mark: changed.mark, put, has_more: changed.has_more, ..Changes::default() })
    }
}

fn shown(kept: acme::Kept) -> Option<Kept> {
    let acme::Kept { host, chain, key } = kept;
    if key.is_none() {
        tracing::error!(host, "the key of a certificate was sealed with another master key: it cannot be shown");
    }
    key.map(|key| Kept { host, chain, key })
}

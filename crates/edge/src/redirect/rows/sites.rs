//! Sites from the rows that say where they lead.

use std::error::Error;
use std::sync::atomic::{AtomicI64, Ordering};

use model::redirect::{Site, Status};
use store::sites::{self, Led};
use store::zones::{self, Served};
use store::{Store, StoreError};

use super::super::{Changes, Source};

/// How all sites lead on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How that is said.
    pub status: Status,
    /// Whether the path and the query that somebody asked for go along.
    pub keeps_path: bool,
    /// For how many seconds browsers are told to come over HTTPS only; `None`: they are told nothing.
    pub hsts: Option<u32>,
}

/// Sites from our rows.
pub struct SiteRows {
    store: Store,
    which: Served,
    manner: Manner,
    /// How many resets of sandboxes there had been at the last look.
    resets: AtomicI64,
}

impl SiteRows {
    /// Those rows, led on in this manner.
    #[must_use]
    pub const fn new(store: Store, which: Served, manner: Manner) -> Self {
        Self { store, which, manner, resets: AtomicI64::new(0) }
    }

    /// All there is, or what has changed since.
    async fn read(&self, since: i64) -> Result<(sites::Changed, bool), StoreError> {
        let mut db = self.store.read().await?;
        let mut is_whole = since == 0;
        if self.which == Served::Sandbox {
            let resets = zones::resets(&mut db).await?;
            is_whole |= self.resets.swap(resets, Ordering::Relaxed) != resets;
        }
        let changed = if is_whole {
            sites::all(&mut db, &self.which).await?
        } else {
            sites::changed(&mut db, &self.which, since).await?
        };
        Ok((changed, is_whole))
    }

    fn site(&self, led: Led) -> Site {
        let Manner { status, keeps_path, hsts } = self.manner;
        Site { host: led.name.as_str().to_owned(), target: led.target, status, keeps_path, hsts }
    }
}

impl Source<Site> for SiteRows {
    async fn changes(&self, since: i64) -> Result<Changes<Site>, Box<dyn Error + Send + Sync>> {
        let (changed, is_whole) = self.read(since).await?;
        Ok(Changes {
            mark: changed.mark,
            put: changed.sites.into_iter().map(|led| self.site(led)).collect(),
            removed: changed.removed.iter().map(|name| name.as_str().to_owned()).collect(),
            is_whole,
            has_more: false,
        })
    }
}

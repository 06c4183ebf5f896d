//! Zones from the rows that say how they should be.

use std::error::Error;
use std::sync::atomic::{AtomicI64, Ordering};

use model::dns::{HostedZone, Soa, Zone};
use store::zones::{self, Served};
use store::{Store, StoreError};

use super::{Changes, Source};

/// How long secondaries may wait, and how long everybody may keep what they have heard, in seconds: usual middles (RFC 1912
/// §2.2), and short about what is not there, for a domain's records come one after the other.
const SOA: (u32, u32, u32, u32, u32) = (3600, 600, 1_209_600, 300, 3600);

/// Zones from our rows.
pub struct Rows {
    store: Store,
    which: Served,
    hostmaster: Option<String>,
    /// How many resets of sandboxes there had been at the last look.
    resets: AtomicI64,
}

impl Rows {
    /// Those rows, with whom to write to about their zones, as a name (`hostmaster.example.com`); without one it is
    /// `hostmaster` in each zone.
    #[must_use]
    pub const fn new(store: Store, which: Served, hostmaster: Option<String>) -> Self {
        Self { store, which, hostmaster, resets: AtomicI64::new(0) }
    }

    /// All there is, or what has changed since.
    async fn read(&self, since: i64) -> Result<(zones::Changed, bool), StoreError> {
        let mut db = self.store.read().await?;
        let (mut is_whole, mut seen) = (since == 0, 0);
        if self.which == Served::Sandbox {
            let resets = zones::resets(&mut db).await?;
            is_whole |= self.resets.load(Ordering::Relaxed) != resets;
            seen = resets;
        }
        let changed = if is_whole {
            zones::all(&mut db, &self.which).await?
        } else {
            zones::changed(&mut db, &self.which, since).await?
        };
        // Not before: a look that failed has shown nothing.
        self.resets.store(seen, Ordering::Relaxed);
        Ok((changed, is_whole))
    }

    fn served(&self, zone: &HostedZone) -> Zone {
        let own = || format!("hostmaster.{}", zone.name.as_str());
        let (refresh, retry, expire, minimum, ttl) = SOA;
        let contact = self.hostmaster.clone().unwrap_or_else(own);
        zone.served(Soa { contact, refresh, retry, expire, minimum, ttl })
    }
}

impl Source for Rows {
    async fn changes(&self, since: i64) -> Result<Changes, Box<dyn Error + Send + Sync>> {
        let (changed, is_whole) = self.read(since).await?;
        Ok(Changes {
            mark: changed.mark,
            zones: changed.zones.iter().map(|zone| self.served(zone)).collect(),
            removed: changed.removed.iter().map(|name| name.as_str().to_owned()).collect(),
            is_whole,
            has_more: false,
        })
    }
}

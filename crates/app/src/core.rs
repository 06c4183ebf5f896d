//! What use cases work with.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use model::clock::Clock;
use model::id::{Ids, PartnerId};
use model::order::Rules;
use store::Store;

use crate::catalog::Catalog;
use crate::consents::Consents;
use crate::live::Live;

/// The parts that use cases work with. The server fills it in.
pub struct Core {
    /// Where everything is remembered.
    pub store: Store,
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// Makes every id.
    pub ids: Ids,
    /// Looks at names outside.
    pub catalog: Catalog,
    /// Where owners of inboxes let sequencers in.
    pub consents: Consents,
    /// Tells the workers that there is something to do.
    pub wake: Wake,
    /// What the operator's configuration says about orders.
    pub rules: Rules,
    /// What live keys can do here.
    pub live: Live,
    /// The partners whose sandbox is at vendors' own ones: its clock is theirs, and it cannot begin anew.
    pub vendor_sandboxes: BTreeSet<PartnerId>,
}

/// Tells the workers that there is something to do. Losing it only costs a moment.
#[derive(Clone)]
pub struct Wake(Arc<dyn Fn() + Send + Sync>);

impl Wake {
    /// A wake that calls `nudge`.
    pub fn new(nudge: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(nudge))
    }

    /// Says it.
    pub fn nudge(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}

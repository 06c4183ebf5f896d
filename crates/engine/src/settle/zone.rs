//! Around the zone of a domain: its row.

use model::change::Change;
use model::run::{Moved, Try, Zoning, zone};
use store::{Db, StoreError, zones};

use crate::parts::Parts;

pub(super) async fn effects(db: &mut Db, parts: &Parts, tried: &Try<'_>, moved: &Moved) -> Result<Change, StoreError> {
    if !moved.concerns_zone(tried) {
        return Ok(Change::default());
    }
    let mut facts = Zoning { zone: zones::of_domain(db, &moved.domain.id).await?, last_serial: None };
    if facts.zone.is_none() {
        facts.last_serial = zones::last_serial(db, &moved.domain.world, &moved.domain.name).await?;
    }
    Ok(zone(&facts, tried, moved, &parts.ids))
}

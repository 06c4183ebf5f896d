//! The time of a request that writes a timer.

use model::clock::Now;
use model::world::Scope;
use store::{StoreError, Tx, partners};

/// The request's time by the clock of its world as it stands, and stays until the commit: nobody moves the
/// clock between the decision and its timers.
pub(crate) async fn held(tx: &mut Tx, scope: &Scope, now: Now) -> Result<Now, StoreError> {
    let offset = partners::offset_of(tx, &scope.partner, &scope.world).await?;
    Ok(Now { server: now.server, offset })
}

//! Bundles.

use model::bundle::{Bundle, BundleStatus, Terms};
use model::clock::Time;
use model::id::BundleId;
use model::world::{Scope, World};

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::StoreError;
use crate::page::Page;
use crate::record::{Record, select};
use crate::table::table;

table! {
    Bundle as bundle in "bundles"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
    }
    changing {
        name: String = bundle.terms.name,
        monthly_sending_volume: i64 = bundle.terms.monthly_sending_volume,
        google_percent: Option<i64> = bundle.terms.google_percent,
        send_on_weekends: bool = bundle.terms.send_on_weekends,
        google_inboxes_per_domain: i64 = bundle.terms.google_inboxes_per_domain,
        status: Name,
    }
    read {
        terms: Terms { name, monthly_sending_volume, google_percent, send_on_weekends, google_inboxes_per_domain },
    }
}

/// A bundle by id.
pub async fn get(db: &mut Db, scope: &Scope, id: &BundleId) -> Result<Option<Bundle>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// A bundle by id, held against changes until the commit: an order is being placed with it, or it
/// is about to be changed.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &BundleId) -> Result<Option<Bundle>, StoreError> {
    let rest = format!("WHERE id = $1 AND partner = $2 AND world = $3{}", tx.backend().for_update());
    let row = tx.one(select::<Bundle>(&rest), args![id, &scope.partner, scope.world.as_str()]).await?;
    row.map(|row| Bundle::read(&mut Cells::new(Bundle::TABLE, &row))).transpose()
}

/// Whether an order was ever placed with it.
pub async fn is_used(db: &mut Db, scope: &Scope, id: &BundleId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM orders WHERE partner = $1 AND world = $2 AND bundle_id = $3 LIMIT 1";
    Ok(db.one(sql, args![&scope.partner, scope.world.as_str(), id]).await?.is_some())
}

/// A page of bundles, newest first.
pub async fn list(
    db: &mut Db,
    scope: &Scope,
    status: Option<BundleStatus>,
    page: &Page,
) -> Result<Vec<Bundle>, StoreError> {
    page.find(db, scope, &[("status", status.map(|status| status.as_str().to_owned()))]).await
}

//! Bundles.

use model::bundle::{Bundle, BundleStatus, Terms};
use model::id::BundleId;
use model::world::{Scope, World};

use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::page::Page;
use crate::record::{Record, select};
use crate::seal::Vault;

impl Record for Bundle {
    const TABLE: &'static str = "bundles";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "name",
        "monthly_sending_volume",
        "google_percent",
        "send_on_weekends",
        "google_inboxes_per_domain",
        "status",
        "version",
    ];
    const FIXED: usize = 4;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.terms.name.as_str(),
            self.terms.monthly_sending_volume,
            self.terms.google_percent,
            self.terms.send_on_weekends,
            self.terms.google_inboxes_per_domain,
            self.status.as_str(),
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            terms: Terms {
                name: cells.text()?,
                monthly_sending_volume: cells.int()?,
                google_percent: cells.int_or_null()?,
                send_on_weekends: cells.flag()?,
                google_inboxes_per_domain: cells.int()?,
            },
            status: cells.named(BundleStatus::parse)?,
            version: cells.int()?,
        })
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

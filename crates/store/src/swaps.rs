//! Swaps.

use model::domain::DomainName;
use model::id::{DomainId, SwapId};
use model::swap::{Swap, SwapKind, SwapStatus};
use model::world::{Scope, World};

use crate::db::{Cells, Db, Tx, Value, args, id_or_null, json};
use crate::error::StoreError;
use crate::record::{Record, select};
use crate::seal::Vault;

impl Record for Swap {
    const TABLE: &'static str = "swaps";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "kind",
        "order_id",
        "user_id",
        "domain_id",
        "inbox_id",
        "replacement_name",
        "replacement_id",
        "persona",
        "status",
        "finished_at",
        "version",
    ];
    const FIXED: usize = 10;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.kind.as_str(),
            &self.order,
            &self.user,
            &self.domain,
            id_or_null(self.inbox.as_ref()),
            self.replacement_name.as_ref().map(DomainName::as_str),
            id_or_null(self.replacement.as_ref()),
            self.persona.as_ref().map_or(Value::Text(None), json),
            self.status.as_str(),
            self.finished_at,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            kind: cells.named(SwapKind::parse)?,
            order: cells.id()?,
            user: cells.id()?,
            domain: cells.id()?,
            inbox: cells.id_or_null()?,
            replacement_name: cells.text_or_null()?.map(DomainName::stored),
            replacement: cells.id_or_null()?,
            persona: cells.json_or_null()?,
            status: cells.named(SwapStatus::parse)?,
            finished_at: cells.time_or_null()?,
            version: cells.int()?,
        })
    }
}

/// One by id, as a request sees it.
pub async fn get(db: &mut Db, scope: &Scope, id: &SwapId) -> Result<Option<Swap>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// One by id, locked until the commit.
pub async fn lock(tx: &mut Tx, id: &SwapId) -> Result<Option<Swap>, StoreError> {
    let rest = format!("WHERE id = $1{}", tx.backend().for_update());
    let row = tx.one(select::<Swap>(&rest), args![id]).await?;
    row.map(|row| Swap::read(&mut Cells::new(Swap::TABLE, &row))).transpose()
}

/// The open swap that a domain is replaced by, if there is one.
pub async fn open_of_domain(db: &mut Db, domain: &DomainId) -> Result<Option<Swap>, StoreError> {
    let rest = "WHERE domain_id = $1 AND kind <> 'user_names' AND status IN ('created', 'in_progress', 'action_required') LIMIT 1";
    db.find(rest, args![domain]).await
}

//! Pending actions.

use model::action::{Action, ActionReason};
use model::id::{ActionId, DomainId};
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args, id_or_null};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::Record;
use crate::seal::Vault;

impl Record for Action {
    const TABLE: &'static str = "actions";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "reason",
        "order_id",
        "domain_id",
        "domain_name",
        "user_id",
        "persona",
        "message",
        "open",
        "resolved_at",
        "version",
    ];
    const FIXED: usize = 11;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            self.reason.as_str(),
            id_or_null(self.order.as_ref()),
            &self.domain,
            self.domain_name.as_str(),
            id_or_null(self.user.as_ref()),
            self.persona,
            self.message.as_str(),
            self.open,
            self.resolved_at,
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            reason: cells.named(ActionReason::parse)?,
            order: cells.id_or_null()?,
            domain: cells.id()?,
            domain_name: cells.text()?,
            user: cells.id_or_null()?,
            persona: cells.int_or_null()?,
            message: cells.text()?,
            open: cells.flag()?,
            resolved_at: cells.time_or_null()?,
            version: cells.int()?,
        })
    }
}

/// What a domain waits for, if it waits for anything.
pub async fn open_of_domain(db: &mut Db, domain: &DomainId) -> Result<Option<Action>, StoreError> {
    db.find("WHERE domain_id = $1 AND open = 1", args![domain]).await
}

/// An action of a scope.
pub async fn get(db: &mut Db, scope: &Scope, id: &ActionId) -> Result<Option<Action>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// What lists of actions can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub open: bool,
    pub order: Option<String>,
    pub domain: Option<String>,
    pub user: Option<String>,
}

/// A page of actions, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Action>, StoreError> {
    let open = if filter.open { "open = 1" } else { "open = 0" };
    let narrowed = Narrowed::to(db, scope)
        .fixed(open)
        .equal("order_id", filter.order.clone())
        .equal("domain_id", filter.domain.clone())
        .equal("user_id", filter.user.clone());
    page.rows(db, narrowed).await
}

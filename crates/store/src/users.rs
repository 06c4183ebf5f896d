//! A partner's customers.

use model::clock::Time;
use model::id::{OrderId, UserId};
use model::order::UserRef;
use model::user::{User, UserStatus, fold};
use model::world::{Scope, World};
use sqlx::AssertSqlSafe;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::{Record, select};
use crate::table::table;

table! {
    User in "users"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
    }
    changing {
        email: String,
        email_folded: String,
        first_name: Option<String>,
        last_name: Option<String>,
        client_id: Option<i64>,
        status: Name,
    }
}

/// An active customer by id.
pub async fn active(db: &mut Db, scope: &Scope, id: &UserId) -> Result<Option<User>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3 AND status = 'active'";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// An active customer by address, compared as [`fold`] folds.
pub async fn active_by_email(db: &mut Db, scope: &Scope, email: &str) -> Result<Option<User>, StoreError> {
    let rest = "WHERE partner = $1 AND world = $2 AND email_folded = $3 AND status = 'active'";
    db.find(rest, args![&scope.partner, scope.world.as_str(), fold(email)]).await
}

/// A customer by id, deleted or not.
pub async fn get(db: &mut Db, scope: &Scope, id: &UserId) -> Result<Option<User>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// A customer by id, deleted or not, locked until the commit.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &UserId) -> Result<Option<User>, StoreError> {
    let rest = format!("WHERE id = $1 AND partner = $2 AND world = $3{}", tx.backend().for_update());
    let row = tx.one(select::<User>(&rest), args![id, &scope.partner, scope.world.as_str()]).await?;
    row.map(|row| User::read(&mut Cells::new(User::TABLE, &row))).transpose()
}

/// Holds the customer that an order is being placed for, so that it cannot be deleted meanwhile.
pub async fn hold(tx: &mut Tx, scope: &Scope, user: &UserRef) -> Result<(), StoreError> {
    let (column, value) = match user {
        UserRef::Id(id) => ("id", id.to_string()),
        UserRef::Email(email) => ("email_folded", fold(email)),
    };
    let sql = format!(
        "SELECT 1 FROM users WHERE partner = $1 AND world = $2 AND {column} = $3 AND status = 'active'{}",
        tx.backend().for_share()
    );
    tx.one(AssertSqlSafe(sql), args![&scope.partner, scope.world.as_str(), value]).await.map(drop)
}

/// The customer that has an address: the active one, or else the one that had it last.
pub async fn by_email(db: &mut Db, scope: &Scope, email: &str) -> Result<Option<User>, StoreError> {
    if let Some(user) = active_by_email(db, scope, email).await? {
        return Ok(Some(user));
    }
    let rest = "WHERE partner = $1 AND world = $2 AND email_folded = $3 ORDER BY id DESC LIMIT 1";
    db.find(rest, args![&scope.partner, scope.world.as_str(), fold(email)]).await
}

/// The newest order of a customer that is neither failed nor cancelled.
pub async fn live_order(db: &mut Db, scope: &Scope, id: &UserId) -> Result<Option<OrderId>, StoreError> {
    let sql = "SELECT id FROM orders WHERE partner = $1 AND world = $2 AND user_id = $3
        AND status <> 'failed' AND status <> 'cancelled' ORDER BY id DESC LIMIT 1";
    let row = db.one(sql, args![&scope.partner, scope.world.as_str(), id]).await?;
    row.map(|row| Cells::new("orders", &row).id()).transpose()
}

/// What lists of customers can be narrowed by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    /// Compared as [`fold`] folds.
    pub email: Option<String>,
    pub status: UserStatus,
}

/// A page of customers, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<User>, StoreError> {
    let narrowed = Narrowed::to(db, scope)
        .equal("email_folded", filter.email.as_deref().map(fold))
        .equal("status", Some(filter.status.as_str()));
    page.rows(db, narrowed).await
}

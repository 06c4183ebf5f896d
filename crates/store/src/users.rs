//! A partner's customers.

use model::id::UserId;
use model::user::{User, UserStatus, fold};
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::record::Record;
use crate::seal::Vault;

impl Record for User {
    const TABLE: &'static str = "users";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "email",
        "email_folded",
        "first_name",
        "last_name",
        "client_id",
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
            self.email.as_str(),
            self.email_folded.as_str(),
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.client_id,
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
            email: cells.text()?,
            email_folded: cells.text()?,
            first_name: cells.text_or_null()?,
            last_name: cells.text_or_null()?,
            client_id: cells.int_or_null()?,
            status: cells.named(UserStatus::parse)?,
            version: cells.int()?,
        })
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

//! A partner's customers.

use model::clock::Time;
use model::id::{Id as _, OrderId, UserId};
use model::order::UserRef;
use model::secret::Secret;
use model::user::{User, UserStatus, spellings};
use model::world::{Scope, World};
use secrecy::SecretString;

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Tx, Value, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::{Record, push_places, select};
use crate::seal::{Place, Vault};
use crate::table::table;

table! {
    User as (user, vault) in "users"
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
        sequencer_key: Option<String> = user.sequencer_key.as_ref().map(|key| vault.seal(key, place(user))),
        status: Name,
    }
    read {
        sequencer_key: sequencer_key.map(Secret::Sealed),
    }
}

fn place(user: &User) -> Place<'_> {
    Place { column: "users.sequencer_key", row: user.id.as_str() }
}

/// Opens the API key that a customer's orders are linked with, where there is one.
///
/// # Errors
/// When the master key is not the one that it was sealed with.
pub fn open_key(vault: &Vault, user: &User) -> Result<Option<SecretString>, StoreError> {
    user.sequencer_key.as_ref().map(|key| vault.open_secret(key, place(user))).transpose()
}

/// An active customer by id.
pub async fn active(db: &mut Db, scope: &Scope, id: &UserId) -> Result<Option<User>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3 AND status = 'active'";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// An active customer by address, compared as [`model::user::fold`] folds. Older versions may have kept two whose
/// addresses are one: each is still found by its own spelling.
pub async fn active_by_email(db: &mut Db, scope: &Scope, email: &str) -> Result<Option<User>, StoreError> {
    let spellings = spellings(email);
    let (held, values) = with_address(scope, &spellings);
    let found = db.find_all(&format!("{held} AND {}", is_active(db)), values).await?;
    Ok(likeliest(found, &spellings))
}

/// An address has few customers, a status many.
fn is_active(db: &Db) -> String {
    format!("{} = 'active'", db.backend().passed_over("status"))
}

/// Of those whose addresses are one, who has the spelling that was asked for.
fn likeliest(mut found: Vec<User>, spellings: &[String]) -> Option<User> {
    found.sort_by_key(|user| spellings.iter().position(|spelling| *spelling == user.email_folded));
    found.into_iter().next()
}

/// What a customer with one of these spellings is asked for by.
fn with_address(scope: &Scope, spellings: &[String]) -> (String, Vec<Value>) {
    let mut held = "WHERE partner = $1 AND world = $2 AND email_folded IN (".to_owned();
    push_places(&mut held, 3, spellings.len() + 2);
    held.push(')');
    let spelled = spellings.iter().map(|spelling| Value::from(spelling.as_str()));
    (held, args![&scope.partner, scope.world.as_str()].into_iter().chain(spelled).collect())
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

/// The active customer that an order is being placed for, held so that it cannot be deleted meanwhile.
pub async fn hold(tx: &mut Tx, scope: &Scope, user: &UserRef) -> Result<Option<User>, StoreError> {
    let (held, values, spellings) = match user {
        UserRef::Id(id) => {
            let held = "WHERE partner = $1 AND world = $2 AND id = $3".to_owned();
            (held, args![&scope.partner, scope.world.as_str(), id], vec![])
        }
        UserRef::Email(email) => {
            let spellings = spellings(email);
            let (held, values) = with_address(scope, &spellings);
            (held, values, spellings)
        }
    };
    let (active, share) = (is_active(tx), tx.backend().for_share());
    let found = tx.find_all(&format!("{held} AND {active}{share}"), values).await?;
    Ok(likeliest(found, &spellings))
}

/// The customer that has an address: the active one, or else the one that had it last.
pub async fn by_email(db: &mut Db, scope: &Scope, email: &str) -> Result<Option<User>, StoreError> {
    if let Some(user) = active_by_email(db, scope, email).await? {
        return Ok(Some(user));
    }
    let (held, values) = with_address(scope, &spellings(email));
    db.find(&format!("{held} ORDER BY id DESC LIMIT 1"), values).await
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
    /// Compared as [`model::user::fold`] folds.
    pub email: Option<String>,
    pub status: UserStatus,
}

/// A page of customers, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<User>, StoreError> {
    let spelled = |spelling: Option<String>| {
        Narrowed::to(db, scope).equal("email_folded", spelling).equal("status", Some(filter.status.as_str()))
    };
    let each = each_spelling(filter.email.as_deref()).into_iter().map(spelled).collect();
    page.rows_of_each(db, each, |user: &User| user.id.as_str()).await
}

/// The spellings that a list is narrowed to, one after the other; without an address it is read once.
pub(crate) fn each_spelling(email: Option<&str>) -> Vec<Option<String>> {
    email.map_or_else(|| vec![None], |email| spellings(email).into_iter().map(Some).collect())
}

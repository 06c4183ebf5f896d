//! Inboxes.

use model::clock::Time;
use model::domain::MailProvider;
use model::id::{DomainId, InboxId};
use model::inbox::{Inbox, InboxStatus};
use model::user::fold;
use model::world::{Scope, World};

use crate::column::{Key, Name};
use crate::db::{Db, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::table::table;

table! {
    Inbox in "inboxes"
    fixed {
        id: Key,
        partner: Key,
        world: World,
        created_at: Time,
        domain_id from domain: Key,
        order_id from order: Key,
        user_id from user: Key,
        provider: Name,
    }
    changing {
        email: String,
        first_name: String,
        last_name: String,
        status: Name,
        link: Name,
        account_id: Option<String>,
    }
}

/// A domain's inboxes that are not deleted, in the order they were made.
pub async fn of_domain(db: &mut Db, domain: &DomainId) -> Result<Vec<Inbox>, StoreError> {
    db.find_all("WHERE domain_id = $1 AND status <> 'deleted' ORDER BY id", args![domain]).await
}

/// Every inbox that a domain has had, deleted or not, in the order they were made.
pub async fn ever_of_domain(db: &mut Db, domain: &DomainId) -> Result<Vec<Inbox>, StoreError> {
    db.find_all("WHERE domain_id = $1 ORDER BY id", args![domain]).await
}

/// An inbox, deleted or not.
pub async fn load(db: &mut Db, id: &InboxId) -> Result<Option<Inbox>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// An inbox of a scope, deleted or not.
pub async fn get(db: &mut Db, scope: &Scope, id: &InboxId) -> Result<Option<Inbox>, StoreError> {
    let rest = "WHERE id = $1 AND partner = $2 AND world = $3";
    db.find(rest, args![id, &scope.partner, scope.world.as_str()]).await
}

/// What lists of inboxes can be narrowed by. Without a status deleted ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Filter {
    pub email: Option<String>,
    pub domain: Option<String>,
    pub order: Option<String>,
    pub user: Option<String>,
    pub status: Option<InboxStatus>,
    pub provider: Option<MailProvider>,
}

/// A page of inboxes, newest first.
pub async fn list(db: &mut Db, scope: &Scope, filter: &Filter, page: &Page) -> Result<Vec<Inbox>, StoreError> {
    // A constant is spelt out where an index holds only rows that have it.
    let (constant, status) = match (filter.status, &filter.email) {
        (Some(InboxStatus::Deleted), Some(_)) => (Some("status = 'deleted'"), None),
        (Some(InboxStatus::Deleted), None) => (None, filter.status),
        _ => (Some("status <> 'deleted'"), filter.status),
    };
    let narrowed = Narrowed::to(db, scope)
        .equal("email", filter.email.as_deref().map(fold))
        .equal("domain_id", filter.domain.clone())
        .equal("order_id", filter.order.clone())
        .equal("user_id", filter.user.clone())
        .equal("status", status.map(InboxStatus::as_str))
        .equal("provider", filter.provider.map(MailProvider::as_str));
    page.rows(db, constant.into_iter().fold(narrowed, Narrowed::fixed)).await
}

//! Inboxes.

use model::domain::MailProvider;
use model::id::{DomainId, InboxId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::user::fold;
use model::world::{Scope, World};

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::page::{Narrowed, Page};
use crate::record::Record;
use crate::seal::Vault;

impl Record for Inbox {
    const TABLE: &'static str = "inboxes";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "partner",
        "world",
        "created_at",
        "domain_id",
        "order_id",
        "user_id",
        "provider",
        "email",
        "first_name",
        "last_name",
        "status",
        "link",
        "account_id",
        "version",
    ];
    const FIXED: usize = 8;

    fn values(&self, _: &Vault) -> Vec<Value> {
        args![
            &self.id,
            &self.partner,
            self.world.as_str(),
            self.created_at,
            &self.domain,
            &self.order,
            &self.user,
            self.provider.as_str(),
            self.email.as_str(),
            self.first_name.as_str(),
            self.last_name.as_str(),
            self.status.as_str(),
            self.link.as_str(),
            self.account_id.as_deref(),
            self.version
        ]
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: cells.id()?,
            partner: cells.id()?,
            world: World::stored(cells.text()?),
            created_at: cells.time()?,
            domain: cells.id()?,
            order: cells.id()?,
            user: cells.id()?,
            provider: cells.named(MailProvider::parse)?,
            email: cells.text()?,
            first_name: cells.text()?,
            last_name: cells.text()?,
            status: cells.named(InboxStatus::parse)?,
            link: cells.named(LinkStatus::parse)?,
            account_id: cells.text_or_null()?,
            version: cells.int()?,
        })
    }
}

/// A domain's inboxes that are not deleted, in the order they were made.
pub async fn of_domain(db: &mut Db, domain: &DomainId) -> Result<Vec<Inbox>, StoreError> {
    db.find_all("WHERE domain_id = $1 AND status <> 'deleted' ORDER BY id", args![domain]).await
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

//! Inboxes.

use model::domain::MailProvider;
use model::id::DomainId;
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::world::World;

use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
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

//! Every event that partners are told.

use crate::clock::{Now, Time};
use crate::id::{DomainId, EventId, Ids, OrderId, PartnerId};
use crate::import::Import;
use crate::named::named;
use crate::order::Order;
use crate::world::World;

/// A fact that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, above the order's last one.
    pub id: EventId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// What happened.
    pub kind: EventKind,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The domain it belongs to.
    pub domain: Option<DomainId>,
    /// When it happened, partner time.
    pub created_at: Time,
    /// The object that the GET shows, as JSON text.
    pub data: String,
}

impl Event {
    /// An event of an order: its id is above that of the one before it, which the order remembers.
    #[must_use]
    pub fn of_order(
        order: &mut Order,
        kind: EventKind,
        domain: Option<DomainId>,
        data: String,
        now: Now,
        ids: &Ids,
    ) -> Self {
        let id: EventId = ids.above(order.last_event.as_ref());
        order.last_event = Some(id.clone());
        Self {
            id,
            partner: order.partner.clone(),
            world: order.world.clone(),
            kind,
            order: Some(order.id.clone()),
            domain,
            created_at: now.partner(),
            data,
        }
    }

    /// An event of an import job, told the same way.
    #[must_use]
    pub fn of_import(
        import: &mut Import,
        kind: EventKind,
        domain: Option<DomainId>,
        data: String,
        now: Now,
        ids: &Ids,
    ) -> Self {
        let id: EventId = ids.above(import.last_event.as_ref());
        import.last_event = Some(id.clone());
        Self {
            id,
            partner: import.partner.clone(),
            world: import.world.clone(),
            kind,
            order: None,
            domain,
            created_at: now.partner(),
            data,
        }
    }

    /// The exact body that is sent and signed.
    #[must_use]
    pub fn body(&self) -> String {
        format!(
            r#"{{"id":"{}","type":"{}","created_at":"{}","data":{}}}"#,
            self.id,
            self.kind.as_str(),
            self.created_at,
            self.data
        )
    }
}

macro_rules! kinds {
    ($(#[doc = $doc:literal] $name:ident $text:tt $published:literal;)*) => {
        named! {
            /// What can happen. New types may be added.
            // Append-only: the names have left the process.
            pub enum EventKind { $(#[doc = $doc] $name $text),* }
        }

        impl EventKind {
            /// What has happened when it is told.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc.trim_ascii()),* }
            }

            /// Whether an endpoint without a filter gets it: the published ones.
            #[must_use]
            pub const fn published(self) -> bool {
                match self { $(Self::$name => $published),* }
            }
        }
    };
}

kinds! {
    /// An order was accepted, or goes on after a pending action.
    OrderInProgress "order.in_progress" true;
    /// Everything that could be delivered is.
    OrderCompleted "order.completed" true;
    /// Nothing could be delivered.
    OrderFailed "order.failed" true;
    /// Somebody has to do something.
    OrderActionRequired "order.action_required" true;
    /// The order ends with the paid period.
    OrderCancelScheduled "order.cancel_scheduled" true;
    /// The order has ended.
    OrderCancelled "order.cancelled" true;
    /// A domain works.
    DomainConnected "domain.connected" true;
    /// A domain waits for a person.
    DomainActionRequired "domain.action_required" true;
    /// A domain redirects elsewhere now.
    DomainForwardingUpdated "domain.forwarding_updated" true;
    /// A domain's redirect could not be changed.
    DomainForwardingFailed "domain.forwarding_failed" true;
    /// An import job is done.
    DomainImportCompleted "domain_import.completed" true;
    /// An import job failed.
    DomainImportFailed "domain_import.failed" true;
    /// An import job waits for nameservers.
    DomainImportActionRequired "domain_import.action_required" true;
    /// A swap was asked for.
    SwapCreated "swap.created" true;
    /// A swap has begun.
    SwapInProgress "swap.in_progress" true;
    /// A swap is done.
    SwapCompleted "swap.completed" true;
    /// A swap failed.
    SwapFailed "swap.failed" true;
    /// A swap waits for a person.
    SwapActionRequired "swap.action_required" true;
    /// A month was renewed.
    OrderRenewed "order.renewed" false;
    /// A bought name was renewed at the registrar for another year.
    DomainRenewed "domain.renewed" false;
    /// A cancellation was taken back.
    OrderCancelUndone "order.cancel_undone" false;
    /// A domain's records are no longer as they should be.
    DomainDnsDrifted "domain.dns_drifted" false;
    /// A domain's records are as they should be again.
    DomainDnsRestored "domain.dns_restored" false;
    /// A swap was cancelled, or its domain leaves.
    SwapCancelled "swap.cancelled" false;
    /// An inbox is linked to the sequencer.
    InboxLinked "inbox.linked" false;
    /// An inbox cannot take mail any more: its host has shut it, or its licence is gone.
    InboxSuspended "inbox.suspended" false;
    /// The sequencer does not get into an inbox any more.
    InboxDisconnected "inbox.disconnected" false;
    /// An inbox works again.
    InboxRestored "inbox.restored" false;
    /// A domain's mail is signed, which its order had not waited for.
    DomainDkimEnabled "domain.dkim_enabled" false;
    /// A test that was asked for.
    WebhookTest "webhook.test" false;
}

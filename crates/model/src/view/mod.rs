//! What partners see: the answers of the API, and the data of events, which are the same.

use serde::Serialize;

mod action;
mod bundle;
mod cancellation;
mod domain;
mod event;
mod evidence;
mod forwarding;
mod import;
mod inbox;
mod ledger;
mod order;
mod quote;
mod swap;
mod timeline;
mod user;
mod webhook;
mod why;
mod zone;

pub use action::{Action, ActionStatus, AroundAction};
pub use bundle::Bundle;
pub use cancellation::{Cancelled, LeavingDomain, OrderCancellation};
pub use domain::Domain;
pub use event::Event;
pub use evidence::Evidence;
pub use forwarding::{FailedForwarding, Forwarding};
pub use import::{Import, ImportedDomain, NameserverGroup};
pub use inbox::{Inbox, InboxLink};
pub use ledger::{LedgerLine, LedgerPeriod};
pub use order::{Costs, LineItem, Order, OrderDomain, Receipt, ReceiptCosts, SequencerView, line_items};
pub use quote::{Assignment, Problem, Quote, QuoteCosts};
pub use swap::Swap;
pub use timeline::{
    Timeline, TimelineDomain, TimelineOrder, TimelineRun, TimelineStep, TimelineStepState, TimelineWho,
};
pub use user::{User, UserSequencer};
pub use webhook::{WebhookDelivery, WebhookEndpoint};
pub use why::{Told, Why};
pub use zone::{Zone, ZoneRecord};

/// A view as JSON text.
#[must_use]
pub fn text(view: &impl Serialize) -> String {
    serde_json::to_string(view).unwrap_or_else(|_| "null".into())
}

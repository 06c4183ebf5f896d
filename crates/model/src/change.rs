//! What a decision wants written. Only the store's `apply` writes it, in one transaction.

use crate::action::Action;
use crate::bundle::Bundle;
use crate::clock::Time;
use crate::delivery::{Delivery, Endpoint};
use crate::dns::HostedZone;
use crate::domain::Domain;
use crate::event::Event;
use crate::evidence::Evidence;
use crate::forwarding::Forwarding;
use crate::id::{BundleId, EndpointId, Ids, QuoteId, RunId};
use crate::idempotency::Remembered;
use crate::import::{Import, ImportRow};
use crate::inbox::Inbox;
use crate::intent::Intent;
use crate::ledger::Line;
use crate::notice::{Message, Notice};
use crate::order::Order;
use crate::partner::{ApiKey, Partner};
use crate::pause::Pause;
use crate::quote::Quote;
use crate::run::Run;
use crate::swap::Swap;
use crate::task::Task;
use crate::user::User;

/// Rows of one table: new ones, and ones that replace the version they were read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T> {
    /// New rows.
    pub insert: Vec<T>,
    /// Rows whose `version` is the one that was read; the write raises it, or finds that somebody
    /// else was faster and begins again.
    pub update: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { insert: vec![], update: vec![] }
    }
}

impl<T> Rows<T> {
    fn append(&mut self, other: Self) {
        self.insert.extend(other.insert);
        self.update.extend(other.update);
    }
}

/// Rows to write, tasks to queue and events to tell. Events are told in the order of the list, and
/// telling one queues its deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the thing its type describes")]
pub struct Change {
    pub partners: Rows<Partner>,
    pub keys: Rows<ApiKey>,
    pub endpoints: Rows<Endpoint>,
    pub endpoints_removed: Vec<EndpointId>,
    pub users: Rows<User>,
    pub bundles: Rows<Bundle>,
    pub bundles_removed: Vec<BundleId>,
    pub quotes: Vec<Quote>,
    pub quotes_removed: Vec<QuoteId>,
    pub orders: Rows<Order>,
    pub domains: Rows<Domain>,
    pub inboxes: Rows<Inbox>,
    pub actions: Rows<Action>,
    pub runs: Rows<Run>,
    pub swaps: Rows<Swap>,
    pub imports: Rows<Import>,
    pub import_rows: Rows<ImportRow>,
    pub forwardings: Rows<Forwarding>,
    pub lines: Vec<Line>,
    pub events: Vec<Event>,
    pub deliveries: Rows<Delivery>,
    pub tasks: Vec<Task>,
    /// Runs whose task is due at once, unless somebody is at it.
    pub make_due: Vec<RunId>,
    pub remembered: Vec<Remembered>,
    pub notices: Rows<Notice>,
    pub intents: Rows<Intent>,
    pub pauses: Rows<Pause>,
    pub messages: Rows<Message>,
    pub zones: Rows<HostedZone>,
    /// Looks at domains, each in the place of the one before it.
    pub evidence: Vec<Evidence>,
}

impl Change {
    /// Begins a run: its row, and the one task that carries it, due at a server time.
    pub fn begin(&mut self, run: Run, due_at: Time, ids: &Ids) {
        self.tasks.push(Task::for_run(ids.next(), &run.id, &run.partner, &run.world, due_at));
        self.runs.insert.push(run);
    }

    /// Adds what another decision wants written, after what this one wants.
    pub fn append(&mut self, other: Self) {
        self.partners.append(other.partners);
        self.keys.append(other.keys);
        self.endpoints.append(other.endpoints);
        self.endpoints_removed.extend(other.endpoints_removed);
        self.users.append(other.users);
        self.bundles.append(other.bundles);
        self.bundles_removed.extend(other.bundles_removed);
        self.quotes.extend(other.quotes);
        self.quotes_removed.extend(other.quotes_removed);
        self.orders.append(other.orders);
        self.domains.append(other.domains);
        self.inboxes.append(other.inboxes);
        self.actions.append(other.actions);
        self.runs.append(other.runs);
        self.swaps.append(other.swaps);
        self.imports.append(other.imports);
        self.import_rows.append(other.import_rows);
        self.forwardings.append(other.forwardings);
        self.lines.extend(other.lines);
        self.events.extend(other.events);
        self.deliveries.append(other.deliveries);
        self.tasks.extend(other.tasks);
        self.make_due.extend(other.make_due);
        self.remembered.extend(other.remembered);
        self.notices.append(other.notices);
        self.intents.append(other.intents);
        self.pauses.append(other.pauses);
        self.messages.append(other.messages);
        self.zones.append(other.zones);
        self.evidence.extend(other.evidence);
    }
}

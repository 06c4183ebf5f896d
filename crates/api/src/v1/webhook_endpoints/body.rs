//! What a body says about a webhook endpoint.

use model::delivery::{EndpointStatus, Wish};
use model::event::EventKind;
use model::world::Environment;
use utoipa::ToSchema;

use crate::body::{Fields, Spot};
use crate::web_address;

/// Which addresses may be sent.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// The world that the key speaks for.
    pub(super) environment: Environment,
    /// Whether this machine is let in.
    pub(super) loopback: bool,
}

/// An endpoint to be made.
#[derive(ToSchema)]
pub(crate) struct NewWebhookEndpoint {
    /// Where events are sent: a public address, over https unless it is a test key's.
    #[schema(format = "uri", min_length = 1, max_length = 2048, example = "https://app.acme.com/hooks")]
    pub(super) url: String,
    /// The events it gets. Null or left out, it gets all published ones; `order.renewed`, `domain.renewed`,
    /// `order.cancel_undone`, `domain.dns_drifted`, `domain.dns_restored`, `swap.cancelled`, `inbox.linked` and
    /// `inbox.handed_over` have to be named.
    #[schema(min_items = 1, max_items = 100, example = json!(["order.completed", "order.failed"]))]
    pub(super) events: Option<Vec<EventKind>>,
}

impl NewWebhookEndpoint {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>, reach: Reach) -> Option<Self> {
        let url = fields.required(URL, |spot| url(spot, reach));
        let events = fields.optional(EVENTS, events);
        Some(Self { url: url?, events })
    }
}

/// What an endpoint is to be changed to. Fields left out stay as they are.
#[derive(ToSchema)]
pub(crate) struct ChangedWebhookEndpoint {
    /// Where events are sent from now on, including those that are on their way.
    #[schema(
        nullable = false,
        format = "uri",
        min_length = 1,
        max_length = 2048,
        example = "https://app.acme.com/new-hooks"
    )]
    url: Option<String>,
    /// The events it gets from now on; null is all published ones.
    #[schema(value_type = Option<Vec<EventKind>>, min_items = 1, max_items = 100, example = json!(["order.completed"]))]
    events: Option<Option<Vec<EventKind>>>,
    /// `disabled` stops everything that is sent to it; `active` lets it begin with a clean record.
    #[schema(nullable = false)]
    status: Option<EndpointStatus>,
}

impl ChangedWebhookEndpoint {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>, reach: Reach) -> Option<Self> {
        for field in [URL, STATUS] {
            if fields.present(field) && !fields.given(field) {
                fields.refuse::<()>(field, "This cannot be null. Send a value, or leave it out.");
            }
        }
        let named = fields.present(EVENTS);
        let kinds = fields.optional(EVENTS, events);
        let status = |spot: &Spot<'_>| spot.one_of(&["active", "disabled"], EndpointStatus::parse);
        Some(Self {
            url: fields.optional(URL, |spot| url(spot, reach)),
            events: named.then_some(kinds),
            status: fields.optional(STATUS, status),
        })
    }

    /// The wish it carries.
    pub(super) fn wish(self) -> Wish {
        Wish { url: self.url, events: self.events, status: self.status }
    }
}

const URL: &str = "url";
const EVENTS: &str = "events";
const STATUS: &str = "status";

fn url(spot: &Spot<'_>, reach: Reach) -> Option<String> {
    web_address::read_private(spot, reach.environment, reach.loopback)
}

/// The named kinds, each once.
fn events(spot: &Spot<'_>) -> Option<Vec<EventKind>> {
    let names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut kinds = vec![];
    for kind in spot.list(1..=100, |spot| spot.name_of("event", &names, EventKind::parse))? {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Some(kinds)
}

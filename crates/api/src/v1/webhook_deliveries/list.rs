//! `GET /webhook_deliveries`

use std::sync::Arc;

use axum::extract::State;
use model::delivery::DeliveryStatus;
use model::id::{EndpointId, EventId, Id};
use model::view;
use store::deliveries;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;

/// What deliveries can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only deliveries to this endpoint.
    #[param(example = "whe_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    endpoint_id: Option<String>,
    /// Only deliveries of this event.
    #[param(example = "evt_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    event_id: Option<String>,
    /// Only deliveries that stand there.
    status: Option<DeliveryStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses: Vec<_> = DeliveryStatus::ALL.iter().map(|status| status.as_str()).collect();
        Self {
            endpoint_id: query.filter("endpoint_id", any_text),
            event_id: query.filter("event_id", any_text),
            status: query.filter("status", one_of(&statuses, DeliveryStatus::parse)),
        }
    }

    fn for_store(self) -> deliveries::Filter {
        deliveries::Filter {
            endpoint: self.endpoint_id.map(EndpointId::opaque),
            event: self.event_id.map(EventId::opaque),
            status: self.status,
        }
    }
}

/// List webhook deliveries
#[utoipa::path(get, path = "/webhook_deliveries", operation_id = "list_webhook_deliveries", tag = "Webhooks",
    params(Filter, Paging),
    responses(
        (status = 200, description = "The deliveries with every attempt, newest first.",
            body = List<view::WebhookDelivery>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "webhook_deliveries")?;
    let rows = deliveries::list(&mut app.store.read().await?, &caller.scope, &filter, &asked.page).await?;
    Ok(asked.answer(vault, rows, |delivery| delivery.id.as_str(), view::WebhookDelivery::of))
}

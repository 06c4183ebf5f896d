//! `GET /orders`

use std::sync::Arc;

use axum::extract::State;
use model::clock::Time;
use model::id::{BundleId, Id};
use model::order::OrderStatus;
use model::view;
use model::world::Scope;
use store::{Db, StoreError, orders, users};
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of, time};
use crate::state::App;

/// What orders can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only orders for this customer.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user_id: Option<String>,
    /// Only orders for the customer with this address, now or when they ordered; neither case nor the
    /// spelling of its host matters.
    #[param(example = "alex@acme.com")]
    user_email: Option<String>,
    /// Only orders placed with this bundle.
    #[param(example = "bun_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    bundle_id: Option<String>,
    /// Only orders of this status.
    status: Option<OrderStatus>,
    /// Only the order with this reference.
    #[param(example = "A-1042")]
    reference: Option<String>,
    /// Only orders placed at this time or later.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-05-01T00:00:00Z")]
    created_after: Option<Time>,
    /// Only orders placed before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-06-01T00:00:00Z")]
    created_before: Option<Time>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses: Vec<_> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
        Self {
            user_id: query.filter("user_id", any_text),
            user_email: query.filter("user_email", any_text),
            bundle_id: query.filter("bundle_id", any_text),
            status: query.filter("status", one_of(&statuses, OrderStatus::parse)),
            reference: query.filter("reference", any_text),
            created_after: query.filter("created_after", time),
            created_before: query.filter("created_before", time),
        }
    }

    fn for_store(self) -> orders::Filter {
        orders::Filter {
            user: self.user_id,
            email: self.user_email,
            bundle: self.bundle_id.map(BundleId::opaque),
            status: self.status,
            reference: self.reference,
            created_after: self.created_after,
            created_before: self.created_before,
        }
    }
}

/// An address leads to the customer who has it now, and to orders that were placed under it when nobody has.
async fn by_customer(db: &mut Db, scope: &Scope, filter: orders::Filter) -> Result<orders::Filter, StoreError> {
    let Some(email) = &filter.email else { return Ok(filter) };
    let known = users::by_email(db, scope, email).await?.map(|user| user.id.to_string());
    Ok(match known {
        Some(id) if filter.user.as_ref().is_none_or(|user| *user == id) => {
            orders::Filter { user: Some(id), email: None, ..filter }
        }
        _ => filter,
    })
}

/// List orders
#[utoipa::path(get, path = "/orders", operation_id = "list_orders", tag = "Orders", params(Filter, Paging),
    responses(
        (status = 200, description = "The orders in short, newest first.", body = List<view::Receipt>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "orders")?;
    let mut db = app.store.read().await?;
    let filter = by_customer(&mut db, &caller.scope, filter).await?;
    let rows = orders::list(&mut db, &caller.scope, &filter, &asked.page).await?;
    Ok(asked.answer(vault, rows, |order| order.id.as_str(), view::Receipt::of))
}

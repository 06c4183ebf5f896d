//! `GET /inboxes`

use std::sync::Arc;

use axum::extract::State;
use model::domain::MailProvider;
use model::id::Id;
use model::inbox::InboxStatus;
use model::view;
use store::inboxes;
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of};
use crate::state::App;

/// What inboxes can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only inboxes of this order.
    #[param(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    order_id: Option<String>,
    /// Only inboxes on this domain.
    #[param(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    domain_id: Option<String>,
    /// Only inboxes of this customer.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user_id: Option<String>,
    /// Only inboxes of this status. Without it, those that are `deleted` are left out.
    status: Option<InboxStatus>,
    /// Only inboxes that this provider hosts.
    provider: Option<MailProvider>,
    /// Only the inbox with this address; case does not matter.
    #[param(example = "alex.rivera@acme-mail.com")]
    email: Option<String>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses = ["creating", "active", "suspended", "deleted"];
        Self {
            order_id: query.filter("order_id", any_text),
            domain_id: query.filter("domain_id", any_text),
            user_id: query.filter("user_id", any_text),
            status: query.filter("status", one_of(&statuses, InboxStatus::parse)),
            provider: query.filter("provider", one_of(&["google", "microsoft"], MailProvider::parse)),
            email: query.filter("email", any_text),
        }
    }

    fn for_store(self) -> inboxes::Filter {
        inboxes::Filter {
            email: self.email,
            domain: self.domain_id,
            order: self.order_id,
            user: self.user_id,
            status: self.status,
            provider: self.provider,
        }
    }
}

/// List inboxes
///
/// Without `status`, deleted ones are left out; they stay readable by their id.
#[utoipa::path(get, path = "/inboxes", operation_id = "list_inboxes", tag = "Inboxes", params(Filter, Paging),
    responses(
        (status = 200, description = "The inboxes, newest first.", body = List<view::Inbox>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "inboxes")?;
    let rows = inboxes::list(&mut app.store.read().await?, &caller.scope, &filter, &asked.page).await?;
    Ok(asked.answer(vault, rows, |inbox| inbox.id.as_str(), view::Inbox::of))
}

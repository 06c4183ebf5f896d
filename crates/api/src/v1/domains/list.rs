//! `GET /domains`

use std::sync::Arc;

use axum::extract::State;
use model::domain::{Category, Domain, DomainStatus, MailProvider};
use model::id::Id;
use model::view;
use store::{Db, StoreError, domains, users};
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{Asked, List, Listing, Paging, any_text, one_of};
use crate::state::App;

/// What domains can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only names that are free for an order (`inventory`), or that are in one (`connected`).
    category: Option<Category>,
    /// Only domains of this customer.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user_id: Option<String>,
    /// Only domains of the customer with this address, or, when nobody has it now, of the one who had it last;
    /// neither case nor the spelling of its host matters.
    #[param(example = "alex@acme.com")]
    user_email: Option<String>,
    /// Only domains that this provider can use.
    usable_for: Option<MailProvider>,
    /// Only domains of this status. Without it, those that are `failed` or `released` are left out.
    status: Option<DomainStatus>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let statuses: Vec<_> = DomainStatus::ALL.iter().map(|status| status.as_str()).collect();
        Self {
            category: query.filter("category", one_of(&["inventory", "connected"], Category::parse)),
            user_id: query.filter("user_id", any_text),
            user_email: query.filter("user_email", any_text),
            usable_for: query.filter("usable_for", one_of(&["google", "microsoft"], MailProvider::parse)),
            status: query.filter("status", one_of(&statuses, DomainStatus::parse)),
        }
    }

    /// The domains, none when no one customer is both the named one and has the named address.
    async fn find(self, db: &mut Db, caller: &Caller<Read>, asked: &Asked) -> Result<Vec<Domain>, StoreError> {
        let mut user = self.user_id;
        if let Some(email) = self.user_email {
            let known = users::by_email(db, &caller.scope, &email).await?;
            let found = known.filter(|found| user.as_ref().is_none_or(|id| id == found.id.as_str()));
            let Some(found) = found else { return Ok(vec![]) };
            user = Some(found.id.to_string());
        }
        let filter =
            domains::Filter { user, status: self.status, category: self.category, usable_for: self.usable_for };
        domains::list(db, &caller.scope, &filter, &asked.page).await
    }
}

/// List domains
///
/// Without `status`, names that are gone (`failed`, `released`) are left out; they stay readable by their id.
#[utoipa::path(get, path = "/domains", operation_id = "list_domains", tag = "Domains", params(Filter, Paging),
    responses(
        (status = 200, description = "The domains, newest first.", body = List<view::Domain>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query);
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "domains")?;
    let rows = filter.find(&mut app.store.read().await?, &caller, &asked).await?;
    Ok(asked.answer(vault, rows, |domain| domain.id.as_str(), view::Domain::of))
}

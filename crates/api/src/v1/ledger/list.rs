//! `GET /ledger`

use std::sync::Arc;

use axum::extract::State;
use model::clock::Time;
use model::id::Id;
use model::ledger::LineKind;
use model::view;
use store::{domains, ledger};
use utoipa::IntoParams;

use crate::answer::Answer;
use crate::caller::{Caller, Read};
use crate::page::{List, Listing, Paging, any_text, one_of, time};
use crate::state::App;

/// What the ledger can be narrowed by. Several filters narrow together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only lines of this order.
    #[param(example = "ord_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    order_id: Option<String>,
    /// Only lines for this domain.
    #[param(example = "dom_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    domain_id: Option<String>,
    /// Only lines for this customer.
    #[param(example = "usr_01JTZ8A1B2C3D4E5F6G7H8J9K0")]
    user_id: Option<String>,
    /// Only lines of this kind.
    kind: Option<LineKind>,
    /// Only lines booked at this time or later.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-05-01T00:00:00Z")]
    after: Option<Time>,
    /// Only lines booked before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-06-01T00:00:00Z")]
    before: Option<Time>,
}

impl Filter {
    fn read(query: &mut Listing) -> Self {
        let kinds = LineKind::ALL.map(LineKind::as_str);
        Self {
            order_id: query.filter("order_id", any_text),
            domain_id: query.filter("domain_id", any_text),
            user_id: query.filter("user_id", any_text),
            kind: query.filter("kind", one_of(&kinds, LineKind::parse)),
            after: query.filter("after", time),
            before: query.filter("before", time),
        }
    }

    fn for_store(self) -> ledger::Filter {
        ledger::Filter {
            domain: self.domain_id,
            order: self.order_id,
            user: self.user_id,
            kind: self.kind,
            after: self.after,
            before: self.before,
        }
    }
}

/// List charges and credits
///
/// Every charge is a line of its own, and every credit names the line that it takes back. Lines are only ever added:
/// the sum of an order's lines is its `charged_cents`. A month's bill is `after` its first moment and `before` the
/// next month's.
#[utoipa::path(get, path = "/ledger", operation_id = "list_ledger", tag = "Ledger", params(Filter, Paging),
    responses(
        (status = 200, description = "The lines, newest first.", body = List<view::LedgerLine>),
        (status = 400, description = "`invalid_request`: a filter or the page token.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(caller: Caller<Read>, State(app): State<Arc<App>>, mut query: Listing) -> Answer {
    let filter = Filter::read(&mut query).for_store();
    let vault = app.store.vault();
    let asked = query.page(vault, &caller.scope, "ledger")?;
    let mut db = app.store.read().await?;
    let lines = ledger::list(&mut db, &caller.scope, &filter, &asked.page).await?;
    let names = domains::names(&mut db, &caller.scope, lines.iter().map(|line| &line.domain)).await?;
    let view = |line: &model::ledger::Line| view::LedgerLine::of(line, names.get(&line.domain));
    Ok(asked.answer(vault, lines, |line| line.id.as_str(), view))
}

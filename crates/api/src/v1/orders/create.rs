//! `POST /orders`

use std::sync::Arc;

use axum::http::StatusCode;
use model::domain::{DomainName, NameAnswer};
use model::order::{self, Facts, Placing, Rules, Size};
use model::view;
use model::world::Scope;
use store::{Halt, Tx, bundles, orders, spend, users};

use super::body::{NewOrder, Shape};
use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::Unknown;
use crate::call::OncePerBody;
use crate::caller::{Caller, Full};
use crate::present::Answered;
use crate::problem::Problem;

/// Place an order
///
/// Everything is checked before anything is bought: the body, the user, the bundle, the number of
/// names, their availability and price (asked at the registrar now), and which provider can use them.
/// All faults of one stage are told together, and a refused order costs nothing.
///
/// With a `quote_id` the order has the quote's names, assignment and prices, and never costs more than the
/// quote said. A quote is not used up by an order; its names are, so it cannot buy them twice.
///
/// The operator may limit what a key, or all keys together, may book in a calendar month (UTC); an order
/// that would go over the limit is refused whole. `GET /me` shows the limits.
///
/// The same body within 24 hours gives the first answer again, with `Idempotent-Replayed: true`, and
/// changes nothing; `Idempotent-Order-Status` says how the order stands now. With an `Idempotency-Key` that
/// key is recognised in place of the body.
#[utoipa::path(post, path = "/orders", operation_id = "create_order", tag = "Orders", request_body = NewOrder,
    responses(
        (status = 200, description = "The accepted order.", body = Data<view::Receipt>),
        (status = 400, description = "`invalid_request`, `order_shape_conflict`, `domain_count_mismatch` or \
            `domain_provider_mismatch`.", body = crate::openapi::ErrorBody),
        (status = 402, description = "`spend_limit_exceeded`: it would go over the key's or the partner's monthly limit; \
            `details.scope` says which.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such user, bundle or quote; `field` says which.",
            body = crate::openapi::ErrorBody),
        (status = 409, description = "`domain_unavailable`, `price_changed`, `bundle_archived`, `already_exists` (the \
            reference) or `idempotency_conflict`.", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(OncePerBody(call): OncePerBody<Full>) -> Answer {
    let (app, caller) = (&call.app, &call.caller);
    let shape = Shape { complete: true, loopback: app.lets_in_loopback(caller.environment) };
    let placing = call.body.read(Unknown::Refused, |fields| NewOrder::read(fields, shape))?.placing();
    let answers = match confirm(app, &caller.scope, &placing).await {
        Ok(answers) => answers,
        Err(problem) => return call.unless_repeated(problem).await,
    };
    let asked = Arc::new(Asked { placing, answers, rules: app.rules });
    call.start(move |tx, caller| {
        let asked = asked.clone();
        Box::pin(async move { asked.place(tx, &caller).await })
    })
    .await
}

/// Checks what needs nobody outside, then has the registrar confirm the names that nobody holds.
async fn confirm(app: &App, scope: &Scope, placing: &Placing) -> Result<Vec<NameAnswer>, Problem> {
    let facts = orders::facts_for_placing(&mut app.store.read().await?, scope, placing).await?;
    order::check_records(placing, &facts, &app.rules.sizing)?;
    Ok(app.catalog.confirm(&scope.world, &to_be_bought(placing, &facts)).await?)
}

/// The wanted names that nobody holds.
pub(super) fn to_be_bought(placing: &Placing, facts: &Facts) -> Vec<DomainName> {
    let names = placing.domains.iter().map(|wanted| &wanted.name);
    names.filter(|name| !facts.held.iter().any(|domain| domain.name == **name)).cloned().collect()
}

/// What the deciding transaction works with.
struct Asked {
    placing: Placing,
    answers: Vec<NameAnswer>,
    rules: Rules,
}

impl Asked {
    async fn place(&self, tx: &mut Tx, caller: &Caller<Full>) -> Result<Answered, Halt> {
        let limits = spend::lock(tx, &caller.scope, Some(&caller.key)).await?;
        let present = caller.renew(tx).await?;
        let (scope, now) = (&present.scope, present.now);
        if let Size::Bundle(id) = &self.placing.size {
            bundles::lock(tx, scope, id).await?;
        }
        if let Some(user) = &self.placing.user {
            users::hold(tx, scope, user).await?;
        }
        let facts = orders::facts_for_placing(tx, scope, &self.placing).await?;
        let allowances = limits.allowances(tx, scope, now.partner()).await?;
        let facts = Facts { placed_with: Some(caller.key.clone()), allowances, ..facts };
        let placed = order::place(scope, &self.placing, &facts, &self.answers, &self.rules, now, &present.ids)?;
        present.apply(tx, placed.change).await?;
        Ok(present.text(StatusCode::OK, placed.answer))
    }
}

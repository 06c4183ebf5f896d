//! `POST /orders`

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use model::clock::Now;
use model::domain::{DomainName, NameAnswer};
use model::id::{Ids, KeyId};
use model::idempotency::Handle;
use model::order::{self, Facts, Placing, Rules, Size};
use model::view;
use model::world::Scope;
use store::{Halt, Tx, bundles, orders, spend, users};

use super::body::{NewOrder, Shape};
use super::idempotency;
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::{Payload, Unknown};
use crate::caller::{Caller, Full};
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
/// changes nothing. With an `Idempotency-Key` that key is recognised in place of the body.
#[utoipa::path(post, path = "/orders", operation_id = "create_order", tag = "Orders", request_body = NewOrder,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters, kept 24 hours.",
        min_length = 1, max_length = 255, example = "order-1042")),
    responses(
        (status = 200, description = "The accepted order.", body = Data<view::Receipt>,
            headers(("Idempotent-Replayed" = String, description = "`true` when this repeats an earlier answer."))),
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
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Payload,
) -> Answer {
    let handle = idempotency::handle(app.store.vault(), &headers, &body)?;
    if let Some(answer) = repeated(&app, &caller, &handle).await? {
        return Ok(answer::replayed(answer));
    }
    let shape = Shape { complete: true, loopback: app.lets_in_loopback(caller.environment) };
    let placing = body.read(Unknown::Refused, |fields| NewOrder::read(fields, shape))?.placing();
    match decide(&app, &caller, placing, handle.clone()).await {
        Ok(Outcome::Repeated(answer)) => Ok(answer::replayed(answer)),
        Ok(Outcome::Placed(answer)) => {
            app.wake.nudge();
            Ok(answer::text(answer))
        }
        // What stands in the way may be this very request, accepted on another connection meanwhile; and
        // when we do not know whether the commit went through, this tells.
        Err(problem) => match repeated(&app, &caller, &handle).await? {
            Some(answer) => Ok(answer::replayed(answer)),
            None => Err(problem),
        },
    }
}

async fn repeated(app: &App, caller: &Caller<Full>, handle: &Handle) -> Result<Option<String>, Problem> {
    let mut db = app.store.read().await?;
    Ok(idempotency::replay(&mut db, &caller.scope, handle, caller.now.partner()).await?)
}

async fn decide(app: &App, caller: &Caller<Full>, placing: Placing, handle: Handle) -> Result<Outcome, Problem> {
    let (scope, key, now) = (caller.scope.clone(), caller.key.clone(), caller.now);
    let answers = confirm(app, &scope, &placing).await?;
    let attempt = Attempt { scope, key, now, placing, answers, handle, rules: app.rules, ids: app.ids.clone() };
    place(app, attempt).await
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
struct Attempt {
    scope: Scope,
    key: KeyId,
    now: Now,
    placing: Placing,
    answers: Vec<NameAnswer>,
    handle: Handle,
    rules: Rules,
    ids: Ids,
}

enum Outcome {
    Placed(String),
    Repeated(String),
}

async fn place(app: &App, attempt: Attempt) -> Result<Outcome, Problem> {
    let attempt = Arc::new(attempt);
    let writing = app.store.write(move |tx| {
        let attempt = attempt.clone();
        Box::pin(async move { attempt.run(tx).await })
    });
    Ok(writing.await?)
}

impl Attempt {
    async fn run(&self, tx: &mut Tx) -> Result<Outcome, Halt> {
        // The same request may have been accepted while the registrar was asked.
        if let Some(answer) = idempotency::replay(tx, &self.scope, &self.handle, self.now.partner()).await? {
            return Ok(Outcome::Repeated(answer));
        }
        if let Size::Bundle(id) = &self.placing.size {
            bundles::lock(tx, &self.scope, id).await?;
        }
        if let Some(user) = &self.placing.user {
            users::hold(tx, &self.scope, user).await?;
        }
        let allowances = spend::lock(tx, &self.scope, Some(&self.key), self.now.partner()).await?;
        let facts = orders::facts_for_placing(tx, &self.scope, &self.placing).await?;
        let facts = Facts { placed_with: Some(self.key.clone()), allowances, ..facts };
        let placed = order::place(
            &self.scope,
            &self.placing,
            &facts,
            &self.answers,
            &self.handle,
            &self.rules,
            self.now,
            &self.ids,
        )?;
        tx.apply(placed.change, &self.ids, self.now.server).await?;
        Ok(Outcome::Placed(placed.answer))
    }
}

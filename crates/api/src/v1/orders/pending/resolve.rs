//! `POST /orders/pending/{act}/resolve`

use std::sync::Arc;

use axum::extract::State;
use model::action::{self, Answer as Resolution, Resolving};
use model::domain::{DomainName, NameAnswer};
use model::id::{ActionId, Id as _};
use model::view;
use model::world::Scope;
use store::{Halt, Tx, actions, domains, orders, runs, turn};

use super::{body, people};
use crate::answer::{self, Answer, Data};
use crate::app::App;
use crate::body::{Payload, Unknown};
use crate::caller::{Caller, Full};
use crate::clock;
use crate::problem::{Problem, missing, not_found};
use crate::v1::id::PathId;

/// Resolve a pending action
///
/// Says that what was asked for is done, or sends what was asked for; it is looked at at once. The action closes when
/// the step gets on, a moment later: its own webhook tells. Resolving what is resolved already changes nothing.
#[utoipa::path(post, path = "/orders/pending/{id}/resolve", operation_id = "resolve_pending_action",
    tag = "Pending actions",
    params(("id" = String, Path, description = "The action's id.", example = "act_01JTZ8A1B2C3D4E5F6G7H8J9K0")),
    request_body(content = Option<body::Resolution>, description = "Empty when it is done and should be looked at.",
        examples(
            ("look_again" = (summary = "Any type: it is done, look again", value = json!({}))),
            ("give_up" = (summary = "Any type: let the domain go for a credit", value = json!({ "give_up": true }))),
            ("google_profile_picture" = (summary = "google_profile_picture: another picture",
                value = json!({ "profile_picture_url": "https://acme.com/alex.jpg" }))),
            ("nameservers" = (summary = "nameservers: they are set", value = json!({}))),
            ("sequencer_login" = (summary = "sequencer_login: the login that works",
                value = json!({ "login_email": "peeker@yourcompany.com", "login_password": "a-new-password" }))),
            ("registration" = (summary = "registration: another name in place of this one",
                value = json!({ "replacement_domain": "acme-mail.net" }))),
            ("registration_price" = (summary = "registration, price_changed: allow a higher total",
                value = json!({ "max_total_cents": 9000 }))),
            ("mail_provider" = (summary = "mail_provider: it is done at the provider", value = json!({}))),
            ("forwarding" = (summary = "forwarding: another address to forward to",
                value = json!({ "forwarding_url": "https://acme.com" }))))),
    responses(
        (status = 200, description = "The action as it stands now.", body = Data<view::Action>),
        (status = 400, description = "`invalid_request`: a field that does not answer this action, or \
            `domain_provider_mismatch`.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such action.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`domain_unavailable`, `price_changed`, or `conflict` (`not_in_the_making`, `already_stopped`, \
            `in_a_swap`).", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(
    caller: Caller<Full>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ActionId>,
    payload: Payload,
) -> Answer {
    let loopback = app.lets_in_loopback(caller.environment);
    let resolution = payload.read(Unknown::Refused, |fields| body::read(fields, loopback))?;
    let answers = look_up(&app, &caller.scope, &id, &resolution).await?;
    let (ids, now, scope, rules) = (app.ids.clone(), caller.now, caller.scope.clone(), app.rules);
    let resolved = app.store.write(move |tx| {
        let (id, ids, scope) = (id.clone(), ids.clone(), scope.clone());
        let (resolution, answers) = (resolution.clone(), answers.clone());
        Box::pin(async move {
            let action = actions::get(tx, &scope, &id).await?;
            if let Some(order) = action.and_then(|action| action.order) {
                turn::take(tx, order.as_str()).await?;
            }
            let now = clock::held(tx, &scope, now).await?;
            let facts = facts(tx, &scope, &id, &resolution, answers).await?;
            let change = action::resolve(&facts, &resolution, &rules, now, &ids)?;
            tx.apply(change, &ids, now.server).await?;
            let action = actions::get(tx, &scope, &id).await?.ok_or(Halt::Lost)?;
            let people = people(tx, &action).await?;
            Ok(view::Action::of(&action, &people))
        })
    });
    let resolved = resolved.await?;
    app.wake.nudge();
    Ok(answer::ok(resolved))
}

/// Asks the registrar about the name in question, before any transaction.
async fn look_up(app: &App, scope: &Scope, id: &ActionId, resolution: &Resolution) -> Result<Vec<NameAnswer>, Problem> {
    let mut db = app.store.read().await?;
    let action = actions::get(&mut db, scope, id).await?.ok_or_else(|| not_found("pending action", id))?;
    let name = match resolution {
        Resolution::Replacement(name) if action.open => name.clone(),
        Resolution::MaxTotal(_) if action.open => DomainName::stored(action.domain_name),
        _ => return Ok(vec![]),
    };
    drop(db);
    Ok(app.catalog.confirm(&scope.world, &[name]).await?)
}

async fn facts(
    tx: &mut Tx,
    scope: &Scope,
    id: &ActionId,
    resolution: &Resolution,
    answers: Vec<NameAnswer>,
) -> Result<Resolving, Halt> {
    let action = actions::get(tx, scope, id).await?.ok_or_else(|| missing("pending action", id))?;
    let order = match &action.order {
        Some(order) => orders::lock(tx, order).await?,
        None => None,
    };
    let held = match resolution {
        Resolution::Replacement(name) => domains::holders(tx, &scope.world, std::slice::from_ref(name)).await?,
        _ => vec![],
    };
    let runs = match &action.order {
        Some(order) => runs::of_order(tx, order).await?,
        None => runs::of_domain(tx, &action.domain).await?,
    };
    let domain = domains::load(tx, &action.domain).await?.ok_or(Halt::Lost)?;
    Ok(Resolving { action, order, domain, runs, held, answers })
}

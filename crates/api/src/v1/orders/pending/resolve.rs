//! `POST /orders/pending/{act}/resolve`

use model::action::{self, Answer as Resolution, Look, Resolving};
use model::domain::{DomainName, NameAnswer};
use model::id::{ActionId, Id as _, KeyId, OrderId, RunId};
use model::run::{Run, RunState};
use model::view;
use model::world::Scope;
use store::spend::{self, Limits};
use store::{Halt, Tx, actions, domains, orders, runs, tasks, turn};

use super::{body, people};
use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::Unknown;
use crate::call::Once;
use crate::caller::Full;
use crate::present::Present;
use crate::problem::{Problem, missing, not_found};
use crate::v1::id::PathId;

/// Resolve a pending action
///
/// Says that what was asked for is done, or sends what was asked for; it is looked at at once. The action closes when
/// the step gets on, a moment later: its own webhook tells. An answer that could come too late for a look that is under
/// way is refused (`being_looked_at`): send it again. One that comes when the action is resolved is refused too
/// (`already_resolved`), unless it is the one that resolved it; an empty body then shows the action.
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
        (status = 402, description = "`spend_limit_exceeded`: what a replacement, or a higher price, costs now would go over \
            a monthly limit; `details.scope` says whether the key's or the partner's.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such action.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`domain_unavailable`, `price_changed`, or `conflict` (`being_looked_at`: send it again in a \
            moment; `already_resolved`: `details` says with what, and what the domain is now; `not_in_the_making`, \
            `already_stopped`, `in_a_swap`).", body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment.",
            body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(PathId(id): PathId<ActionId>, Once(call): Once<Full>) -> Answer {
    let (app, caller) = (&call.app, &call.caller);
    let loopback = app.lets_in_loopback(caller.environment);
    let resolution = call.body.read(Unknown::Refused, |fields| body::read(fields, loopback))?;
    let answers = match look_up(app, &caller.scope, &id, &resolution).await {
        Ok(answers) => answers,
        Err(problem) => return call.unless_repeated(problem).await,
    };
    let rules = app.rules;
    call.start(move |tx, caller| {
        let (id, resolution, answers) = (id.clone(), resolution.clone(), answers.clone());
        Box::pin(async move {
            let order = actions::get(tx, &caller.scope, &id).await?.and_then(|action| action.order);
            if let Some(order) = &order {
                turn::take(tx, order.as_str()).await?;
            }
            let limits = limits(tx, &caller.scope, order.as_ref(), &caller.key, &resolution).await?;
            let present = caller.renew(tx).await?;
            let scope = &present.scope;
            // Before the order is locked, as whoever works on it does.
            let look = look(tx, &present, &id, &resolution).await?;
            let facts = facts(tx, scope, &id, &resolution).await?;
            let allowances = limits.allowances(tx, scope, present.now.partner()).await?;
            let facts = Resolving { look, answers, allowances, ..facts };
            let change = action::resolve(&facts, &resolution, &rules, present.now, &present.ids)?;
            present.apply(tx, change).await?;
            let action = actions::get(tx, scope, &id).await?.ok_or(Halt::Lost)?;
            let people = people(tx, &action).await?;
            Ok(present.ok(view::Action::of(&action, &people)))
        })
    })
    .await
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

/// The limits that an answer counts against which books something. They are locked before the clock is held.
async fn limits(
    tx: &mut Tx,
    scope: &Scope,
    order: Option<&OrderId>,
    key: &KeyId,
    resolution: &Resolution,
) -> Result<Limits, Halt> {
    match (order, resolution) {
        (Some(order), Resolution::Replacement(_) | Resolution::MaxTotal(_)) => {
            Ok(spend::lock_of_order(tx, scope, order, Some(key)).await?)
        }
        _ => Ok(Limits::default()),
    }
}

/// Where the last look of whoever asked stands, and stays until the commit.
async fn look(tx: &mut Tx, present: &Present, id: &ActionId, resolution: &Resolution) -> Result<Look, Halt> {
    let (scope, now) = (&present.scope, present.now.server);
    let action = actions::get(tx, scope, id).await?.ok_or_else(|| missing("pending action", id))?;
    if *resolution == Resolution::Again || !action.open {
        return Ok(Look::Over);
    }
    let asked = match &action.run {
        Some(run) => vec![run.clone()],
        None => asking(runs::of_domain(tx, &action.domain).await?),
    };
    let mut look = Look::Over;
    for run in asked {
        look = look.max(tasks::look_at(tx, &run, now).await?);
    }
    Ok(look)
}

/// Of what older versions asked it is only known about which domain.
fn asking(runs: Vec<Run>) -> Vec<RunId> {
    runs.into_iter().filter(|run| run.state == RunState::Asking).map(|run| run.id).collect()
}

async fn facts(tx: &mut Tx, scope: &Scope, id: &ActionId, resolution: &Resolution) -> Result<Resolving, Halt> {
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
    let (open, with_own_people) = match (&action.order, resolution) {
        (Some(order), Resolution::Login { .. }) => (actions::open_of_order(tx, scope, order).await?, vec![]),
        (Some(order), Resolution::Picture(_)) => {
            (actions::open_of_order(tx, scope, order).await?, domains::with_own_people(tx, order).await?)
        }
        _ => (vec![], vec![]),
    };
    let answered = (*resolution != Resolution::Again).then(|| actions::fingerprint(&tx.vault(), resolution));
    let domain = domains::load(tx, &action.domain).await?.ok_or(Halt::Lost)?;
    Ok(Resolving {
        action,
        order,
        domain,
        runs,
        open,
        with_own_people,
        look: Look::Over,
        answered,
        held,
        answers: vec![],
        allowances: vec![],
    })
}

//! `POST /swaps`

use model::domain::{MailProvider, NameAnswer};
use model::swap::{self, COOLDOWN, Facts, Premium, SwapKind, Wish};
use model::view;
use std::slice;
use store::spend::{self, Limits};
use store::{Halt, Tx, domains, partners, swaps};

use super::body::NewSwap;
use super::placed::{placed, taken};
use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::Unknown;
use crate::call::Once;
use crate::caller::{Caller, Full};
use crate::present::Present;
use crate::problem::{Problem, missing};

/// Swap a domain
///
/// Another name takes the domain's place: from your inventory, or bought now. It gets the same provider, licences and
/// people; the old domain works until the new one does. `standard` lets it leave then; `premium` keeps it warm for 14
/// days more, is for Microsoft only, once in 30 days for a domain, and for a share of your active Microsoft domains.
///
/// A name that cannot be had yet makes the swap `action_required`; it goes on by itself once it can. The same request
/// again while the swap is open answers that swap, with `Idempotent-Replayed: true`.
///
/// Where spending is limited, the name's price of now must fit under the limits. It is booked when the name is bought; if
/// it does not fit by then, the swap waits as `action_required` too.
#[utoipa::path(post, path = "/swaps", operation_id = "create_swap", tag = "Swaps", request_body = NewSwap,
    responses(
        (status = 201, description = "The swap.", body = Data<view::Swap>),
        (status = 402, description = "`spend_limit_exceeded`: the name would go over the key's or the partner's monthly \
            limit; `details.scope` says which.", body = crate::openapi::ErrorBody),
        (status = 404, description = "`not_found`: no such domain.", body = crate::openapi::ErrorBody),
        (status = 409, description = "`conflict`: `details.reason` is `not_active`, `cancel_scheduled`, `order_failed`, \
            `order_cancelled`, `order_cancel_scheduled`, `swap_open`, `same_domain`, `in_your_order`, `microsoft_only` or \
            `cooldown` (until `details.ends_at`). `quota_exceeded`: `details` has `limit`, `used` and `frees_at`.",
            body = crate::openapi::ErrorBody),
        (status = 503, description = "`provider_not_configured`: there is no registrar in the live environment, and \
            spending is limited.", body = crate::openapi::ErrorBody)))]
pub(crate) async fn handler(Once(call): Once<Full>) -> Answer {
    let wish = call.body.read(Unknown::Refused, NewSwap::read)?;
    let answers = match look_up(&call.app, &call.caller, &wish).await {
        Ok(answers) => answers,
        Err(problem) => return call.unless_repeated(problem).await,
    };
    let book = call.app.rules.book;
    call.start(move |tx, caller| {
        let (wish, answers) = (wish.clone(), answers.clone());
        Box::pin(async move {
            let (facts, present) = facts(tx, &caller, &wish).await?;
            let facts = Facts { answers, ..facts };
            let begun = swap::begin(&facts, &wish, &book, present.now, &present.ids)?;
            present.apply(tx, begun.change).await?;
            Ok(present.created(view::Swap::of(&begun.swap)).again(begun.repeated))
        })
    })
    .await
}

/// Asks the registrar what a name costs that nobody holds, before any transaction, when somebody's spending is limited.
async fn look_up(app: &App, caller: &Caller<Full>, wish: &Wish) -> Result<Vec<NameAnswer>, Problem> {
    let (mut db, scope) = (app.store.read().await?, &caller.scope);
    let order = domains::get(&mut db, scope, &wish.domain).await?.and_then(|domain| domain.order);
    let Some(order) = order else { return Ok(vec![]) };
    let limits = spend::of_order(&mut db, scope, &order, Some(&caller.key)).await?;
    let name = slice::from_ref(&wish.replacement);
    if limits.is_empty() || !domains::holders(&mut db, &scope.world, name).await?.is_empty() {
        return Ok(vec![]);
    }
    drop(db);
    Ok(app.catalog.confirm(&scope.world, name).await?)
}

/// What the decision needs, and the time that it is made at. Premium swaps are counted, so the partner is locked:
/// before the order, as settlements do, and after the limits.
async fn facts(tx: &mut Tx, caller: &Caller<Full>, wish: &Wish) -> Result<(Facts, Present), Halt> {
    let domain = taken(tx, &caller.scope, &wish.domain).await?;
    let limits = match &domain.order {
        Some(order) => spend::lock_of_order(tx, &caller.scope, order, Some(&caller.key)).await?,
        None => Limits::default(),
    };
    let premium = wish.kind == SwapKind::Premium;
    let present = if premium { caller.renew_alone(tx).await? } else { caller.renew(tx).await? };
    let (scope, now) = (&present.scope, present.now);
    let partner = if premium { partners::get(tx, &scope.partner).await? } else { None };
    let (order, domain) = placed(tx, scope, &domain).await?;
    let premium = match partner {
        Some(partner) => Some(Premium {
            tier: partner.tier,
            active: domains::count_active(tx, scope, MailProvider::Microsoft).await?,
            used: swaps::premium_since(tx, scope, now.partner().plus(-COOLDOWN)).await?,
            lineage: swaps::lineage(tx, &domain, now.partner().plus(-COOLDOWN)).await?,
        }),
        None if premium => return Err(missing("partner", &scope.partner)),
        None => None,
    };
    let facts = Facts {
        open: swaps::open_of_domain(tx, &domain.id).await?,
        renaming: swaps::renaming(tx, &domain).await?.into_iter().find(|swap| swap.status.is_open()),
        holder: domains::holders(tx, &scope.world, slice::from_ref(&wish.replacement)).await?.pop(),
        answers: vec![],
        allowances: limits.allowances(tx, scope, now.partner()).await?,
        premium,
        order,
        domain,
    };
    Ok((facts, present))
}

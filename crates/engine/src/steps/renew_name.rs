//! Renews a bought name for another year, while its order wants it.

use model::action::ActionReason;
use model::clock::{HOUR, Time};
use model::domain::{Class, Lapse, Source};
use model::intent::Permit;
use model::money::Cents;
use model::order::OrderStatus;
use model::run::{Learnt, Outcome, RENEW_AHEAD, Then};
use providers::term;
use providers::trouble::{RENEWAL_UNDER_WAY, Refused, Trouble};

use super::register_name::{learnt, wait};
use crate::cx::Cx;
use crate::party::{Fault, ask};

/// How soon a term that may have been asked for is looked for again.
const LOOK_AGAIN: i64 = 2 * HOUR;

/// The registrar wants more years than one term, at no higher price for each.
const LAGS: &str =
    "The registrar says that the name runs out earlier than we know, and would sell more years than were agreed.";

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if let Some(outcome) = found(cx).await? {
        return Ok(outcome);
    }
    let Some(beyond) = cx.domain.expires_at.filter(|expires_at| is_wanted(cx, *expires_at)) else {
        let_go(cx).await?;
        // Nobody wants it any more, and it may have been asked for all the same.
        return Ok(match cx.permit {
            Permit::FindOut if cx.domain.held => Outcome::then(look_later(cx)),
            _ => Outcome::done(Learnt::Nothing),
        });
    };
    let due = beyond.plus(-RENEW_AHEAD);
    if cx.now.partner() < due {
        let why = "The registration runs for longer than was known; it is renewed a month before its end.".into();
        return Ok(Outcome::then(Then::Wait { until: due, why }));
    }
    match cx.permit {
        Permit::Buy(_) => {}
        Permit::Wait(held) => {
            let_go(cx).await?;
            return Ok(wait(cx, *held));
        }
        // It was not found just before. Meanwhile no vendor renews by itself: renewals may have been paused since it was asked.
        Permit::FindOut => {
            let_go(cx).await?;
            return Ok(Outcome::then(look_later(cx)));
        }
    }
    // What is past renewing might be restored in silence, at another price.
    if beyond <= cx.now.partner()
        && let Some(lapse) = past_renewing(cx).await?
    {
        return Ok(lapsed(cx, lapse));
    }
    let most = cx.domain.renewal_cost_cents.saturating_mul(term::least(&cx.domain.name));
    match cx.registrar().ask(|registrar| registrar.ensure_renewed(&cx.call, beyond, most)).await {
        Ok(bought) => Ok(Outcome::done(learnt(bought))),
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(reason @ ActionReason::PriceChanged)))) => {
            dearer(cx).await.map(|cents| match cents {
                Some(cents) => Outcome { learnt: Learnt::RenewalPrice { cents }, then: ask(reason) },
                None => Outcome { learnt: Learnt::NotAsked, then: Then::Operator { words: LAGS.into() } },
            })
        }
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(reason @ ActionReason::RegistrarRejected)))) => {
            Ok(match gone(cx).await? {
                Some(lapse) => lapsed(cx, lapse),
                None => Outcome { learnt: Learnt::NotAsked, then: ask(reason) },
            })
        }
        // Whatever is not certain is looked for, and not asked for again.
        Err(fault) if fault.is_unclear() => Err(fault),
        Err(fault) => Ok(Outcome { learnt: Learnt::NotAsked, then: fault.then() }),
    }
}

/// What keeps a name that ran out from being renewed, as its registry says it, with what it costs to restore it.
async fn past_renewing(cx: &Cx<'_>) -> Result<Option<Lapse>, Fault> {
    let statuses = cx.observer().ask(|observer| observer.registry_statuses(&cx.call)).await?;
    Ok(match Lapse::of(&statuses.unwrap_or_default()) {
        Some(Lapse::Redemption(_)) => {
            let fee = cx.registrar().ask(|registrar| registrar.restore_price(&cx.call)).await;
            // Who does not know the fee asks all the same.
            Some(Lapse::Redemption(fee.unwrap_or_default()))
        }
        lapse => lapse,
    })
}

/// Why a registrar does not renew a name, where it is because the name is past that.
async fn gone(cx: &Cx<'_>) -> Result<Option<Lapse>, Fault> {
    if let Some(lapse) = past_renewing(cx).await? {
        return Ok(Some(lapse));
    }
    match cx.registrar().ask(|registrar| registrar.expiry(&cx.call)).await {
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected)))) => Ok(Some(Lapse::Gone)),
        Err(fault) => Err(fault),
        Ok(_) => Ok(None),
    }
}

fn lapsed(cx: &Cx<'_>, lapse: Lapse) -> Outcome {
    let words = lapse.words(&cx.domain.name);
    Outcome { learnt: Learnt::NotAsked, then: Then::Operator { words } }
}

/// What a year costs now, where it is more than was agreed.
async fn dearer(cx: &Cx<'_>) -> Result<Option<Cents>, Fault> {
    let cents = cx.registrar().ask(|registrar| registrar.renewal_price(&cx.call)).await?;
    Ok(Some(cents).filter(|cents| *cents > cx.domain.renewal_cost_cents))
}

/// A term that an earlier try may have asked for; `None` while it does not show. A vendor that was switched on for it does
/// not buy the next one too.
async fn found(cx: &Cx<'_>) -> Result<Option<Outcome>, Fault> {
    let (Permit::FindOut, Some(known), true) = (cx.permit, cx.domain.expires_at, cx.domain.held) else {
        return Ok(None);
    };
    let expires_at = cx.registrar().ask(|registrar| registrar.expiry(&cx.call)).await?;
    if expires_at <= known {
        return Ok(None);
    }
    let_go(cx).await?;
    Ok(Some(Outcome::done(Learnt::bought(expires_at))))
}

fn look_later(cx: &Cx<'_>) -> Then {
    Then::Wait { until: cx.now.partner().plus(LOOK_AGAIN), why: RENEWAL_UNDER_WAY.into() }
}

/// Nothing is renewed past us: an earlier try may have had the vendor renew by itself.
async fn let_go(cx: &Cx<'_>) -> Result<(), Fault> {
    if cx.domain.source != Source::Registrar || !cx.domain.held {
        return Ok(());
    }
    cx.registrar().ask(|registrar| registrar.ensure_no_renewal(&cx.call)).await
}

fn is_wanted(cx: &Cx<'_>, expires_at: Time) -> bool {
    let Some(order) = cx.order else { return false };
    let lives = !matches!(order.status, OrderStatus::Failed | OrderStatus::Cancelled);
    let leaves = cx.domain.cancels_at.is_some_and(|at| at <= expires_at);
    let live = matches!(cx.domain.status.class(), Class::Open | Class::Active | Class::Asking);
    cx.domain.source == Source::Registrar && cx.domain.held && lives && live && !leaves
}

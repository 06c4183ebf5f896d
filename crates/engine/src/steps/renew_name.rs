//! Renews a bought name for another year, while its order wants it.

use model::action::ActionReason;
use model::clock::Time;
use model::domain::{Class, Source};
use model::intent::{Held, Permit};
use model::order::OrderStatus;
use model::run::{Learnt, Outcome, RENEW_AHEAD, Then};
use providers::trouble::{Refused, Trouble};

use super::register_name::{learnt, wait};
use crate::cx::Cx;
use crate::party::{Fault, ask};

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let Some(beyond) = cx.domain.expires_at.filter(|expires_at| is_wanted(cx, *expires_at)) else {
        let_go(cx).await?;
        return Ok(Outcome::done(Learnt::Nothing));
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
        Permit::FindOut => return Ok(wait(cx, Held::Paused)),
    }
    let most = cx.domain.renewal_cost_cents;
    match cx.registrar().ask(|registrar| registrar.ensure_renewed(&cx.call, beyond, most)).await {
        Ok(bought) => Ok(Outcome::done(learnt(bought))),
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(reason @ ActionReason::PriceChanged)))) => {
            let cents = cx.registrar().ask(|registrar| registrar.renewal_price(&cx.call)).await?;
            Ok(Outcome { learnt: Learnt::RenewalPrice { cents }, then: ask(reason) })
        }
        Err(fault) => Err(fault),
    }
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

//! Redirects the name's web address: where its order wants it, or a forwarding job.

use model::action::ActionReason;
use model::dns::Purpose;
use model::forwarding::{ForwardingReason, works};
use model::run::{Learnt, Outcome, RunKind, Then};
use providers::trouble::{Refused, Trouble};

use super::publish_records;
use crate::cx::Cx;
use crate::party::{Fault, ask};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    if cx.run.kind == RunKind::Forward {
        return forward(cx).await;
    }
    let Some(target) = &cx.domain.forwarding_url else {
        return Ok(Outcome::done(Learnt::Nothing));
    };
    if look(cx, target).await?.is_some() {
        return Ok(Outcome::then(ask(ActionReason::TargetUnreachable)));
    }
    redirect(cx, target).await
}

/// A job's change of a redirect: whoever asked for it reads why it failed, and sends another.
async fn forward(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let Some(target) = cx.run.memory.target.as_ref().filter(|_| works(cx.domain)) else {
        return Ok(failed(ForwardingReason::NotActive));
    };
    if let Some(reason) = look(cx, target).await? {
        return Ok(failed(reason));
    }
    match redirect(cx, target).await {
        Err(Fault::Of(_, Trouble::Refused(_))) => Ok(failed(ForwardingReason::InvalidTarget)),
        redirected => redirected,
    }
}

/// Makes the address redirect, and its zone have what that needs: its row is changed first, and published by the next try where
/// there is something to publish.
async fn redirect(cx: &Cx<'_>, target: &str) -> Result<Outcome, Fault> {
    let records = cx.redirector().ask(|redirector| redirector.ensure_redirect(&cx.call, target)).await?;
    let account = cx.domain.accounts.redirect.as_deref();
    match cx.zone {
        Some(zone) if !zone.has(Purpose::Redirect, &records) || (zone.is_behind() && !zone.leads(account, target)) => {
            let then = Then::Wait { until: cx.now.partner(), why: "Its DNS records are being changed.".into() };
            Ok(Outcome { learnt: Learnt::Redirect { target: target.to_owned(), records }, then })
        }
        Some(zone) if !zone.leads(account, target) => {
            Ok(Outcome::done(Learnt::Redirect { target: target.to_owned(), records }))
        }
        Some(zone) if zone.is_behind() => publish_records::run(cx).await,
        None if !records.is_empty() => {
            cx.dns().ask(|dns| dns.ensure_records(&cx.call, &records)).await?;
            Ok(Outcome::done(Learnt::Nothing))
        }
        _ => Ok(Outcome::done(Learnt::Nothing)),
    }
}

fn failed(reason: ForwardingReason) -> Outcome {
    let words = match reason {
        ForwardingReason::DnsLookupFailed => "The target's name cannot be looked up.",
        ForwardingReason::TargetUnreachable => "The target does not answer.",
        ForwardingReason::InvalidTarget => "The target is not an address that can be redirected to.",
        ForwardingReason::DomainNotFound | ForwardingReason::NotActive => "The domain does not work now.",
    };
    Outcome { learnt: Learnt::NotForwarded(reason), then: Then::Fail { words: words.into() } }
}

/// Why nobody should be sent to a target; `None` when it answers. Any answer will do, a page that wants a
/// login is still a page, but not one that says that its server is broken.
async fn look(cx: &Cx<'_>, target: &str) -> Result<Option<ForwardingReason>, Fault> {
    match cx.observer().ask(|observer| observer.fetch(&cx.call, target, 0)).await {
        Ok(fetched) if fetched.status < 500 => Ok(None),
        Err(Fault::Of(_, Trouble::Refused(Refused::Target(fault)))) => Ok(Some(fault.reason())),
        Ok(_) | Err(Fault::Of(_, Trouble::Refused(_))) => Ok(Some(ForwardingReason::TargetUnreachable)),
        Err(fault) => Err(fault),
    }
}

//! Redirects the name's web address, when the order wants that.

use model::action::ActionReason;
use model::run::{Learnt, Outcome};
use providers::trouble::Trouble;

use crate::cx::{Cx, ask};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    let Some(target) = &cx.domain.forwarding_url else {
        return Ok(Outcome::done(Learnt::Nothing));
    };
    match cx.cast.observer.fetch(&cx.call, target, 0).await {
        // Any answer will do: a page that wants a login is still a page.
        Ok(fetched) if fetched.status < 500 => {}
        Ok(_) | Err(Trouble::Refused(_)) => return Ok(Outcome::then(ask(ActionReason::TargetUnreachable))),
        Err(trouble) => return Err(trouble),
    }
    cx.cast.dns.ensure_redirect(&cx.call, target).await?;
    Ok(Outcome::done(Learnt::Nothing))
}

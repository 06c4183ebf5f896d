//! Looks whether an imported name is registered, whether its registry lets it be moved, whether mail is received at it, and whether its
//! zone is signed.

use model::dns::RrType;
use model::import::{Seen, inspect};
use model::run::{Learnt, Outcome, Then};

use super::confirm_ready::seen;
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let name = cx.domain.name.as_str();
    let nameservers = seen(cx, name, RrType::Ns).await?;
    let mail = seen(cx, name, RrType::Mx).await?;
    let is_signed = cx.observer().ask(|observer| observer.is_signed(&cx.call, name)).await?;
    let statuses = cx.observer().ask(|observer| observer.registry_statuses(&cx.call)).await?;
    let found = Seen { nameservers: &nameservers, mail: &mail, is_signed, statuses: statuses.as_deref() };
    Ok(match inspect(found, cx.run.memory.replace_live_mail) {
        None if statuses.is_none() => Outcome::done(Learnt::StatusUnknown),
        None => Outcome::done(Learnt::Nothing),
        Some(reason) => {
            let then = Then::Fail { words: reason.sentence().into() };
            Outcome { learnt: Learnt::NotImported(reason), then }
        }
    })
}

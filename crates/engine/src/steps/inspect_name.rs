//! Looks whether an imported name is registered, and whether mail is received at it.

use model::dns::RrType;
use model::import::inspect;
use model::run::{Learnt, Outcome, Then};

use super::confirm_ready::seen;
use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let name = cx.domain.name.as_str();
    let nameservers = seen(cx, name, RrType::Ns).await?;
    let mail = seen(cx, name, RrType::Mx).await?;
    Ok(match inspect(&nameservers, &mail, cx.run.memory.replace_live_mail) {
        None => Outcome::done(Learnt::Nothing),
        Some(reason) => {
            let then = Then::Fail { words: reason.sentence().into() };
            Outcome { learnt: Learnt::NotImported(reason), then }
        }
    })
}

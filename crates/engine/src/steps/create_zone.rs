//! Opens the name's zone and learns which nameservers serve it.

use model::import::ImportReason;
use model::run::{Learnt, Outcome, RunKind, Then};
use providers::trouble::{Refused, Trouble};

use crate::cx::Cx;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Trouble> {
    match cx.cast.dns.ensure_zone(&cx.call).await {
        Ok(nameservers) => Ok(Outcome::done(Learnt::Zone { nameservers })),
        Err(Trouble::Refused(Refused::ForGood(words))) if cx.run.kind == RunKind::Import => {
            let learnt = Learnt::NotImported(ImportReason::ZoneRefused);
            Ok(Outcome { learnt, then: Then::Fail { words } })
        }
        Err(trouble) => Err(trouble),
    }
}

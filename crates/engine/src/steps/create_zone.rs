//! Opens the name's zone and learns which nameservers serve it.

use model::import::ImportReason;
use model::run::{Learnt, Outcome, RunKind, Then};
use providers::trouble::{Refused, Trouble};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    match cx.dns().ask(|dns| dns.ensure_zone(&cx.call)).await {
        Ok(nameservers) => Ok(Outcome::done(Learnt::Zone { nameservers })),
        Err(Fault::Of(_, Trouble::Refused(Refused::ForGood(words)))) if cx.run.kind == RunKind::Import => {
            let learnt = Learnt::NotImported(ImportReason::ZoneRefused);
            Ok(Outcome { learnt, then: Then::Fail { words } })
        }
        Err(fault) => Err(fault),
    }
}

//! Opens the name's zone and learns which nameservers serve it.

use futures_util::future::join_all;
use model::dns::{RrSet, RrType};
use model::import::{ImportReason, moves_along};
use model::run::{Learnt, Outcome, RunKind, Then};
use providers::trouble::{Refused, Trouble};

use super::confirm_ready::seen;
use super::delegate_name::same_host;
use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    match cx.dns().ask(|dns| dns.ensure_zone(&cx.call)).await {
        Ok(nameservers) => {
            let found = found(cx, &nameservers).await?;
            Ok(Outcome::done(Learnt::Zone { nameservers, found }))
        }
        Err(Fault::Of(_, Trouble::Refused(Refused::ForGood(words)))) if cx.run.kind == RunKind::Import => {
            let learnt = Learnt::NotImported(ImportReason::ZoneRefused);
            Ok(Outcome { learnt, then: Then::Fail { words } })
        }
        Err(fault) => Err(fault),
    }
}

/// Seconds that resolvers may keep what moves along; how long they might before is not seen.
const TTL: u32 = 3600;
/// After so many tries a name is taken over without what nobody can say of it: its servers may never have answered.
const TRIES: i64 = 5;

/// What an imported name has that is not ours: what lies at the host already, and what others serve of it.
async fn found(cx: &Cx<'_>, nameservers: &[String]) -> Result<Vec<RrSet>, Fault> {
    if cx.run.kind != RunKind::Import {
        return Ok(vec![]);
    }
    let mut all = cx.dns().ask(|dns| dns.records(&cx.call)).await?.unwrap_or_default();
    let now = seen(cx, cx.domain.name.as_str(), RrType::Ns).await?;
    if now.iter().any(|one| nameservers.iter().any(|other| same_host(one, other))) {
        return Ok(all);
    }
    let looks = moves_along(&cx.domain.name).map(|(name, types)| of_name(cx, name, types));
    for sets in join_all(looks).await {
        for set in sets? {
            let is_there = |other: &RrSet| other.rtype == set.rtype && same_host(&other.name, &set.name);
            if !all.iter().any(is_there) {
                all.push(set);
            }
        }
    }
    Ok(all)
}

/// What others serve of one name.
async fn of_name(cx: &Cx<'_>, name: String, types: &[RrType]) -> Result<Vec<RrSet>, Fault> {
    let mut sets = vec![];
    for rtype in types {
        let values = elsewhere(cx, &name, *rtype).await?;
        if !values.is_empty() {
            sets.push(RrSet { name: name.clone(), rtype: *rtype, ttl: TTL, values });
            if *rtype == RrType::Cname {
                break;
            }
        }
    }
    Ok(sets)
}

async fn elsewhere(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Vec<String>, Fault> {
    match seen(cx, name, rtype).await {
        Err(Fault::Of(_, Trouble::Later(_))) if cx.run.attempts() >= TRIES => Ok(vec![]),
        seen => seen,
    }
}

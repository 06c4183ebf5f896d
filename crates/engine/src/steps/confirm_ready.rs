//! Looks at the domain as receivers will see it.

use model::clock::MINUTE;
use model::dns::{self, DnsHealth, Health, RrSet, RrType};
use model::run::{Learnt, Outcome, Then};

use crate::cx::Cx;
use crate::party::Fault;

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    let health = look(cx).await?;
    let then = if health.is_ok() {
        Then::Done
    } else {
        Then::Wait { until: cx.now.partner().plus(MINUTE), why: "The mail records cannot all be seen yet.".into() }
    };
    Ok(Outcome { learnt: Learnt::Dns(health), then })
}

pub(super) async fn look(cx: &Cx<'_>) -> Result<DnsHealth, Fault> {
    let name = cx.domain.name.as_str();
    let records = cx.mail_records();
    let wanted = |rtype| {
        let sets = records.iter().filter(move |set| set.rtype == rtype);
        sets.flat_map(|set| set.values.clone()).collect::<Vec<_>>()
    };
    Ok(DnsHealth {
        spf: dns::spf(&wanted(RrType::Txt), &seen(cx, name, RrType::Txt).await?),
        dkim: look_at_keys(cx, &records).await?,
        dmarc: dns::dmarc(&seen(cx, &format!("_dmarc.{name}"), RrType::Txt).await?),
        mx: dns::mx(&wanted(RrType::Mx), &seen(cx, name, RrType::Mx).await?),
        checked_at: cx.now.partner(),
    })
}

/// A key stands in the zone itself, or where the zone leads to.
async fn look_at_keys(cx: &Cx<'_>, records: &[RrSet]) -> Result<Health, Fault> {
    let mut health = Health::Ok;
    for key in records.iter().filter(|set| set.name.contains("._domainkey.")) {
        let seen = seen(cx, &key.name, key.rtype).await?;
        let compare = if key.rtype == RrType::Txt { dns::dkim } else { dns::mx };
        health = health.and(compare(&key.values, &seen));
    }
    Ok(health)
}

/// What the world sees.
pub(super) async fn seen(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Vec<String>, Fault> {
    cx.observer().ask(|observer| observer.dns(&cx.call, name, rtype)).await
}

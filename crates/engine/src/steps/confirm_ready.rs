//! Looks at the domain as receivers will see it.

use model::clock::MINUTE;
use model::dns::{DnsHealth, Health, RrType};
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
    let wanted = &cx.run.memory.mail_records;
    let mut dkim = Health::Ok;
    for record in wanted.iter().filter(|record| record.name.contains("._domainkey.")) {
        dkim = worse(dkim, compare(&record.values, &seen(cx, &record.name, record.rtype).await?));
    }
    let mx: Vec<_> =
        wanted.iter().filter(|record| record.rtype == RrType::Mx).flat_map(|record| record.values.clone()).collect();
    let spf: Vec<_> =
        wanted.iter().flat_map(|record| &record.values).filter(|value| value.starts_with("v=spf1")).cloned().collect();
    let dmarc = seen(cx, &format!("_dmarc.{name}"), RrType::Txt).await?;
    Ok(DnsHealth {
        spf: compare(&spf, &seen(cx, name, RrType::Txt).await?),
        dkim,
        dmarc: if dmarc.iter().any(|value| value.starts_with("v=DMARC1")) { Health::Ok } else { Health::Missing },
        mx: compare(&mx, &seen(cx, name, RrType::Mx).await?),
        checked_at: cx.now.partner(),
    })
}

/// What the world sees.
pub(super) async fn seen(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Vec<String>, Fault> {
    cx.observer().ask(|observer| observer.dns(&cx.call, name, rtype)).await
}

fn compare(wanted: &[String], seen: &[String]) -> Health {
    let same = |value: &String| {
        seen.iter().any(|other| other.trim_end_matches('.').eq_ignore_ascii_case(value.trim_end_matches('.')))
    };
    if wanted.iter().all(same) {
        Health::Ok
    } else if seen.is_empty() {
        Health::Missing
    } else {
        Health::Wrong
    }
}

const fn worse(one: Health, other: Health) -> Health {
    match one {
        Health::Ok => other,
        worse => worse,
    }
}

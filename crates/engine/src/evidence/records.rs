//! What can be seen of the records that mail depends on.

use futures_util::future::try_join_all;
use model::dns::{DnsHealth, MOST_LOOKUPS, RrSet, RrType};
use model::evidence::{Check, DnsLook, KeyLook, Seen, judge};

use crate::cx::Cx;
use crate::party::Fault;

pub(super) async fn look(cx: &Cx<'_>) -> Result<(Vec<Check>, DnsHealth), Fault> {
    let (name, wanted) = (cx.domain.name.to_string(), cx.mail_records().into_owned());
    let policy = format!("_dmarc.{name}");
    let is_key = |set: &&RrSet| set.name.contains("._domainkey.");
    let keys = try_join_all(wanted.iter().filter(is_key).map(|set| key(cx, set)));
    let (mx, texts, dmarc, keys) = tokio::join!(
        sight(cx, &name, RrType::Mx),
        sight(cx, &name, RrType::Txt),
        sight(cx, &policy, RrType::Txt),
        keys
    );
    let mut look = DnsLook { mx: mx?, texts: texts?, dmarc: dmarc?, keys: keys?, name, wanted, ..DnsLook::default() };
    include(cx, &mut look).await;
    Ok(judge(&look, cx.is_signed_later(), cx.now.partner()))
}

/// Asks for what the SPF record includes, one after the other. What nobody can say of somebody else's names is unknown, and
/// no trouble of this domain's.
async fn include(cx: &Cx<'_>, look: &mut DnsLook) {
    for _ in 0..=MOST_LOOKUPS {
        let Some(name) = look.lacks() else { return };
        match sight(cx, &name, RrType::Txt).await {
            Ok(seen) => _ = look.included.insert(name, seen),
            Err(_) => return,
        }
    }
}

/// A key stands in the zone itself, or where the zone leads to.
async fn key(cx: &Cx<'_>, wanted: &RrSet) -> Result<KeyLook, Fault> {
    let record = sight(cx, &wanted.name, wanted.rtype).await?;
    let leads_on = wanted.rtype != RrType::Txt && !record.values.is_empty();
    let text = if leads_on { Some(sight(cx, &wanted.name, RrType::Txt).await?) } else { None };
    Ok(KeyLook { wanted: wanted.clone(), record, text })
}

async fn sight(cx: &Cx<'_>, name: &str, rtype: RrType) -> Result<Seen, Fault> {
    cx.observer().ask(|observer| observer.sight(&cx.call, name, rtype)).await
}

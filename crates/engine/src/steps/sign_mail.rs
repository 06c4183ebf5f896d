//! Has the mail host sign the domain's mail: its keys are published first, and then it is told to begin.

use model::action::ActionReason;
use model::dns::{self, Health, HostedZone, Purpose, RrSet, RrType};
use model::run::{Learnt, Outcome, RunKind, Then};
use providers::trouble::{Refused, Trouble};

use super::publish_records::publish;
use crate::cx::Cx;
use crate::party::Fault;

/// What is waited for while the host's own keys are being published.
const PUBLISHING: &str = "The keys that the mail provider signs with are being published.";

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Outcome, Fault> {
    // What leaves is signed no more.
    if cx.run.kind == RunKind::Sign && !cx.domain.works() {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    // What has no row is published as the host wanted it at the beginning.
    let Some(zone) = cx.zone else { return Ok(Outcome::done(Learnt::Nothing)) };
    let sent = &cx.run.memory.signing_keys;
    if !has(zone, sent) {
        return Ok(learnt(zone, sent.clone(), vec![], Then::Again));
    }
    if zone.is_behind() {
        let published = publish(cx).await?;
        let learnt = published.map_or(Learnt::Nothing, |serial| Learnt::Published { serial });
        return Ok(Outcome { learnt, then: Then::Again });
    }
    let published = zone.signing_keys();
    let wanted = match cx.mail_host()?.ask(|host| host.ensure_signed(&cx.call, &published)).await {
        Err(Fault::Of(_, Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling)))) if does_not_wait(cx) => {
            return Ok(Outcome::done(Learnt::SignedLater));
        }
        wanted => wanted?,
    };
    if has(zone, &wanted) {
        return Ok(Outcome::done(Learnt::Nothing));
    }
    // Of what somebody has sent the host may want another one, never none.
    let stays = |one: &RrSet| wanted.iter().all(|key| !key.name.eq_ignore_ascii_case(&one.name));
    let (others, instead_of): (Vec<_>, Vec<_>) = sent.iter().cloned().partition(stays);
    // A host that says something else each time is asked less and less often.
    let soon = match zone.has_any(Purpose::SigningKey) {
        true => Then::Retry { words: PUBLISHING.into() },
        false => Then::Again,
    };
    Ok(learnt(zone, others.into_iter().chain(wanted.iter().cloned()).collect(), instead_of, soon))
}

/// Whether the domain is connected without, and its key asked for beside it.
fn does_not_wait(cx: &Cx<'_>) -> bool {
    cx.is_signed_later() && cx.run.kind == RunKind::Provision
}

/// Whether the zone has these keys.
fn has(zone: &HostedZone, keys: &[RrSet]) -> bool {
    let published = zone.signing_keys();
    let is_there = |key: &RrSet| {
        let compare = if key.rtype == RrType::Txt { dns::dkim } else { dns::mx };
        let mut same =
            published.iter().filter(|one| one.name.eq_ignore_ascii_case(&key.name) && one.rtype == key.rtype);
        same.any(|one| compare(&key.values, &one.values) == Health::Ok)
    };
    keys.iter().all(is_there)
}

/// What is new is put down, and published next; what stands there already and does not suffice has to be waited for.
fn learnt(zone: &HostedZone, records: Vec<RrSet>, instead_of: Vec<RrSet>, next: Then) -> Outcome {
    let then = match zone.has(Purpose::SigningKey, &records) {
        true => Then::Retry { words: "The mail provider does not take the key that is published.".into() },
        false => next,
    };
    Outcome { learnt: Learnt::SigningKeys { records, instead_of }, then }
}

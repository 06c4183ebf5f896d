//! What can be seen of the sandbox from outside.

use async_trait::async_trait;
use model::clock::{DAY, HOUR, MINUTE, Time};
use model::dns::RrType;
use model::domain::RegistryStatus;
use model::evidence::{Seen, Sighting};

use super::Sim;
use super::behaviour::{Manner, Moment};
use super::dns_host::{host, same_hosts};
use super::mail_records::of_vendors;
use super::scene::Scene;
use crate::call::Call;
use crate::egress::{Trust, check_url};
use crate::roles::{Fetched, Observer};
use crate::trouble::{Refused, TargetFault, Trouble};

/// A picture of one grey pixel: every address in the sandbox leads to it.
const PIXEL: &[u8] = include_bytes!("pixel.png");
/// What the names of steps have in common that look at the target of a redirect.
const FORWARDING: &str = "forward";

/// Who answers for everybody here.
const SANDBOX: &str = "the sandbox";
/// Who serves an imported name until its owner changes that.
const ELSEWHERE: [&str; 2] = ["ns1.elsewhere.example", "ns2.elsewhere.example"];
/// Who receives an imported name's mail until then, where somebody does.
const MAIL_ELSEWHERE: &str = "10 mail.elsewhere.example";
/// How long the owner of an imported name takes to set its nameservers, in microseconds of partner time.
const OWNER: i64 = MINUTE;
/// How long after its zone was made a drifting name loses its delegation, in microseconds of partner time.
pub(super) const DRIFTS_AFTER: i64 = 40 * DAY;
/// How long after its zone was made a name is put on hold whose registrant has not confirmed the address: what ICANN lets
/// registrars wait.
pub(super) const HELD_AFTER: i64 = 15 * DAY;
/// How long it is lost.
pub(super) const DRIFTS_FOR: i64 = 2 * DAY;
/// The same of an owner who has to be asked.
pub(super) const SLOW_OWNER: i64 = 48 * HOUR;

#[async_trait]
impl Observer for Sim {
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        let name = host(name);
        self.turn(call, move |scene| Ok(resolve(scene, &name, rtype))).await
    }

    /// What is played has nobody else who could answer.
    async fn sight(&self, call: &Call, name: &str, rtype: RrType) -> Result<Seen, Trouble> {
        let subject = format!("{name} {}", rtype.as_str());
        let values = self.dns(call, name, rtype).await?;
        let sighting = Sighting { subject, answered_by: SANDBOX.into(), answer: values.clone(), at: call.now };
        Ok(Seen { values, sightings: vec![sighting] })
    }

    async fn is_signed(&self, call: &Call, _: &str) -> Result<bool, Trouble> {
        self.turn(call, |scene| Ok(scene.behaviour.manner == Manner::Signed && scene.estate.sale.is_none())).await
    }

    async fn registry_statuses(&self, call: &Call) -> Result<Option<Vec<RegistryStatus>>, Trouble> {
        self.turn(call, |scene| {
            let (brought, is_held) = (scene.estate.sale.is_none(), drifts(scene));
            Ok(Some(match scene.behaviour.manner {
                Manner::Locked if brought => vec![RegistryStatus::ClientUpdateProhibited],
                Manner::Suspended if brought => vec![RegistryStatus::ClientHold],
                Manner::Unverified if is_held => vec![RegistryStatus::ClientHold],
                _ => vec![],
            }))
        })
        .await
    }

    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble> {
        let fault = target_fault(url);
        self.turn(call, move |scene| fetch(scene, fault, limit)).await
    }
}

/// What the beginning of an address's host makes of it.
pub(super) const TARGETS: &[(&str, TargetFault)] = &[
    ("nodns-", TargetFault::Unresolved),
    ("unreachable-", TargetFault::Unreachable),
    ("private-", TargetFault::NotPublic),
];

/// Why an address cannot be fetched: the guard of the real observer looks at it first, whatever it leads to.
fn target_fault(url: &str) -> Option<TargetFault> {
    // This machine will do, because only a development server lets a partner name it.
    let url = match check_url(url, Trust::Development) {
        Ok(url) => url,
        Err(fault) => return TargetFault::of(fault.into()),
    };
    let host = url.host_str().unwrap_or_default();
    TARGETS.iter().find(|(prefix, _)| host.starts_with(prefix)).map(|(_, fault)| *fault)
}

/// The delegation answers for itself; the rest is seen only where it leads to the zone that we serve.
pub(super) fn resolve(scene: &mut Scene<'_>, name: &str, rtype: RrType) -> Vec<String> {
    let delegation = delegation(scene);
    if rtype == RrType::Ns && name == scene.name().as_str() {
        return delegation;
    }
    if rtype == RrType::Txt
        && let Some(texts) = of_vendors(name)
    {
        return texts;
    }
    match &scene.estate.zone {
        Some(zone) if same_hosts(&delegation, &zone.nameservers) => match zone.values(name, RrType::Cname) {
            [alias] if rtype == RrType::Txt => of_vendors(alias).unwrap_or_default(),
            _ => zone.values(name, rtype).to_vec(),
        },
        _ if rtype == RrType::Mx && scene.behaviour.manner == Manner::LiveMail && scene.estate.sale.is_none() => {
            vec![MAIL_ELSEWHERE.into()]
        }
        _ => vec![],
    }
}

/// Who serves the name now. A name that we did not sell is its owner's, who sets our nameservers some time
/// after there is a zone.
fn delegation(scene: &mut Scene<'_>) -> Vec<String> {
    if drifts(scene) && scene.behaviour.manner == Manner::Unverified {
        return vec![];
    }
    if drifts(scene) {
        return ELSEWHERE.map(Into::into).to_vec();
    }
    if scene.estate.sale.is_some() || !scene.estate.delegation.is_empty() {
        return scene.estate.delegation.clone();
    }
    if scene.behaviour.manner == Manner::Unregistered {
        return vec![];
    }
    let neglected = scene.behaviour.manner == Manner::Neglected;
    let patience = if neglected { SLOW_OWNER } else { OWNER };
    match &scene.estate.zone {
        Some(zone) if (neglected && scene.call.nudges > 0) || scene.call.now >= Time(zone.since).plus(patience) => {
            scene.estate.delegation.clone_from(&zone.nameservers);
            scene.estate.delegation.clone()
        }
        _ => ELSEWHERE.map(Into::into).to_vec(),
    }
}

/// Whether the name has lost its delegation for the time being.
fn drifts(scene: &mut Scene<'_>) -> bool {
    let (after, lasts) = match scene.behaviour.manner {
        Manner::Drifting => (DRIFTS_AFTER, DRIFTS_FOR),
        Manner::Unverified => (HELD_AFTER, i64::MAX),
        _ => return false,
    };
    let (now, nudged) = (scene.call.now, scene.call.nudges > 0);
    let Some(zone) = &mut scene.estate.zone else { return false };
    let lost = Time(zone.since).plus(after);
    let drifting = now >= lost && now.0 - lost.0 < lasts;
    zone.mended |= drifting && nudged;
    drifting && !zone.mended
}

fn fetch(scene: &mut Scene<'_>, fault: Option<TargetFault>, limit: usize) -> Result<Fetched, Trouble> {
    let step = scene.call.reference.rsplit('/').next().unwrap_or_default();
    if step.contains(FORWARDING) {
        scene.ask(Moment::FetchingTarget)?;
    }
    if let Some(fault) = fault {
        return Err(Trouble::Refused(Refused::Target(fault)));
    }
    let body = PIXEL[..limit.min(PIXEL.len())].to_vec();
    Ok(Fetched { status: 200, content_type: Some("image/png".into()), body })
}

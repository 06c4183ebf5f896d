//! What a try means for the zone: its row is changed first, and whoever serves it is made equal to it then.

use crate::change::Change;
use crate::dns::{HostedZone, Purpose, RrSet, RrType, next_serial};
use crate::domain::DomainStatus;
use crate::id::Ids;
use crate::run::{Learnt, Moved, Next, StepName, Then, Try};

/// Seconds that resolvers may keep a policy: an hour, the usual middle.
const TTL: u32 = 3600;

/// What is around a zone, as it stands before the move.
#[derive(Clone, Debug, Default)]
pub struct Zoning {
    /// The domain's zone, unless it was given up. Domains from before zones were kept have none.
    pub zone: Option<HostedZone>,
    /// The highest serial that the world has had of the name; needed where the domain has no zone.
    pub last_serial: Option<i64>,
}

/// A policy that only watches (RFC 9989): what a new sending domain begins with.
#[must_use]
pub fn first_policy(domain: &str) -> RrSet {
    RrSet { name: format!("_dmarc.{domain}"), rtype: RrType::Txt, ttl: TTL, values: vec!["v=DMARC1; p=none".into()] }
}

impl Moved {
    /// Whether the zone's row has to be seen.
    #[must_use]
    pub fn concerns_zone(&self, tried: &Try<'_>) -> bool {
        tried.outcome.learnt.concerns_zone() || self.gives_zone_up(tried)
    }

    /// Whether nobody looks after the zone any more: it was taken down, or its domain has left for good.
    fn gives_zone_up(&self, tried: &Try<'_>) -> bool {
        let has_left = matches!(self.domain.status, DomainStatus::Failed | DomainStatus::Released);
        let taken_down = tried.run.step == StepName::ReleaseDomain && tried.outcome.then == Then::Done;
        taken_down || (has_left && self.next == Next::Finished)
    }
}

/// Decides what becomes of the zone's row.
#[must_use]
pub fn zone(facts: &Zoning, tried: &Try<'_>, moved: &Moved, ids: &Ids) -> Change {
    let (mut change, now) = (Change::default(), tried.now.server);
    let account = moved.domain.accounts.dns.as_deref();
    let Some(before) = &facts.zone else {
        if let (Learnt::Zone { nameservers, found }, false) = (&tried.outcome.learnt, moved.gives_zone_up(tried)) {
            let mut zone = made(facts, moved, nameservers, tried, ids);
            zone.put(Purpose::Customer, found, now);
            change.zones.insert.push(zone);
        }
        return change;
    };
    let mut zone = before.clone();
    match &tried.outcome.learnt {
        Learnt::Zone { nameservers, found } => {
            zone.serve_at(account, nameservers, now);
            // What was found first is the customer's; what is found later may be ours.
            if !zone.has_any(Purpose::Customer) && !zone.has_any(Purpose::Mail) {
                zone.put(Purpose::Customer, found, now);
            }
        }
        Learnt::MailDomain { records } => {
            zone.put(Purpose::Mail, records, now);
            zone.put(Purpose::Policy, &[first_policy(moved.domain.name.as_str())], now);
        }
        Learnt::SigningKeys { records, .. } => _ = zone.put(Purpose::SigningKey, records, now),
        Learnt::Redirect { target, records } => {
            zone.put(Purpose::Redirect, records, now);
            zone.lead(moved.domain.accounts.redirect.as_deref(), target);
        }
        Learnt::Published { serial } => zone.published(*serial),
        Learnt::Looked(looked) => looked.serial.into_iter().for_each(|serial| zone.published(serial)),
        _ => {}
    }
    if moved.gives_zone_up(tried) {
        zone.remove(now);
    }
    change.zones.update.extend((zone != *before).then_some(zone));
    change
}

fn made(facts: &Zoning, moved: &Moved, nameservers: &[String], tried: &Try<'_>, ids: &Ids) -> HostedZone {
    let (domain, now) = (&moved.domain, tried.now.server);
    HostedZone {
        id: ids.next(),
        partner: domain.partner.clone(),
        world: domain.world.clone(),
        domain: domain.id.clone(),
        name: domain.name.clone(),
        account: domain.accounts.dns.clone(),
        nameservers: nameservers.to_vec(),
        records: vec![],
        redirects_to: None,
        redirect_account: None,
        serial: next_serial(facts.last_serial, now),
        published_serial: None,
        created_at: now,
        removed_at: None,
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Domain;
    use crate::id::{Id as _, RunId};
    use crate::run::tests::{NOW, domain, ids, tried};
    use crate::run::{Outcome, Policy, Run, RunKind, advance};

    fn after(facts: &Zoning, domain: &Domain, (kind, step): (RunKind, StepName), outcome: &Outcome) -> Change {
        let run = Run { step, ..Run::new(RunId::opaque("run_1"), kind, domain, NOW) };
        let tried = tried(&run, domain, outcome, NOW);
        let moved = advance(&tried, &ids(), &Policy::default());
        if moved.concerns_zone(&tried) { zone(facts, &tried, &moved, &ids()) } else { Change::default() }
    }

    fn learns(facts: &Zoning, step: StepName, learnt: Learnt) -> Change {
        let domain = domain(DomainStatus::Configuring, true);
        after(facts, &domain, (RunKind::Provision, step), &Outcome::done(learnt))
    }

    fn kept(zone: &HostedZone) -> Zoning {
        Zoning { zone: Some(zone.clone()), last_serial: None }
    }

    #[test]
    fn a_zone_is_made_filled_and_published_step_by_step() {
        let nameservers = vec!["ns1.host.example".to_owned()];
        let facts = Zoning { zone: None, last_serial: Some(2_000) };
        let made =
            learns(&facts, StepName::CreateZone, Learnt::Zone { nameservers: nameservers.clone(), found: vec![] });
        let [zone] = &made.zones.insert[..] else { panic!("{made:?}") };
        assert_eq!((zone.name.as_str(), zone.serial, &zone.nameservers), ("acme.com", 2_001, &nameservers));
        let again = learns(&kept(zone), StepName::CreateZone, Learnt::Zone { nameservers, found: vec![] });
        assert_eq!(again, Change::default(), "it is there");

        let mx =
            RrSet { name: "acme.com".into(), rtype: RrType::Mx, ttl: 300, values: vec!["1 smtp.google.com".into()] };
        let opened = learns(&kept(zone), StepName::OpenMailDomain, Learnt::MailDomain { records: vec![mx.clone()] });
        let zone = &opened.zones.update[0];
        assert_eq!(zone.to_write(), [mx, first_policy("acme.com")]);
        let published = learns(&kept(zone), StepName::PublishRecords, Learnt::Published { serial: zone.serial });
        assert!(!published.zones.update[0].is_behind());
    }

    #[test]
    fn where_the_web_address_leads_is_put_down_with_its_records() {
        let made =
            learns(&Zoning::default(), StepName::CreateZone, Learnt::Zone { nameservers: vec![], found: vec![] });
        let zone = &made.zones.insert[0];
        let learnt = |target: &str| Learnt::Redirect { target: target.into(), records: vec![] };
        let set = learns(&kept(zone), StepName::SetForwarding, learnt("https://acme.com"));
        let led = &set.zones.update[0];
        assert!(led.leads(None, "https://acme.com") && !led.leads(Some("own"), "https://acme.com"));
        assert_eq!(led.serial, zone.serial, "no record has changed");
        let again = learns(&kept(led), StepName::SetForwarding, learnt("https://acme.com"));
        assert_eq!(again, Change::default());
    }

    #[test]
    fn a_domain_from_before_zones_were_kept_goes_on_without() {
        let records = vec![first_policy("acme.com")];
        let change = learns(&Zoning::default(), StepName::OpenMailDomain, Learnt::MailDomain { records });
        assert_eq!(change, Change::default());
    }

    #[test]
    fn a_zone_is_given_up_when_it_was_taken_down_or_its_domain_has_left() {
        let nameservers = vec!["ns1.host.example".to_owned()];
        let made = learns(&Zoning::default(), StepName::CreateZone, Learnt::Zone { nameservers, found: vec![] });
        let facts = kept(&made.zones.insert[0]);
        let fail = Outcome::then(Then::Fail { words: "No.".into() });
        for (status, place, outcome, goes) in [
            (DomainStatus::Releasing, (RunKind::Close, StepName::ReleaseDomain), Outcome::done(Learnt::Nothing), true),
            (DomainStatus::Releasing, (RunKind::Close, StepName::CloseInboxes), Outcome::done(Learnt::Nothing), false),
            (DomainStatus::Configuring, (RunKind::Provision, StepName::VerifyMailDomain), fail.clone(), true),
            (DomainStatus::Active, (RunKind::Forward, StepName::SetForwarding), fail, false),
        ] {
            let change = after(&facts, &domain(status, true), place, &outcome);
            let removed = change.zones.update.first().is_some_and(|zone| zone.removed_at == Some(NOW.server));
            assert_eq!(removed, goes, "{place:?}");
        }
    }
}

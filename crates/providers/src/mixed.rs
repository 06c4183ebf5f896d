//! A sandbox that is partly at vendors' own ones: what their accounts do not play, ours plays.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use model::account::Lineup;
use model::clock::DAY;
use model::dns::{RrSet, RrType};
use model::domain::Assigned;
use model::role::Role;

use crate::call::Call;
use crate::cast::{Cast, Player};
use crate::nobody::Nobody;
use crate::roles::{DnsHost, Fetched, Observer};
use crate::roster::{Registrants, Roster};
use crate::trouble::Trouble;

/// Who plays for a domain of a sandbox. What vendors' accounts play, ours never does: a name that none of them has room for
/// is not sold by somebody else.
pub(crate) fn cast(ours: &Cast, vendors: Option<&Roster>, assigned: &Assigned) -> Cast {
    let none = Roster {
        lineup: Arc::new(Lineup::default()),
        accounts: BTreeMap::new(),
        observer: ours.observer.clone(),
        registrants: Registrants::default(),
        prober: None,
    };
    let vendors = vendors.unwrap_or(&none);
    let cast = vendors.cast_beside(&remaining(ours, vendors), assigned);
    let has = |role| assigned.get(role).is_some();
    // Before it has a zone at a vendor's, an imported name is made up as in every sandbox.
    let is_elsewhere = has(Role::Dns) || has(Role::Registrar) && !vendors.lineup.plays(Role::Dns);
    if !is_elsewhere {
        return cast;
    }
    let told = Told { dns: cast.dns.clone(), ours: ours.observer.clone() };
    let ours_dns = Pointed(ours.dns.clone());
    let dns: Player<dyn DnsHost> = match has(Role::Dns) {
        true => Player::new(cast.dns.account, Arc::new(Copied { vendor: cast.dns.clone(), ours: ours_dns })),
        false => Player::new(cast.dns.account, Arc::new(ours_dns)),
    };
    Cast { observer: Player::new(ours.observer.account, Arc::new(told)), dns, ..cast }
}

/// Ours, without the roles that vendors' accounts play.
fn remaining(ours: &Cast, vendors: &Roster) -> Cast {
    let nobody = Nobody::NeverGiven.cast(&ours.observer);
    let plays = |role| vendors.lineup.plays(role);
    let mail = if plays(Role::Mail) { &nobody } else { ours };
    Cast {
        registrar: if plays(Role::Registrar) { &nobody } else { ours }.registrar.clone(),
        dns: if plays(Role::Dns) { &nobody } else { ours }.dns.clone(),
        redirector: if plays(Role::Redirect) { &nobody } else { ours }.redirector.clone(),
        google: mail.google.clone(),
        microsoft: mail.microsoft.clone(),
        sequencer: if plays(Role::Sequencer) { &nobody } else { ours }.sequencer.clone(),
        observer: ours.observer.clone(),
    }
}

/// Vendors' sandboxes are nowhere in the public DNS: what a DNS host was told is taken for what is seen.
struct Told {
    dns: Player<dyn DnsHost>,
    ours: Player<dyn Observer>,
}

#[async_trait]
impl Observer for Told {
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        // What vendors have themselves is played.
        if !is_below(name, call.subject.as_str()) {
            return self.ours.dns(call, name, rtype).await;
        }
        let Some(records) = self.dns.records(call).await? else { return Ok(vec![]) };
        if rtype == RrType::Ns && name == call.subject.as_str() {
            return self.dns.ensure_zone(call).await;
        }
        let of = |rtype| records.iter().find(|set| set.rtype == rtype && set.name.eq_ignore_ascii_case(name));
        match (of(rtype), of(RrType::Cname).and_then(|alias| alias.values.first())) {
            (Some(set), _) => Ok(set.values.clone()),
            (None, Some(alias)) => self.ours.dns(call, alias, rtype).await,
            (None, None) => Ok(vec![]),
        }
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble> {
        self.ours.fetch(call, url, limit).await
    }
}

/// Whether a name is the zone's own, or lies below it.
fn is_below(name: &str, zone: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A vendor's zones, with a copy in the sandbox: its mail hosts look for their records there.
struct Copied {
    vendor: Player<dyn DnsHost>,
    ours: Pointed,
}

#[async_trait]
impl DnsHost for Copied {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        self.ours.ensure_zone(call).await?;
        self.vendor.ensure_zone(call).await
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        self.vendor.ensure_records(call, records).await?;
        self.ours.ensure_records(call, records).await
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        self.vendor.records(call).await
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        self.vendor.ensure_no_zone(call).await?;
        self.ours.ensure_no_zone(call).await
    }
}

/// Our zones of names that a vendor's sandbox has sold. To our sandbox they are somebody's own, who takes a while to set the
/// nameservers: these were set days ago.
struct Pointed(Player<dyn DnsHost>);

/// Longer than anybody in the sandbox takes to set nameservers.
const LONG_AGO: i64 = 7 * DAY;

#[async_trait]
impl DnsHost for Pointed {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        self.0.ensure_zone(&Call { now: call.now.plus(-LONG_AGO), ..call.clone() }).await
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        self.0.ensure_records(call, records).await
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        self.0.records(call).await
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        self.0.ensure_no_zone(call).await
    }
}

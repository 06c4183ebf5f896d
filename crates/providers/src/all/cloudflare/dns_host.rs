//! Cloudflare as a DNS host.

use async_trait::async_trait;
use model::dns::RrSet;
use model::domain::DomainName;
use model::world::World;
use serde_json::Value;

use super::changes::{Change, changes};
use super::records::{sets, wanted};
use super::zone::Zone;
use super::{Cloudflare, Right};
use crate::call::Call;
use crate::roles::DnsHost;
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// As many zones as one page has.
const ZONES_A_PAGE: u64 = 50;
/// More pages than an account has, whatever the vendor says.
const MOST_PAGES: u64 = 2_000;

#[async_trait]
impl DnsHost for Cloudflare {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        let zone = match self.zone(&call.subject).await? {
            Some(zone) => zone,
            None => self.make_zone(call).await?,
        };
        if zone.is_paused() {
            self.pause(&zone, false).await?;
        }
        let servers = zone.servers();
        if servers.is_empty() { Err(Trouble::Later(None)) } else { Ok(servers) }
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        let name = &call.subject;
        // What cannot be written is told before anything is asked.
        records.iter().try_for_each(|set| wanted(name, set).map(drop))?;
        let zone = self.working_zone(name).await?;
        self.change(&zone, |known| changes(name, known, records)).await
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        let name = &call.subject;
        let Some(zone) = self.zone(name).await? else { return Ok(None) };
        let sets = sets(name, &self.all_records(&zone).await?);
        Ok(if zone.is_paused() && sets.is_empty() { None } else { Some(sets) })
    }

    async fn zones(&self, _world: &World) -> Result<Option<Vec<DomainName>>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request =
                Request::new("list_zones", Method::Get, &["zones"]).query("account.id", self.account.as_str());
            let request = request.query("per_page", ZONES_A_PAGE.to_string()).query("page", page.to_string());
            let read = match self.ask::<Vec<Zone>>(request).await? {
                Ok(read) => read,
                Err(no) => return Err(self.refused(&no, Right::Zones)),
            };
            let pages = read.result_info.total_pages.unwrap_or(1).min(MOST_PAGES);
            let names = read.only()?.into_iter().filter(|zone| !zone.is_paused());
            all.extend(names.filter_map(|zone| DomainName::parse(&zone.name).ok()));
            if page >= pages {
                return Ok(Some(all));
            }
            page += 1;
        }
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        let name = &call.subject;
        let Some(zone) = self.zone(name).await? else { return Ok(()) };
        // What was left of it by an earlier call.
        if zone.is_paused() && self.is_bare(&zone).await? {
            return Ok(());
        }
        match self.ask::<Value>(Request::new("remove_zone", Method::Delete, &["zones", &zone.id])).await? {
            Ok(_) => Ok(()),
            Err(no) if no.status == 404 => Ok(()),
            Err(no) if no.status == 403 => Err(self.refused(&no, Right::Zones)),
            // The vendor keeps the zone of a name that is registered with it.
            Err(_) if self.registration(name).await?.is_some() => self.clear(&zone).await,
            Err(_) => Err(Trouble::Refused(Refused::ForGood(format!(
                "Cloudflare does not remove the zone of {name}; its words are in the log."
            )))),
        }
    }
}

impl Cloudflare {
    async fn is_bare(&self, zone: &Zone) -> Result<bool, Trouble> {
        Ok(self.all_records(zone).await?.is_empty() && self.rules(zone).await?.is_none_or(|rules| rules.is_empty()))
    }

    /// Takes everything out of a zone that cannot be removed, and says so by pausing it.
    async fn clear(&self, zone: &Zone) -> Result<(), Trouble> {
        self.remove_rules(zone, |_| true).await?;
        self.change(zone, |known| Ok(vec![known.iter().map(Change::delete).collect()])).await?;
        self.pause(zone, true).await
    }
}

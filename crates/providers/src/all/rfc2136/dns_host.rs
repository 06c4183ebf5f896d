//! Such a server as a DNS host.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType};
use model::dns::{RrSet, RrType, owner};
use model::domain::DomainName;

use super::Rfc2136;
use super::client::{Question, Told};
use super::update::{apex, changes, closed, closing, is_closed, opening, updates};
use super::verdict::no_zone;
use crate::call::Call;
use crate::dns::values::{self, known_type};
use crate::roles::DnsHost;
use crate::trouble::Trouble;

/// How often a zone is emptied before it is told that somebody goes on writing to it.
const ROUNDS: usize = 3;

#[async_trait]
impl DnsHost for Rfc2136 {
    async fn ensure_zone(&self, call: &Call) -> Result<Vec<String>, Trouble> {
        let zone = &call.subject;
        let Some(records) = self.zone(zone).await? else { return Err(self.has_to_be_made(zone)) };
        let apex = whole(zone)?;
        if is_closed(&apex, &records) {
            self.update(zone, opening(&apex)).await?;
        }
        let own = records.iter().filter(|record| record.record_type() == RecordType::NS && record.name == apex);
        let mut hosts: Vec<_> = own.filter_map(|record| values::value(&record.data)).collect();
        hosts.sort();
        match hosts.is_empty() {
            true => Err(Trouble::Misconfigured(format!("The zone {zone} names no name servers: give it NS records."))),
            false => Ok(hosts),
        }
    }

    async fn ensure_records(&self, call: &Call, records: &[RrSet]) -> Result<(), Trouble> {
        let zone = &call.subject;
        let apex = whole(zone)?;
        let known = self.zone(zone).await?.filter(|known| !is_closed(&apex, known));
        let known = known.ok_or_else(|| no_zone(&self.client.account, zone))?;
        for message in updates(&apex, changes(zone, &known, records)?) {
            self.update(zone, message).await?;
        }
        Ok(())
    }

    async fn records(&self, call: &Call) -> Result<Option<Vec<RrSet>>, Trouble> {
        let apex = whole(&call.subject)?;
        let known = self.zone(&call.subject).await?.filter(|known| !is_closed(&apex, known));
        Ok(known.map(|known| sets(&apex, &known)))
    }

    async fn ensure_no_zone(&self, call: &Call) -> Result<(), Trouble> {
        let zone = &call.subject;
        let apex = whole(zone)?;
        for _ in 0..ROUNDS {
            let Some(known) = self.zone(zone).await? else { return Ok(()) };
            let messages = closing(&apex, &known);
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                self.update(zone, message).await?;
            }
        }
        Err(Trouble::Later(None))
    }
}

impl Rfc2136 {
    /// All records of a zone; `None` when the server has none of that name.
    async fn zone(&self, zone: &DomainName) -> Result<Option<Vec<Record>>, Trouble> {
        let told = self.look("read_zone", zone, RecordType::AXFR, is_transferred).await?;
        let code = told.messages.first().map_or(ResponseCode::ServFail, |first| first.response_code);
        match code {
            ResponseCode::NoError => {}
            ResponseCode::NotAuth | ResponseCode::NXDomain | ResponseCode::NotZone => return Ok(None),
            // A server that has no such zone may say this too.
            ResponseCode::Refused if !self.has(zone).await? => return Ok(None),
            code => return Err(self.client.speaker().refusal(code, zone, "transfer", false)),
        }
        let records: Vec<_> = told.messages.into_iter().flat_map(|message| message.answers).collect();
        match records.first().is_some_and(|first| first.record_type() == RecordType::SOA) {
            true => Ok(Some(records)),
            false => Err(Trouble::Later(None)),
        }
    }

    /// Whether the server answers for a zone.
    async fn has(&self, zone: &DomainName) -> Result<bool, Trouble> {
        let told = self.look("look_at_zone", zone, RecordType::SOA, |_| true).await?;
        let apex = whole(zone)?;
        let is_soa = |record: &Record| record.record_type() == RecordType::SOA && record.name == apex;
        Ok(told.messages.iter().any(|message| message.authoritative && message.answers.iter().any(is_soa)))
    }

    async fn look(
        &self,
        operation: &'static str,
        zone: &DomainName,
        rtype: RecordType,
        is_whole: fn(&[Message]) -> bool,
    ) -> Result<Told, Trouble> {
        let mut message = Message::query();
        message.add_query(Query::query(whole(zone)?, rtype));
        self.client.ask(Question { operation, message, writes: false, is_whole }).await
    }

    /// Makes a change as a whole, or not at all.
    async fn update(&self, zone: &DomainName, message: Message) -> Result<(), Trouble> {
        let question = Question { operation: "update_zone", message, writes: true, is_whole: |_| true };
        let told = self.client.ask(question).await?;
        match told.messages.first().map_or(ResponseCode::ServFail, |first| first.response_code) {
            ResponseCode::NoError => Ok(()),
            ResponseCode::YXDomain | ResponseCode::YXRRSet | ResponseCode::NXRRSet | ResponseCode::NXDomain => {
                let (account, zone) = (&self.client.account, zone.as_str());
                tracing::info!(account, zone, "somebody has changed the zone since it was read: it is read again");
                Err(Trouble::Later(None))
            }
            code => Err(self.client.speaker().refusal(code, zone, "update", true)),
        }
    }

    fn has_to_be_made(&self, zone: &DomainName) -> Trouble {
        let (account, key) = (&self.client.account, self.client.key_name());
        Trouble::Misconfigured(format!(
            "The name server of the account {account} has no zone {zone}, and updates (RFC 2136) cannot make one: make it there, \
             with its name servers and nothing else, and let the key {key} update and transfer it. Then this goes on by itself."
        ))
    }
}

fn whole(zone: &DomainName) -> Result<Name, Trouble> {
    apex(zone).ok_or_else(|| Trouble::Misconfigured(format!("{zone} is no name that a zone can have.")))
}

/// A transfer begins with the SOA record and ends with it (RFC 5936 §2.2); what is no transfer ends at once.
fn is_transferred(messages: &[Message]) -> bool {
    let is_soa = |record: &&Record| record.record_type() == RecordType::SOA;
    let is_one = messages.first().is_some_and(|first| {
        first.response_code == ResponseCode::NoError && first.answers.first().is_some_and(|first| is_soa(&first))
    });
    !is_one || messages.iter().flat_map(|message| &message.answers).filter(is_soa).count() > 1
}

/// The sets that are not the server's own, and not our mark.
fn sets(apex: &Name, records: &[Record]) -> Vec<RrSet> {
    let mut sets: BTreeMap<(String, &'static str), RrSet> = BTreeMap::new();
    for record in records {
        let Some(rtype) = known_type(record.record_type()) else { continue };
        let is_own = (rtype == RrType::Ns && record.name == *apex) || closed(apex).as_ref() == Some(&record.name);
        let (Some(name), Some(value)) = (owner(&values::host(&record.name)), values::value(&record.data)) else {
            continue;
        };
        if !is_own {
            let empty = RrSet { name: name.clone(), rtype, ttl: record.ttl, values: vec![] };
            sets.entry((name, rtype.as_str())).or_insert(empty).values.push(value);
        }
    }
    sets.into_values().collect()
}

//! A zone of ours as it should be, whoever serves it.

use serde::{Deserialize, Serialize};

use super::notes::notes;
use super::{RrSet, Soa, Zone, wanted};
use crate::clock::Time;
use crate::domain::DomainName;
use crate::id::{DomainId, PartnerId, ZoneId};
use crate::named::named;
use crate::world::World;

named! {
    /// What records are in a zone for. Whoever changes those of one purpose leaves the others alone.
    #[derive(PartialOrd, Ord)]
    pub enum RecordPurpose {
        /// A name below is served elsewhere.
        Delegation "delegation",
        /// Somebody wants to see that the name is ours.
        Ownership "ownership",
        /// Mail: where it goes, who may send it, and the keys that it is signed with where its host tells them with the rest.
        Mail "mail",
        /// Keys that mail is signed with and that came later, or from somebody's hands.
        SigningKey "signing_key",
        /// What receivers do with mail that is not ours.
        Policy "policy",
        /// The web address.
        Redirect "redirect",
        /// What the customer has beside that.
        Customer "customer",
    }
}

/// A record set, and what it is there for. Without values it has been there, and is still to be removed where the zone is
/// served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// What for.
    pub purpose: RecordPurpose,
    /// What.
    #[serde(flatten)]
    pub set: RrSet,
}

/// A zone of ours: the row that says what should be. It is changed first; whoever serves it is made equal to it then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    /// Its id.
    pub id: ZoneId,
    /// Whose.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// The domain whose zone it is.
    pub domain: DomainId,
    /// The name.
    pub name: DomainName,
    /// The account that serves it; `None` in a sandbox of ours, where there is one.
    pub account: Option<String>,
    /// The nameservers that serve it.
    pub nameservers: Vec<String>,
    /// Its records.
    pub records: Vec<Records>,
    /// Where the web address of its name leads: an absolute address; `None` where it leads nowhere.
    pub redirects_to: Option<String>,
    /// The account that leads it there; `None` in a sandbox of ours, where there is one.
    pub redirect_account: Option<String>,
    /// Which version of its content this is: a second of server time or later, so that it grows from one zone of a name to
    /// the next one too.
    pub serial: i64,
    /// The version that whoever serves it was last made equal to; `None` before that.
    pub published_serial: Option<i64>,
    /// When it was made, server time.
    pub created_at: Time,
    /// When it was given up, server time.
    pub removed_at: Option<Time>,
    /// The fence against lost updates.
    pub version: i64,
}

impl HostedZone {
    /// Makes the sets of a purpose these, and no others. Answers whether that is something new; then its serial grows.
    pub fn put(&mut self, purpose: RecordPurpose, sets: &[RrSet], now: Time) -> bool {
        let records = wanted::put(&self.records, purpose, sets);
        let is_new = records != self.records;
        if is_new {
            self.records = records;
            self.serial = next_serial(Some(self.serial), now);
        }
        is_new
    }

    /// Who serves it from now on. Answers whether that is something new; then its serial grows.
    pub fn serve_at(&mut self, account: Option<&str>, nameservers: &[String], now: Time) -> bool {
        if self.nameservers == nameservers && self.account.as_deref() == account {
            return false;
        }
        if self.account.as_deref() != account {
            self.published_serial = None;
        }
        (self.account, self.nameservers) = (account.map(str::to_owned), nameservers.to_vec());
        self.serial = next_serial(Some(self.serial), now);
        true
    }

    /// Whether its web address leads there already, by that account.
    #[must_use]
    pub fn leads(&self, account: Option<&str>, target: &str) -> bool {
        self.redirects_to.as_deref() == Some(target) && self.redirect_account.as_deref() == account
    }

    /// Where its web address leads from now on, and who sees to that. It is no record: the serial stays as it is.
    pub fn lead(&mut self, account: Option<&str>, target: &str) {
        self.redirects_to = Some(target.to_owned());
        self.redirect_account = account.map(str::to_owned);
    }

    /// Puts down which version it was published in. What is not wanted any more is gone there, unless the row has changed
    /// since.
    pub fn published(&mut self, serial: i64) {
        self.published_serial = Some(serial);
        if serial == self.serial {
            self.records.retain(|one| !one.set.values.is_empty());
        }
    }

    /// Gives it up.
    pub fn remove(&mut self, now: Time) {
        self.removed_at = Some(now);
        self.serial = next_serial(Some(self.serial), now);
    }

    /// Whether the sets of a purpose are these.
    #[must_use]
    pub fn has(&self, purpose: RecordPurpose, sets: &[RrSet]) -> bool {
        wanted::put(&self.records, purpose, sets) == self.records
    }

    /// Whether it has records of a purpose.
    #[must_use]
    pub fn has_any(&self, purpose: RecordPurpose) -> bool {
        self.records.iter().any(|one| one.purpose == purpose && !one.set.values.is_empty())
    }

    /// Whether whoever serves it has still to be made equal to it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.published_serial != Some(self.serial)
    }

    /// What has to be written where it is served: the sets that are to be there, and those that are to be gone, which have
    /// no values.
    #[must_use]
    pub fn to_write(&self) -> Vec<RrSet> {
        wanted::to_write(&self.records)
    }

    /// What is to be said of it: which of the customer's own records are served otherwise than they have written them.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        notes(&self.records)
    }

    /// Whether records of it are served as they stand, and not kept back while others take their place.
    #[must_use]
    pub fn serves(&self, records: &Records) -> bool {
        !wanted::is_hidden(records, &self.records)
    }

    /// What has to be seen from outside for mail to work.
    #[must_use]
    pub fn mail_records(&self) -> Vec<RrSet> {
        wanted::of(&self.records, &[RecordPurpose::Mail, RecordPurpose::SigningKey])
    }

    /// The keys that mail is signed with, which it has to be seen with.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<RrSet> {
        self.mail_records().into_iter().filter(|set| set.name.contains("._domainkey.")).collect()
    }

    /// The zone as our own name server serves it. The nameservers of its own name are those of the zone.
    #[must_use]
    pub fn served(&self, soa: Soa) -> Zone {
        let name = self.name.as_str().to_owned();
        let is_apex_ns = |set: &RrSet| set.rtype == super::RrType::Ns && set.name == name;
        let sets = wanted::sets(&self.records).into_iter().filter(|set| !is_apex_ns(set)).collect();
        // Serials go round (RFC 1982): the lower half of the number is the one that counts.
        let serial = u32::try_from(self.serial & i64::from(u32::MAX)).unwrap_or_default();
        Zone { name, serial, nameservers: self.nameservers.clone(), soa, sets }
    }
}

/// The serial of a change: the second in which it is made, or the next number where that is not more.
#[must_use]
pub fn next_serial(last: Option<i64>, now: Time) -> i64 {
    let second = now.millis() / 1000;
    last.map_or(second, |last| second.max(last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;
    use crate::dns::RrType;
    use crate::id::Id as _;

    const NOW: Time = Time(1_000 * SECOND);

    fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
        RrSet { name: name.into(), rtype, ttl: 300, values: values.iter().map(|one| (*one).into()).collect() }
    }

    fn zone() -> HostedZone {
        HostedZone {
            id: ZoneId::opaque("zon_1"),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            domain: DomainId::opaque("dom_1"),
            name: DomainName::stored("acme.com"),
            account: Some("own".into()),
            nameservers: vec!["ns1.host.example".into()],
            records: vec![],
            redirects_to: None,
            redirect_account: None,
            serial: 1_000,
            published_serial: None,
            created_at: NOW,
            removed_at: None,
            version: 1,
        }
    }

    #[test]
    fn its_serial_grows_with_what_is_new_and_with_nothing_else() {
        let mut zone = zone();
        let mx = [set("acme.com", RrType::Mx, &["1 smtp.google.com"])];
        assert!(zone.put(RecordPurpose::Mail, &mx, NOW));
        assert_eq!(zone.serial, 1_001, "two changes of one second");
        assert!(zone.has(RecordPurpose::Mail, &mx) && !zone.has(RecordPurpose::Mail, &[]));
        assert!(!zone.put(RecordPurpose::Mail, &mx, NOW.plus(SECOND)));
        assert!(zone.put(RecordPurpose::Mail, &[], NOW.plus(60 * SECOND)));
        assert_eq!(zone.serial, 1_060);
        assert!(zone.serve_at(Some("own"), &["ns2.host.example".into()], NOW));
        assert!(!zone.serve_at(Some("own"), &["ns2.host.example".into()], NOW));
        zone.remove(NOW);
        assert_eq!((zone.serial, zone.removed_at), (1_062, Some(NOW)));
        assert_eq!(next_serial(None, NOW), 1_000);
    }

    #[test]
    fn what_was_published_is_known_and_whether_it_is_all() {
        let mut zone = zone();
        zone.put(RecordPurpose::Redirect, &[set("www.acme.com", RrType::A, &["192.0.2.1"])], NOW);
        assert!(zone.is_behind());
        zone.published(zone.serial);
        assert!(!zone.is_behind());
        let seen = zone.serial;
        zone.put(RecordPurpose::Redirect, &[], NOW);
        let gone = [set("www.acme.com", RrType::A, &[])];
        assert_eq!(zone.to_write(), gone);
        zone.published(seen);
        assert!(zone.is_behind(), "it was changed meanwhile");
        assert_eq!(zone.to_write(), gone);
        zone.published(zone.serial);
        assert!(!zone.is_behind() && zone.to_write().is_empty());
        zone.serve_at(Some("other"), &["ns1.host.example".into()], NOW);
        assert!(zone.is_behind(), "another account has none of it");
    }

    #[test]
    fn it_is_served_as_a_zone_that_passes() {
        let mut zone = zone();
        zone.put(RecordPurpose::Mail, &[set("acme.com", RrType::Mx, &["1 smtp.google.com"])], NOW);
        zone.put(RecordPurpose::Customer, &[set("acme.com", RrType::Ns, &["ns.old.example"])], NOW);
        zone.put(RecordPurpose::Policy, &[set("_dmarc.acme.com", RrType::Txt, &["v=DMARC1; p=none"])], NOW);
        let contact = "hostmaster.acme.com".into();
        let soa = Soa { contact, refresh: 3600, retry: 600, expire: 1_209_600, minimum: 300, ttl: 3600 };
        let served = zone.served(soa);
        served.check().expect("a zone that can be served");
        assert_eq!(served.sets.len(), 2, "the nameservers are the zone's own");
        assert_eq!(i64::from(served.serial), zone.serial);
    }
}

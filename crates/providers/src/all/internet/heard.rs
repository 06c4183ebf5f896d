//! What a server's answer says about a question.

use std::net::IpAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::dns::values::{host, value};

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// These values.
    Values(Vec<String>),
    /// The name stands for another one.
    Alias(Name),
    /// There is no such name, or it has no such records (RFC 2308 §2).
    Nothing,
    /// Others know.
    Referral(Referral),
    /// Nothing that counts, in words for the log.
    Silent(&'static str),
}

/// Who knows, as it is said by those who do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Referral {
    /// The zone that they serve.
    pub(super) zone: Name,
    /// The servers, with those of their addresses that came along.
    pub(super) servers: Vec<(Name, Vec<IpAddr>)>,
    /// Seconds that it may be kept.
    pub(super) ttl: u32,
}

/// What a message says that a server of `zone` answered with.
pub(super) fn read(message: &Message, zone: &Name, name: &Name, rtype: RecordType) -> Heard {
    match message.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => {}
        ResponseCode::Refused | ResponseCode::NotAuth => return Heard::Silent("it does not serve the zone"),
        ResponseCode::ServFail => return Heard::Silent("it has failed"),
        _ => return Heard::Silent("it did not take the question"),
    }
    let own =
        |wanted: RecordType| message.answers.iter().filter(move |one| one.record_type() == wanted && one.name == *name);
    // What has no value of ours is told as it stands on the wire: that it is there is what counts.
    let shown = |record: &Record| match rtype {
        RecordType::DS => Some(record.data.to_string()),
        _ => value(&record.data),
    };
    let values: Vec<_> = own(rtype).filter_map(shown).collect();
    let alias = own(RecordType::CNAME).find_map(|record| match &record.data {
        RData::CNAME(target) => Some(target.0.clone()),
        _ => None,
    });
    if values.is_empty()
        && alias.is_none()
        && let Some(referral) = referral(message, zone, name)
    {
        return Heard::Referral(referral);
    }
    match alias {
        // Whoever has it only from others must not answer for the zone.
        _ if !message.authoritative => Heard::Silent("it answers without authority"),
        _ if !values.is_empty() => Heard::Values(values),
        Some(target) => Heard::Alias(target),
        None => Heard::Nothing,
    }
}

/// The delegation that an answer points to. It leads down, from the zone towards the name; anything else leads astray.
fn referral(message: &Message, zone: &Name, name: &Name) -> Option<Referral> {
    let is_on_the_way = |owner: &Name| owner != zone && zone.zone_of(owner) && owner.zone_of(name);
    let mut cut: Vec<(&Record, &Name)> = vec![];
    for record in &message.authorities {
        if let RData::NS(server) = &record.data
            && is_on_the_way(&record.name)
            && cut.first().is_none_or(|(first, _)| first.name == record.name)
        {
            cut.push((record, &server.0));
        }
    }
    let (first, _) = cut.first()?;
    let glue = |server: &Name| {
        // Of addresses outside its zone, a server has only hearsay.
        let own = message.additionals.iter().filter(|record| record.name == *server && zone.zone_of(server));
        own.filter_map(|record| match &record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })
        .collect()
    };
    Some(Referral {
        zone: first.name.to_lowercase(),
        servers: cut.iter().map(|(_, server)| (server.to_lowercase(), glue(server))).collect(),
        ttl: cut.iter().map(|(record, _)| record.ttl).min().unwrap_or(0),
    })
}

impl Referral {
    /// The servers' names, as values of the delegation.
    pub(super) fn hosts(&self) -> Vec<String> {
        self.servers.iter().map(|(server, _)| host(server)).collect()
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};
    use hickory_proto::rr::rdata::{A, CNAME, NS, TXT};

    use super::*;
    use crate::dns::values::name;

    fn n(text: &str) -> Name {
        name(text).unwrap()
    }

    fn message(code: ResponseCode, authoritative: bool) -> Message {
        let mut message = Message::new(1, MessageType::Response, OpCode::Query);
        message.metadata.response_code = code;
        message.metadata.authoritative = authoritative;
        message
    }

    fn txt(owner: &str, text: &str) -> Record {
        Record::from_rdata(n(owner), 300, RData::TXT(TXT::new(vec![text.into()])))
    }

    fn ns(owner: &str, server: &str) -> Record {
        Record::from_rdata(n(owner), 300, RData::NS(NS(n(server))))
    }

    fn heard(message: &Message) -> Heard {
        read(message, &n("com"), &n("a.acme.com"), RecordType::TXT)
    }

    #[test]
    fn only_who_has_authority_says_that_something_is_there_or_not() {
        let mut said = message(ResponseCode::NoError, true);
        said.add_answer(txt("A.acme.com", "Ab")).add_answer(txt("b.acme.com", "somebody else's"));
        assert_eq!(heard(&said), Heard::Values(vec!["Ab".into()]));
        said.metadata.authoritative = false;
        assert!(matches!(heard(&said), Heard::Silent(_)), "hearsay");
        assert_eq!(heard(&message(ResponseCode::NXDomain, true)), Heard::Nothing);
        assert_eq!(heard(&message(ResponseCode::NoError, true)), Heard::Nothing);
        for code in [ResponseCode::NXDomain, ResponseCode::NoError] {
            assert!(matches!(heard(&message(code, false)), Heard::Silent(_)), "{code:?}");
        }
        for code in [ResponseCode::ServFail, ResponseCode::Refused, ResponseCode::NotImp, ResponseCode::FormErr] {
            assert!(matches!(heard(&message(code, true)), Heard::Silent(_)), "{code:?}");
        }
    }

    #[test]
    fn an_alias_is_told_even_where_it_leads_nowhere() {
        let mut said = message(ResponseCode::NXDomain, true);
        said.add_answer(Record::from_rdata(n("a.acme.com"), 300, RData::CNAME(CNAME(n("b.example")))));
        assert_eq!(heard(&said), Heard::Alias(n("b.example")));
    }

    #[test]
    fn a_referral_leads_down_and_brings_no_hearsay() {
        let mut said = message(ResponseCode::NoError, false);
        said.add_authority(ns("acme.com", "ns1.host.com")).add_authority(ns("acme.com", "ns.host.net"));
        said.add_authority(ns("other.com", "ns.evil.com"));
        let a = |owner: &str, last| Record::from_rdata(n(owner), 300, RData::A(A::new(192, 0, 2, last)));
        said.add_additional(a("ns1.host.com", 1)).add_additional(a("ns.host.net", 2));
        let Heard::Referral(referral) = heard(&said) else { panic!("{:?}", heard(&said)) };
        assert_eq!(referral.zone, n("acme.com"));
        let servers = vec![(n("ns1.host.com"), vec!["192.0.2.1".parse().unwrap()]), (n("ns.host.net"), vec![])];
        assert_eq!(referral.servers, servers);
        said.metadata.authoritative = true;
        assert!(matches!(heard(&said), Heard::Referral(_)), "some say it with authority that others know");
        for owner in [".", "com", "net", "b.acme.com", "other.com"] {
            let mut astray = message(ResponseCode::NoError, false);
            astray.add_authority(ns(owner, "ns1.host.com"));
            assert!(matches!(heard(&astray), Heard::Silent(_)), "{owner}");
        }
    }
}

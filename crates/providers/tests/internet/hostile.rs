//! Servers that lie.

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, NS, TXT};
use hickory_proto::rr::{RData, Record};
use model::dns::RrType;
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::egress::Egress;
use providers::roles::Observer as _;
use providers::trouble::Trouble;

use crate::servers::scripted::{Scripted, answer, asked_type, name, with};
use crate::servers::{free_port, local};
use crate::tree::{call, observer};

/// A referral to a zone whose servers are called so, with the address of each.
fn referral(question: &Message, zone: &str, servers: &[(&str, u8)]) -> Message {
    let mut answer = answer(question, ResponseCode::NoError);
    answer.metadata.authoritative = false;
    for (server, last) in servers {
        answer.add_authority(Record::from_rdata(name(zone), 60, RData::NS(NS(name(server)))));
        answer.add_additional(Record::from_rdata(name(server), 60, RData::A(A(local(*last)))));
    }
    answer
}

async fn seen_at(port: u16) -> Result<Vec<String>, Trouble> {
    observer(SocketAddr::from((local(2), port)), vec![]).dns(&call(), "acme.test", RrType::Txt).await
}

#[tokio::test]
async fn a_referral_that_leads_nowhere_new_is_not_followed_for_ever() {
    for zone in [".", "test", "other", "acme.test"] {
        let port = free_port(&[2]);
        let script = move |question: &Message, _| Some(referral(question, zone, &[("ns.test", 2)]));
        let server = Scripted::at(SocketAddr::from((local(2), port)), script).await;
        assert_eq!(seen_at(port).await, Err(Trouble::Later(None)), "{zone}");
        assert!(server.asked().len() < 12, "{:?}", server.asked());
    }
}

/// A delegation to servers, each of which is in a zone with such servers again.
#[tokio::test]
async fn a_delegation_to_a_thousand_names_costs_few_questions() {
    let port = free_port(&[2]);
    let script = |question: &Message, _| {
        let asked = question.queries[0].name().to_lowercase();
        let zone = asked.trim_to(2);
        let mut answer = answer(question, ResponseCode::NoError);
        answer.metadata.authoritative = false;
        for count in 0..40 {
            let server = name(&format!("ns.{count}-{}.test", asked.num_labels()));
            answer.add_authority(Record::from_rdata(zone.clone(), 60, RData::NS(NS(server))));
        }
        Some(answer)
    };
    let server = Scripted::at(SocketAddr::from((local(2), port)), script).await;
    assert_eq!(seen_at(port).await, Err(Trouble::Later(None)));
    assert!(server.asked().len() <= 220, "{}", server.asked().len());
}

/// The addresses of a delegation are a stranger's words: none of this machine's is asked for it on the internet.
#[tokio::test]
async fn nobody_sends_us_to_addresses_that_are_not_public() {
    let port = free_port(&[2, 3]);
    let at = |last| SocketAddr::from((local(last), port));
    let send = |question: &Message, _| Some(referral(question, "acme.test", &[("ns.acme.test", 3)]));
    let _root = Scripted::at(at(2), send).await;
    let inner = Scripted::at(at(3), |question: &Message, _| Some(answer(question, ResponseCode::NXDomain))).await;
    let settings = InternetSettings {
        roots: Some(vec![at(2)]),
        port,
        resolvers: Resolvers::At(vec![]),
        ..InternetSettings::default()
    };
    let internet = Internet::new(&settings, Egress::new(false).unwrap()).unwrap();
    assert_eq!(internet.dns(&call(), "acme.test", RrType::Txt).await, Err(Trouble::Later(None)));
    assert!(inner.asked().is_empty(), "{:?}", inner.asked());
}

#[tokio::test]
async fn other_peoples_records_in_an_answer_are_not_taken() {
    let port = free_port(&[2]);
    let script = |question: &Message, _| {
        let mut answer = with(question, RData::TXT(TXT::new(vec!["ours".into()])));
        answer.add_answer(Record::from_rdata(name("bank.test"), 60, RData::TXT(TXT::new(vec!["theirs".into()]))));
        Some(answer)
    };
    let _server = Scripted::at(SocketAddr::from((local(2), port)), script).await;
    assert_eq!(seen_at(port).await, Ok(vec!["ours".into()]));
}

/// A server that does not keep the case of a question could be somebody who has not seen it: it is asked over TCP.
#[tokio::test]
async fn a_guessed_answer_is_not_believed() {
    let port = free_port(&[2]);
    let script = |question: &Message, is_tcp| {
        let mut guessed = with(question, RData::TXT(TXT::new(vec![if is_tcp { "true" } else { "guessed" }.into()])));
        if !is_tcp {
            guessed.queries[0].name = name("acme.test");
        }
        Some(guessed)
    };
    let _server = Scripted::at(SocketAddr::from((local(2), port)), script).await;
    let told = observer(SocketAddr::from((local(2), port)), vec![]);
    let told = told.dns(&call(), "a-name-with-many-letters.acme.test", RrType::Txt).await;
    assert_ne!(told, Ok(vec!["guessed".into()]));
}

#[tokio::test]
async fn a_server_older_than_edns_is_asked_without_it() {
    let port = free_port(&[2]);
    let script = |question: &Message, _| {
        if question.edns.is_none() {
            return Some(with(question, RData::TXT(TXT::new(vec!["old".into()]))));
        }
        let mut no = answer(question, ResponseCode::FormErr);
        no.edns = None;
        Some(no)
    };
    let server = Scripted::at(SocketAddr::from((local(2), port)), script).await;
    assert_eq!(seen_at(port).await, Ok(vec!["old".into()]));
    assert!(server.asked().iter().all(|one| one == "acme.test. TXT"));
    let _ = asked_type;
}

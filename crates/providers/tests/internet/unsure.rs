//! What nobody can say is never told as missing.

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{MX, TXT};
use model::dns::RrType;
use providers::roles::Observer as _;
use providers::trouble::Trouble;

use crate::servers::scripted::{Scripted, answer, asked_type, name, with};
use crate::servers::{free_port, knot, local, zone_file};
use crate::tree::{call, observer};

fn text(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.into()]))
}

/// What is seen of a TXT set and an MX set at a name that Knot serves, with a TXT record and no MX record, and another server
/// beside it; `None` where Knot is not installed.
async fn beside(
    script: impl Fn(&Message, bool) -> Option<Message> + Send + Sync + 'static,
) -> Option<[Result<Vec<String>, Trouble>; 2]> {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port(&[2, 3, 4]));
    let at = |last| SocketAddr::from((local(last), port));
    let top = "acme. IN NS ns1.acme.\nacme. IN NS ns2.acme.\nns1.acme. IN A 127.0.0.3\nns2.acme. IN A 127.0.0.4\n";
    let (root, below) = (folder.path().join("root"), folder.path().join("below"));
    std::fs::create_dir(&root).unwrap();
    std::fs::create_dir(&below).unwrap();
    let servers = ["ns1.acme", "ns2.acme"];
    let addresses = "ns1 IN A 127.0.0.3\nns2 IN A 127.0.0.4\n@ IN TXT one\n";
    let _root =
        knot::start(&root, at(2), &[(".", zone_file(".", &["ns"], &format!("ns. IN A 127.0.0.2\n{top}")))], "")?;
    let _below = knot::start(&below, at(3), &[("acme", zone_file("acme", &servers, addresses))], "")?;
    let _other = Scripted::at(at(4), script).await;
    let (observer, call) = (observer(at(2), vec![]), call());
    let looks = tokio::join!(observer.dns(&call, "acme", RrType::Txt), observer.dns(&call, "acme", RrType::Mx));
    Some([looks.0, looks.1])
}

/// What one server gives is there, whatever keeps the other one silent; but that something is missing has to be said by both.
#[tokio::test]
async fn a_server_that_is_no_help_neither_hides_a_record_nor_says_that_it_is_missing() {
    let codes = [ResponseCode::ServFail, ResponseCode::Refused, ResponseCode::FormErr, ResponseCode::NotImp];
    for code in codes {
        let script = move |question: &Message, _| Some(answer(question, code));
        let Some([text, mail]) = beside(script).await else { return };
        assert_eq!((text, mail), (Ok(vec!["one".into()]), Err(Trouble::Later(None))), "{code}");
    }
    let Some([text, mail]) = beside(|_: &Message, _| None).await else { return };
    assert_eq!((text, mail), (Ok(vec!["one".into()]), Err(Trouble::Later(None))), "silence");
    let without_authority = |question: &Message, _| {
        let mut answer = answer(question, ResponseCode::NXDomain);
        answer.metadata.authoritative = false;
        Some(answer)
    };
    let Some([text, mail]) = beside(without_authority).await else { return };
    assert_eq!((text, mail), (Ok(vec!["one".into()]), Err(Trouble::Later(None))), "lame");
}

#[tokio::test]
async fn two_servers_that_contradict_each_other_say_nothing() {
    let other = |question: &Message, _| {
        Some(match asked_type(question) {
            hickory_proto::rr::RecordType::TXT => with(question, text("two")),
            _ => with(question, RData::MX(MX::new(10, name("mx.example")))),
        })
    };
    let Some(looks) = beside(other).await else { return };
    assert_eq!(looks, [Err(Trouble::Later(None)), Err(Trouble::Later(None))], "mail may be in use at one of them");
}

/// As the first test, where the answer does not fit: over TCP nobody is at home.
#[tokio::test]
async fn half_an_answer_is_none() {
    let half = |question: &Message, is_tcp: bool| {
        let mut half = answer(question, ResponseCode::NoError);
        half.metadata.truncation = true;
        (!is_tcp).then_some(half)
    };
    let Some([text, mail]) = beside(half).await else { return };
    assert_eq!((text, mail), (Ok(vec!["one".into()]), Err(Trouble::Later(None))));
}

#[tokio::test]
async fn nobody_on_the_way_is_later() {
    let port = free_port(&[2]);
    let told = observer(SocketAddr::from((local(2), port)), vec![]).dns(&call(), "acme.test", RrType::Ns).await;
    assert_eq!(told, Err(Trouble::Later(None)));
}

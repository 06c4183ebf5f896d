//! What a resolver says is seen too, and does not hide what is there.

use std::net::SocketAddr;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::TXT;
use model::clock::SECOND;
use model::dns::RrType;
use providers::roles::Observer as _;
use providers::trouble::Trouble;

use crate::servers::scripted::{Scripted, answer, with};
use crate::servers::{bind, free_port, local};
use crate::support::start;
use crate::tree::{Tree, call};

/// What is seen of a text that both servers of `acme.test` have, beside a resolver that says this.
async fn beside(
    tree: &Tree,
    script: impl Fn(&Message) -> Option<Message> + Send + Sync + 'static,
) -> (Result<Vec<String>, Trouble>, Scripted) {
    let resolver = SocketAddr::from((local(6), free_port(&[6])));
    let scripted = Scripted::at(resolver, move |question, _| script(question)).await;
    let told = tree.observer(vec![resolver]).dns(&call(), "acme.test", RrType::Txt).await;
    (told, scripted)
}

fn text(question: &Message, text: &str) -> Message {
    let mut answer = with(question, RData::TXT(TXT::new(vec![text.into()])));
    answer.metadata.recursion_available = true;
    answer
}

#[tokio::test]
async fn a_value_is_seen_when_a_resolver_has_it_too() {
    let Some(tree) = Tree::grow() else { return };
    let (told, _) = beside(&tree, |question| Some(text(question, "v=spf1 -all"))).await;
    assert_eq!(told, Ok(vec!["v=spf1 -all".into()]));
}

#[tokio::test]
async fn a_resolver_that_has_the_old_value_is_waited_for() {
    let Some(tree) = Tree::grow() else { return };
    let (told, _) = beside(&tree, |question| Some(text(question, "old"))).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(300 * SECOND)))), "as long as it may keep it");
}

#[tokio::test]
async fn a_resolver_that_cannot_get_it_is_told_as_later() {
    let Some(tree) = Tree::grow() else { return };
    for code in [ResponseCode::ServFail, ResponseCode::Refused] {
        let (told, _) = beside(&tree, move |question| Some(answer(question, code))).await;
        assert_eq!(told, Err(Trouble::Later(None)), "{code}: a wrong signature looks like this");
    }
    let (told, _) = beside(&tree, |question| Some(answer(question, ResponseCode::NXDomain))).await;
    assert!(matches!(told, Err(Trouble::Later(_))), "{told:?}");
}

#[tokio::test]
async fn a_resolver_is_not_asked_for_what_is_not_there() {
    let Some(tree) = Tree::grow() else { return };
    let resolver = SocketAddr::from((local(6), free_port(&[6])));
    let scripted = Scripted::at(resolver, |question, _| Some(answer(question, ResponseCode::ServFail))).await;
    let observer = tree.observer(vec![resolver]);
    assert_eq!(observer.dns(&call(), "none.acme.test", RrType::Txt).await, Ok(vec![]));
    assert_eq!(observer.dns(&call(), "acme.test", RrType::Ns).await.map(|hosts| hosts.len()), Ok(2));
    assert!(scripted.asked().is_empty(), "its cache would keep the no: {:?}", scripted.asked());
}

/// BIND with a cache, which gets what it does not know from Knot.
#[tokio::test]
async fn a_real_resolver_agrees() {
    let Some(tree) = Tree::grow() else { return };
    let (folder, resolver) = (tempfile::tempdir().unwrap(), SocketAddr::from((local(1), free_port(&[1]))));
    let zone = format!(
        "zone \"acme.test\" {{ type forward; forward only; forwarders {{ 127.0.0.4 port {}; }}; }};\n",
        tree.port
    );
    let Some(_bind) = bind::start(folder.path(), resolver, &zone) else { return };
    let observer = tree.observer(vec![resolver]);
    for (name, rtype, value) in [
        ("acme.test", RrType::Txt, "v=spf1 -all"),
        ("acme.test", RrType::Mx, "10 mx.acme.test"),
        ("alias.acme.test", RrType::Txt, "Kept Case"),
    ] {
        assert_eq!(observer.dns(&call(), name, rtype).await, Ok(vec![value.into()]), "{name}");
    }
}

//! What the adapter says when nobody hears it, or somebody else answers.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use hickory_proto::op::{Message, ResponseCode};
use model::dns::RrType;
use providers::roles::DnsHost as _;
use providers::trouble::Trouble;

use super::stage::{KEY, SECRET, Stage, adapter, call, set};
use crate::servers::proxy::{Fate, Proxy};
use crate::servers::scripted::{Scripted, answer};
use crate::servers::{free_port, local};

#[tokio::test]
async fn a_server_that_is_not_there_is_asked_later() {
    let nobody = adapter(SocketAddr::from((local(1), free_port(&[1]))), KEY, SECRET, 0);
    assert_eq!(nobody.ensure_zone(&call("acme.com")).await, Err(Trouble::Later(None)));
}

/// Without the server's signature an answer is anybody's.
#[tokio::test]
async fn an_answer_that_nobody_signed_is_not_believed() {
    for code in [ResponseCode::NoError, ResponseCode::ServFail, ResponseCode::NXDomain] {
        let address = SocketAddr::from((local(1), free_port(&[1])));
        let unsigned = move |question: &Message, _| {
            let mut said = answer(question, code);
            said.signature = None;
            Some(said)
        };
        let _server = Scripted::at(address, unsigned).await;
        let adapter = adapter(address, KEY, SECRET, 0);
        assert_eq!(adapter.records(&call("acme.com")).await, Err(Trouble::Later(None)), "{code}");
        assert_eq!(adapter.ensure_no_zone(&call("acme.com")).await, Err(Trouble::Later(None)), "{code}");
    }
}

/// A server that has read the zone, and does not sign that it has written to it, may not be the same.
#[tokio::test]
async fn a_write_that_nobody_signed_is_unknown() {
    for stage in Stage::each(&["acme.com"], "") {
        for code in [ResponseCode::NoError, ResponseCode::Refused, ResponseCode::NotAuth] {
            let other = SocketAddr::from((local(1), free_port(&[1])));
            let proxy = Proxy::with_gate(stage.server, 1).await;
            let adapter = adapter(proxy.address, KEY, SECRET, 0);
            let unsigned = move |question: &Message, _| {
                let mut said = answer(question, code);
                said.signature = None;
                Some(said)
            };
            let _server = Scripted::at(other, unsigned).await;
            let (acme, text) = (call("acme.com"), [set("acme.com", RrType::Txt, &["one"])]);
            let swapped = async {
                proxy.has_come(2).await;
                proxy.lead_to(other);
                proxy.open();
            };
            let (told, ()) = tokio::join!(adapter.ensure_records(&acme, &text), swapped);
            assert_eq!(told, Err(Trouble::Unknown), "{} {code}", stage.what);
        }
    }
}

/// The very signature that we sent proves nothing.
#[tokio::test]
async fn an_answer_with_our_own_signature_is_not_believed() {
    let address = SocketAddr::from((local(1), free_port(&[1])));
    let _server = Scripted::at(address, |question: &Message, _| Some(answer(question, ResponseCode::NotAuth))).await;
    let told = adapter(address, KEY, SECRET, 0).records(&call("acme.com")).await;
    assert_eq!(told, Err(Trouble::Later(None)));
}

#[tokio::test]
async fn nothing_is_forgotten_whatever_was_heard() {
    for stage in Stage::each(&["acme.com"], "") {
        for fate in [Fate::Lost, Fate::Half, Fate::Unsent] {
            let proxy = Proxy::with_gate(stage.server, 1).await;
            let (adapter, acme) = (adapter(proxy.address, KEY, SECRET, 0), call("acme.com"));
            let value = format!("{fate:?}");
            let text = [set("acme.com", RrType::Txt, &[&value])];
            let unheard = async {
                proxy.has_come(2).await;
                proxy.set(fate);
                proxy.open();
            };
            let (told, ()) = tokio::join!(adapter.ensure_records(&acme, &text), unheard);
            assert_eq!(told, Err(Trouble::Unknown), "{} {fate:?}", stage.what);
            let is_done = stage.dig.values("acme.com", RrType::Txt) == [value.clone()];
            assert_eq!(is_done, fate != Fate::Unsent, "{} {fate:?}", stage.what);
            proxy.set(Fate::Arrive);
            assert_eq!(adapter.ensure_records(&acme, &text).await, Ok(()), "{} {fate:?}", stage.what);
            assert_eq!(stage.dig.values("acme.com", RrType::Txt), [value], "{} {fate:?}", stage.what);
        }
    }
}

/// A worker may die at any moment of a call.
#[tokio::test]
async fn a_call_may_be_abandoned_at_every_moment() {
    for stage in Stage::each(&["acme.com"], "") {
        for moment in 0..12 {
            let (acme, value) = (call("acme.com"), moment.to_string());
            let text = [set("acme.com", RrType::Txt, &[&value])];
            abandoned(stage.adapter.ensure_zone(&acme), moment).await;
            stage.adapter.ensure_zone(&acme).await.unwrap();
            abandoned(stage.adapter.ensure_records(&acme, &text), moment).await;
            // What was sent may be done yet.
            while let Err(trouble) = stage.adapter.ensure_records(&acme, &text).await {
                assert_eq!(trouble, Trouble::Later(None), "{} {moment}", stage.what);
            }
            assert_eq!(stage.dig.values("acme.com", RrType::Txt), [value], "{} {moment}", stage.what);
            abandoned(stage.adapter.ensure_no_zone(&acme), moment).await;
            stage.adapter.ensure_no_zone(&acme).await.unwrap();
            assert_eq!(stage.adapter.records(&acme).await, Ok(None), "{} {moment}", stage.what);
        }
    }
}

/// Lets a call wait so many times, and drops it when it has to wait once more.
async fn abandoned(call: impl Future, waits: usize) {
    let (mut call, mut waited) = (pin!(call), 0);
    poll_fn(|context| {
        if call.as_mut().poll(context).is_ready() || waited == waits {
            return Poll::Ready(());
        }
        waited += 1;
        Poll::Pending
    })
    .await;
}

//! What the adapter says when the server is not as it should be, or nobody hears it.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use model::dns::RrType;
use providers::roles::{Account as _, DnsHost as _};
use providers::trouble::Trouble;

use super::stage::{Stage, adapter, call, set};
use crate::servers::powerdns::API_KEY;
use crate::servers::proxy::{Fate, Proxy};
use crate::servers::{free_port, local};

#[tokio::test]
async fn a_wrong_key_is_one_clear_sentence() {
    let Some(stage) = Stage::new().await else { return };
    let stranger = adapter(stage.server.api, "wrong");
    let Err(Trouble::Misconfigured(words)) = stranger.ensure_zone(&call("acme.com")).await else { panic!() };
    assert!(words.contains("main") && words.contains("credentials") && !words.contains("wrong"), "{words}");
    let Err(Trouble::Misconfigured(_)) = stranger.examine().await else { panic!() };
}

#[tokio::test]
async fn a_server_without_an_api_is_one_clear_sentence_and_not_one_without_zones() {
    let answers =
        || (0..4).map(|_| ("GET".to_owned(), String::new(), b"HTTP/1.1 404 Not Found\r\n\r\nNot Found".to_vec()));
    for ask in [0, 1] {
        let (base, _serving) = doubles::replay(answers().collect()).await;
        let other = adapter(base.strip_prefix("http://").unwrap().parse().unwrap(), API_KEY);
        let told = match ask {
            0 => other.records(&call("acme.com")).await.map(|_| ()),
            _ => other.ensure_zone(&call("acme.com")).await.map(|_| ()),
        };
        assert!(matches!(&told, Err(Trouble::Misconfigured(words)) if words.contains("base_url")), "{told:?}");
    }
}

#[tokio::test]
async fn a_page_of_somebody_in_between_is_not_its_word() {
    let page = b"HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\n\r\n<h1>Not Found</h1>".to_vec();
    let (base, _serving) = doubles::replay(vec![("GET".into(), String::new(), page)]).await;
    let other = adapter(base.strip_prefix("http://").unwrap().parse().unwrap(), API_KEY);
    assert_eq!(other.records(&call("acme.com")).await, Err(Trouble::Later(None)));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_asked_later() {
    let nobody = adapter(SocketAddr::from((local(1), free_port(&[1]))), API_KEY);
    assert_eq!(nobody.ensure_zone(&call("acme.com")).await, Err(Trouble::Later(None)));
}

/// Whatever becomes of an answer, the next try finds what was done.
#[tokio::test]
async fn nothing_is_done_twice_or_forgotten_whatever_was_heard() {
    let Some(stage) = Stage::new().await else { return };
    for (n, fate) in [Fate::Lost, Fate::Half, Fate::Unsent].into_iter().enumerate() {
        let (proxy, acme) = (Proxy::before(stage.server.api).await, call(&format!("acme-{n}.com")));
        let adapter = adapter(proxy.address, API_KEY);
        let text = [set(acme.subject.as_str(), RrType::Txt, &["one"])];
        // A look that is not heard does nothing; from then on it is the write that is not heard.
        proxy.set(fate);
        assert_eq!(adapter.ensure_zone(&acme).await, Err(Trouble::Later(None)), "{fate:?}");
        proxy.set(Fate::Arrive);
        assert_eq!(adapter.ensure_zone(&acme).await.map(|servers| servers.len()), Ok(2), "{fate:?}");
        assert_eq!(adapter.ensure_records(&acme, &text).await, Ok(()), "{fate:?}");
        proxy.set(fate);
        let told = adapter.ensure_no_zone(&acme).await;
        assert_eq!(told, Err(Trouble::Unknown), "{fate:?}");
        let is_gone = stage.adapter.records(&acme).await.unwrap().is_none();
        assert_eq!(is_gone, fate != Fate::Unsent, "{fate:?}");
        proxy.set(Fate::Arrive);
        assert_eq!(adapter.ensure_no_zone(&acme).await, Ok(()), "{fate:?}");
        assert_eq!(stage.adapter.records(&acme).await, Ok(None), "{fate:?}");
    }
}

/// A worker may die at any moment of a call.
#[tokio::test]
async fn a_call_may_be_abandoned_at_every_moment() {
    let Some(stage) = Stage::new().await else { return };
    let Some(dig) = stage.dig() else { return };
    for moment in 0..24 {
        let acme = call(&format!("acme-{moment}.com"));
        let text = [set(acme.subject.as_str(), RrType::Txt, &["one"])];
        abandoned(stage.adapter.ensure_zone(&acme), moment).await;
        stage.adapter.ensure_zone(&acme).await.unwrap();
        abandoned(stage.adapter.ensure_records(&acme, &text), moment).await;
        stage.adapter.ensure_records(&acme, &text).await.unwrap();
        assert_eq!(dig.values(acme.subject.as_str(), RrType::Txt), ["one"], "{moment}");
        abandoned(stage.adapter.ensure_no_zone(&acme), moment).await;
        stage.adapter.ensure_no_zone(&acme).await.unwrap();
        assert_eq!(stage.adapter.records(&acme).await, Ok(None), "{moment}");
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

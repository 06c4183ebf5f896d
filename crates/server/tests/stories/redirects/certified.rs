//! Certificates of an order's web addresses: made by an authority, and what is said where there is none.

use std::net::SocketAddr;
use std::sync::Arc;

use edge::redirect::{Book, Bounds, Certificates, Listener, Manner, Scheme, Service, SiteRows, Sites, follow, serve};
use model::redirect::Status;
use serde_json::Value;
use store::zones::Served;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pebble::{self, Pebble, Wanted};
use super::{Leading, NOBODY, Visitor, leading_with, to};
use crate::program::mailwright;
use crate::support::{Rig, order_body};

/// An authority that looks at these addresses.
fn authority(http: SocketAddr, https: SocketAddr) -> Option<Pebble> {
    pebble::start(&Wanted { http, https, bad_nonces: 0 })
}

/// A redirect server at these addresses, with certificates of an authority.
fn certified(rig: &Rig, [http, https]: [SocketAddr; 2], pebble: &Pebble) -> Leading {
    let root = rig.folder.path().join("root.pem");
    std::fs::write(&root, &pebble.root).expect("a file");
    leading_with(rig, |config| {
        config.sandbox.redirect_listen = http.to_string();
        config.sandbox.https_listen = https.to_string();
        config.sandbox.acme_directory.clone_from(&pebble.directory);
        config.sandbox.acme_root_file = root;
    })
}

fn free() -> [SocketAddr; 2] {
    [(); 2].map(|()| super::support::free_address().expect("a free address"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_web_address_leads_on_over_https_with_a_certificate_that_is_believed() {
    let rig = Rig::sqlite().await;
    let addresses = free();
    let Some(pebble) = authority(addresses[0], addresses[1]) else { return };
    let _leading = certified(&rig, addresses, &pebble);
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    let root = std::fs::read(&pebble.anchor).expect("the authority's root");
    let visitor = Visitor::who_trusts(&["acme-one.com", "www.acme-one.com", "other.com"], Some(&root));
    let port = addresses[1].port();
    visitor.open_until(&format!("https://acme-one.com:{port}/a"), to("https://acme.com/a")).await;
    visitor.open_until(&format!("https://www.acme-one.com:{port}/"), to("https://acme.com/")).await;
    assert!(visitor.open(&format!("https://other.com:{port}/")).await.is_err(), "nobody is shown for it");
    let request = visitor.0.get(format!("https://acme-one.com:{port}/")).header("host", "other.com");
    assert_eq!(request.send().await.unwrap().status(), 421);
}

/// A process that leads on and answers authorities, and orders nothing itself.
async fn answering(rig: &Rig, addresses: [SocketAddr; 2], directory: &str, stop: &CancellationToken) {
    let (store, clock, ids) = (rig.wired.store.clone(), rig.wired.app.clock.clone(), rig.wired.app.ids.clone());
    let manner = Manner { status: Status::Moved, keeps_path: true, hsts: None };
    let rows = SiteRows::new(store.clone(), Served::Sandbox, manner);
    let book = Arc::new(Book::new(store, Served::Sandbox, directory, clock, ids));
    let (sites, certificates) = (Arc::<Sites>::default(), Arc::<Certificates>::default());
    let service = Service::new(sites.clone(), certificates, book, Bounds::default(), Arc::new(())).unwrap();
    let schemes = [Scheme::Http, Scheme::Https];
    let listeners =
        addresses.into_iter().zip(schemes).map(|(address, scheme)| Listener::bind(address, scheme).unwrap());
    tokio::spawn(serve(listeners.collect(), Arc::new(service), stop.clone()));
    let stop = stop.clone();
    let every = std::time::Duration::from_millis(100);
    tokio::spawn(async move { follow(&rows, |changes| sites.serve(changes), every, &Notify::new(), stop).await });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_answered_by_another_process_than_the_one_that_orders() {
    let Some(rig) = Rig::postgres().await else { return };
    let (asked, ordering) = (free(), free());
    let Some(pebble) = authority(asked[0], asked[1]) else { return };
    let stop = CancellationToken::new();
    let _stop = stop.clone().drop_guard();
    answering(&rig, asked, &pebble.directory, &stop).await;
    let other = rig.another(None).await;
    rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    Visitor::new(&["acme-one.com"])
        .open_until(&format!("http://acme-one.com:{}/", asked[0].port()), to("https://acme.com/"))
        .await;
    let _leading = certified(&other, ordering, &pebble);
    let root = std::fs::read(&pebble.anchor).expect("the authority's root");
    let visitor = Visitor::who_trusts(&["acme-one.com"], Some(&root));
    visitor.open_until(&format!("https://acme-one.com:{}/", ordering[1].port()), to("https://acme.com/")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_certificate_http_leads_on_and_the_timeline_says_why() {
    let rig = Rig::sqlite().await;
    let addresses = free();
    // It makes none for this name.
    let Some(pebble) = authority(addresses[0], addresses[1]) else { return };
    let _leading = certified(&rig, addresses, &pebble);
    let id = rig.place(&order_body(&["blocked.com"])).await;
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed", "it holds nothing up");
    let visitor = Visitor::new(&["blocked.com", "other.com"]);
    let port = addresses[0].port();
    visitor.open_until(&format!("http://blocked.com:{port}/"), to("https://acme.com/")).await;
    visitor.open_until(&format!("http://other.com:{port}/"), NOBODY).await;
    let said = loop {
        let timeline = rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body;
        match &timeline["data"]["domains"][0]["https_trouble"] {
            Value::String(said) => break said.clone(),
            none => assert_eq!(*none, Value::Null),
        }
        tokio::task::yield_now().await;
    };
    assert!(said.starts_with("The certificate authority said no: ") && said.contains("blocked.com"), "{said}");
    let mut shown = mailwright(rig.folder.path());
    let shown = shown.args(["orders", "show", &id]).output().await.expect("it runs");
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(
        shown.contains("No HTTPS for the web address yet") && shown.contains("blocked.com: The certificate"),
        "{shown}"
    );
}

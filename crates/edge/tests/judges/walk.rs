//! A resolver of ours that walks from a root down to our server: what the observer sees of a zone that we serve.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use model::clock::{Clock as _, SystemClock};
use model::dns::{RrType, Zone};
use model::domain::DomainName;
use model::world::World;
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::Observer as _;

use crate::above;
use crate::ours::{self, Ours};

/// Where the root, `com.` and our server are; and where nobody is.
const ROOT: u8 = 2;
const COM: u8 = 3;
const OURS: u8 = 4;

const fn local(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

/// A port that was free a moment ago at all addresses: a walk finds addresses and no ports.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind((local(1), 0)).unwrap().local_addr().unwrap().port();
        let is_free = |last| {
            let address = SocketAddr::from((local(last), port));
            TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
        };
        if [ROOT, COM, OURS].into_iter().all(is_free) {
            return port;
        }
    }
}

fn call() -> Call {
    Call {
        world: World::stored("live"),
        now: SystemClock.now(),
        reference: "run_acme.com/confirm_ready".into(),
        nudges: 0,
        subject: DomainName::stored("acme.com"),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

/// A zone whose name servers are all ours.
fn zone() -> Zone {
    let mut zone = ours::zone();
    zone.nameservers = vec!["ns1.acme.com".into(), "ns2.acme.com".into()];
    zone.sets.retain(|set| !set.name.starts_with("ns1"));
    for host in ["ns1", "ns2"] {
        zone.sets.push(ours::set(host, RrType::A, &[&local(OURS).to_string()]));
    }
    zone
}

#[test]
fn what_we_serve_is_found_from_the_root_down() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let at = |last| SocketAddr::from((local(last), port));
    let delegation = "acme IN NS ns1.acme\nacme IN NS ns2.acme\nns1.acme IN A 127.0.0.4\nns2.acme IN A 127.0.0.4\n\
        nobodys IN NS ns1.acme\n";
    let Some(_above) = above::start(folder.path(), at(ROOT), at(COM), delegation) else { return };
    let ours = ours::start_at(&[at(OURS)], &[zone()], &[]);
    let settings = InternetSettings {
        roots: Some(vec![at(ROOT)]),
        port,
        is_local: true,
        resolvers: Resolvers::At(vec![]),
        rdap: None,
        development: true,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(look(&settings, &ours));
}

/// What is seen from there, also when it changes.
async fn look(settings: &InternetSettings, ours: &Ours) {
    let observer = Internet::new(settings, Egress::new(true).unwrap()).unwrap();
    let call = call();
    for (name, rtype, values) in [
        ("acme.com", RrType::Ns, &["ns1.acme.com", "ns2.acme.com"][..]),
        ("acme.com", RrType::Mx, &["1 smtp.google.com", "5 mail.acme.com"]),
        ("mail.acme.com", RrType::A, &["192.0.2.3"]),
        ("a.wild.acme.com", RrType::Txt, &["any"]),
        ("www.acme.com", RrType::A, &["192.0.2.1", "192.0.2.2"]),
        ("nobody.acme.com", RrType::A, &[]),
    ] {
        let mut seen = observer.dns(&call, name, rtype).await.unwrap();
        seen.sort();
        assert_eq!(seen, values, "{name} {}", rtype.as_str());
    }
    // More than goes over UDP.
    assert_eq!(observer.dns(&call, "many.acme.com", RrType::Txt).await.unwrap().len(), 12);
    assert_eq!(observer.is_signed(&call, "acme.com").await, Ok(false));

    let mut changed = zone();
    changed.serial += 1;
    changed.sets.retain(|set| set.name != "mail.acme.com");
    ours.put(&changed);
    assert_eq!(observer.dns(&call, "mail.acme.com", RrType::A).await, Ok(vec![]), "a change is seen at once");
    let refused = observer.dns(&call, "nobodys.com", RrType::A).await;
    assert!(refused.is_err(), "a zone that leads to us and that we do not have: {refused:?}");
}

//! Our server, with the zones of these tests.

use std::net::SocketAddr;
use std::sync::Arc;

use edge::dns::{Bounds, Listener, Rendered, Service, Update, Zones};
use model::clock::SystemClock;
use model::dns::{RrSet, RrType, Soa, Zone};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Our server. It ends with this.
pub(crate) struct Ours {
    pub(crate) address: SocketAddr,
    _runtime: Runtime,
}

pub(crate) fn start(all: &[Zone]) -> Ours {
    let zones = Zones::default();
    let put = all.iter().map(|zone| Rendered::of(zone).expect("a zone that can be served")).collect();
    assert_eq!(zones.publish(Update { put, ..Update::default() }), []);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let inside = runtime.enter();
    let listener = Listener::bind("127.0.0.1:0".parse().expect("an address"), 1).expect("a free port");
    drop(inside);
    let address = listener.address().expect("its address");
    // The judges ask more often than strangers may.
    let bounds = Bounds { answers_per_second: 0, ..Bounds::default() };
    let service = Service::new(Arc::new(zones), bounds, Arc::new(SystemClock), Arc::new(()));
    runtime.spawn(edge::dns::serve(vec![listener], Arc::new(service), CancellationToken::new()));
    Ours { address, _runtime: runtime }
}

/// A zone with one of everything.
pub(crate) fn zone() -> Zone {
    let set = |name: &str, rtype, values: &[&str]| RrSet {
        name: if name.is_empty() { "acme.com".into() } else { format!("{name}.acme.com") },
        rtype,
        ttl: 300,
        values: values.iter().map(|one| (*one).to_owned()).collect(),
    };
    let many: Vec<_> = (0..12).map(|n| format!("{n}-{}", "k".repeat(200))).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    Zone {
        name: "acme.com".into(),
        serial: 2_026_112_901,
        nameservers: vec!["ns1.acme.com".into(), "ns2.host.example".into()],
        soa: Soa {
            contact: "hostmaster.acme.com".into(),
            refresh: 3600,
            retry: 600,
            expire: 1_209_600,
            minimum: 60,
            ttl: 3600,
        },
        sets: vec![
            set("", RrType::A, &["192.0.2.1", "192.0.2.2"]),
            set("", RrType::Aaaa, &["2001:db8::1"]),
            set("", RrType::Mx, &["1 smtp.google.com", "5 mail.acme.com"]),
            set("", RrType::Txt, &["v=spf1 -all", "with \"quotes\" and \\ in it; é", &"Key".repeat(200)]),
            set("", RrType::Caa, &["0 issue \"ca.example; a=b\"", "128 iodef \"mailto:a@acme.com\""]),
            set("nomail", RrType::Mx, &["0 ."]),
            set("ns1", RrType::A, &["192.0.2.53"]),
            set("mail", RrType::A, &["192.0.2.3"]),
            set("mail", RrType::Aaaa, &["2001:db8::3"]),
            set("many", RrType::Txt, &many),
            set("a.between", RrType::A, &["192.0.2.4"]),
            set("_sip._tcp", RrType::Srv, &["0 5 5060 mail.acme.com"]),
            set("www", RrType::Cname, &["acme.com"]),
            set("out", RrType::Cname, &["shops.example"]),
            set("lost", RrType::Cname, &["nobody.acme.com"]),
            set("far", RrType::Cname, &["www.sub.acme.com"]),
            set("*.wild", RrType::Txt, &["any"]),
            set("there.wild", RrType::A, &["192.0.2.5"]),
            set("*.alias", RrType::Cname, &["mail.acme.com"]),
            set("sub", RrType::Ns, &["ns.sub.acme.com", "ns.elsewhere.example"]),
            set("ns.sub", RrType::A, &["192.0.2.7"]),
        ],
    }
}

//! Our server, with the zones of these tests.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use edge::dns::{
    Bounds, Key, Listener, Notified, Pace, Rendered, Secondary, Service, Tally, Transport, Update, Zones, tell,
};
use model::clock::SystemClock;
use model::dns::{RrSet, RrType, Soa, Zone};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Our server. It ends with this.
pub(crate) struct Ours {
    pub(crate) address: SocketAddr,
    pub(crate) zones: Arc<Zones>,
    pub(crate) counts: Arc<Counts>,
    _runtime: Runtime,
}

/// What it answered, and how secondaries took what they were told.
#[derive(Default)]
pub(crate) struct Counts {
    rcodes: Mutex<HashMap<u16, usize>>,
    notified: Mutex<HashMap<Notified, usize>>,
}

impl Tally for Counts {
    fn answered(&self, _: Transport, rcode: u16) {
        *self.rcodes.lock().unwrap().entry(rcode).or_default() += 1;
    }

    fn notified(&self, ended: Notified) {
        *self.notified.lock().unwrap().entry(ended).or_default() += 1;
    }
}

impl Counts {
    /// How often this code was answered.
    pub(crate) fn of(&self, rcode: u16) -> usize {
        self.rcodes.lock().unwrap().get(&rcode).copied().unwrap_or_default()
    }

    /// How often secondaries took it like that.
    pub(crate) fn told(&self, how: Notified) -> usize {
        self.notified.lock().unwrap().get(&how).copied().unwrap_or_default()
    }
}

impl Ours {
    /// Serves another version of a zone.
    pub(crate) fn put(&self, zone: &Zone) {
        let put = vec![Rendered::of(zone).expect("a zone that can be served")];
        assert_eq!(self.zones.publish(Update { put, ..Update::default() }), []);
    }
}

/// What is shared with others, in both forms.
pub(crate) const KEY: &str = "second.example";
pub(crate) const SECRET: &str = "c2VjcmV0IG9mIGJvdGggb2YgdXM=";
/// One that only somebody else has.
pub(crate) const WRONG: &str = "YW5vdGhlciBvbmUgYWx0b2dldGhlcg==";

pub(crate) fn start(all: &[Zone]) -> Ours {
    start_at(&["127.0.0.1:0".parse().expect("an address")], all, &[])
}

/// Starts it at addresses, and tells secondaries of its zones.
pub(crate) fn start_at(addresses: &[SocketAddr], all: &[Zone], secondaries: &[SocketAddr]) -> Ours {
    let zones = Arc::new(Zones::default());
    let put = all.iter().map(|zone| Rendered::of(zone).expect("a zone that can be served")).collect();
    assert_eq!(zones.publish(Update { put, ..Update::default() }), []);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let inside = runtime.enter();
    let bound = addresses.iter().map(|address| Listener::bind(*address, 1).expect("a free port"));
    let listeners: Vec<_> = bound.collect();
    drop(inside);
    let address = listeners[0].address().expect("its address");
    let key = Arc::new(Key::new(KEY, "", &SECRET.into(), true).expect("a key"));
    // The judges ask more often than strangers may.
    let bounds = Bounds { answers_per_second: 0, ..Bounds::default() };
    let (clock, counts, stop) = (Arc::new(SystemClock), Arc::new(Counts::default()), CancellationToken::new());
    let service = Service::new(zones.clone(), bounds, clock.clone(), counts.clone());
    let service = service.with_keys([key.clone()].into_iter().collect());
    runtime.spawn(edge::dns::serve(listeners, Arc::new(service), stop.clone()));
    for second in secondaries {
        let second = Secondary { address: *second, key: Some(key.clone()), from: Some(address.ip()) };
        runtime.spawn(tell(second, zones.clone(), Pace::default(), clock.clone(), counts.clone(), stop.clone()));
    }
    Ours { address, zones, counts, _runtime: runtime }
}

/// A set of the zone of these tests.
pub(crate) fn set(name: &str, rtype: RrType, values: &[&str]) -> RrSet {
    RrSet {
        name: if name.is_empty() { "acme.com".into() } else { format!("{name}.acme.com") },
        rtype,
        ttl: 300,
        values: values.iter().map(|one| (*one).to_owned()).collect(),
    }
}

/// A zone with one of everything.
pub(crate) fn zone() -> Zone {
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

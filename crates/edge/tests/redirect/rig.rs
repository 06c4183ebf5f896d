//! Our server and whoever orders its certificates, with everything kept in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use edge::redirect::{
    Authority, Bounds, Certificates, ChallengeKind, Changes, Listener, Orders, Scheme, Service, Settings, Sites,
    follow, keep, serve,
};
use model::certificate::Limits;
use model::clock::{Clock as _, DAY, HandClock, SystemClock};
use model::redirect::{Site, Status};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::memory::Memory;
use crate::pebble::{self, Pebble, Wanted};

/// Longer than any test: what is waited for comes by itself.
const FOR_EVER: Duration = Duration::from_hours(24);

pub(crate) struct Rig {
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    pub(crate) pebble: Pebble,
    pub(crate) memory: Arc<Memory>,
    pub(crate) sites: Arc<Sites>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) clock: Arc<HandClock>,
    nudge: Arc<Notify>,
    shown: Arc<Notify>,
    _stop: DropGuard,
}

/// How a rig is.
pub(crate) struct Plan {
    pub(crate) ways: Vec<ChallengeKind>,
    pub(crate) bad_nonces: u32,
    pub(crate) limits: Limits,
    pub(crate) terms_agreed: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self { ways: vec![ChallengeKind::Http01], bad_nonces: 5, limits: Limits::default(), terms_agreed: true }
    }
}

/// A server with these sites, which want certificates; `None` where the authority is not installed.
pub(crate) fn rig(hosts: &[&str], plan: Plan) -> Option<Rig> {
    // Of several that come first, one is enough.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bind = |scheme| Listener::bind("127.0.0.1:0".parse().expect("an address"), scheme).expect("a free port");
    let listeners = [bind(Scheme::Http), bind(Scheme::Https)];
    let [http, https] = [0, 1].map(|side: usize| listeners[side].address().expect("its address"));
    let pebble = pebble::start(&Wanted { http, https, bad_nonces: plan.bad_nonces })?;
    let clock = HandClock::at(SystemClock.now());
    let memory = Memory::new(clock.clone());
    let (sites, certificates) = (Arc::new(Sites::default()), Arc::new(Certificates::default()));
    let settings = Settings {
        directory: pebble.directory.clone(),
        contact: Some("operator@acme.com".into()),
        terms_agreed: plan.terms_agreed,
        challenges: plan.ways,
        root: Some(pebble.root.clone()),
    };
    let (nudge, made, shown, stop) =
        (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()), CancellationToken::new());
    let orders = Orders {
        authority: Authority::new(settings, clock.clone()).expect("settings that are right"),
        keeper: memory.clone(),
        sites: sites.clone(),
        limits: plan.limits,
        clock: clock.clone(),
        made: made.clone(),
    };
    let service = Service::new(sites.clone(), certificates.clone(), memory.clone(), Bounds::default(), Arc::new(()))
        .expect("randomness");
    tokio::spawn(serve(listeners.into(), Arc::new(service), stop.clone()));
    tokio::spawn(keep(Arc::new(orders), FOR_EVER, nudge.clone(), stop.clone()));
    tokio::spawn({
        let (memory, certificates, shown, stop) = (memory.clone(), certificates.clone(), shown.clone(), stop.clone());
        let show = move |changes| {
            certificates.serve(changes);
            shown.notify_waiters();
        };
        async move { follow(&*memory, show, FOR_EVER, &made, stop).await }
    });
    let rig = Rig { http, https, pebble, memory, sites, certificates, clock, nudge, shown, _stop: stop.drop_guard() };
    rig.want(hosts);
    Some(rig)
}

impl Rig {
    /// More sites, which want certificates.
    pub(crate) fn want(&self, hosts: &[&str]) {
        let site = |host: &&str| Site {
            host: (*host).into(),
            target: "https://acme.com/shop".into(),
            status: Status::Moved,
            keeps_path: true,
            hsts: None,
        };
        self.sites.serve(Changes { put: hosts.iter().map(site).collect(), ..Changes::default() });
        hosts.iter().for_each(|host| self.memory.want(host));
        self.nudge.notify_one();
    }

    /// Somebody wants a certificate for what is no site.
    pub(crate) fn want_without_site(&self, host: &str) {
        self.memory.want(host);
        self.nudge.notify_one();
    }

    /// Time goes on.
    pub(crate) fn later(&self, days: i64) {
        self.clock.advance(days * DAY);
        self.nudge.notify_one();
    }

    /// Waits until so many certificates are shown.
    pub(crate) async fn until_shown(&self, count: usize) {
        loop {
            let shown = self.shown.notified();
            if self.certificates.count() >= count {
                return;
            }
            shown.await;
        }
    }
}

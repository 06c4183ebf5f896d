//! Our server and whoever orders its certificates, with everything kept in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use edge::redirect::{
    Authority, Bounds, Certificates, ChallengeKind, Changes, Listener, Maker, Orders, Scheme, Service, Settings, Sites,
    follow, keep, serve,
};
use model::certificate::Limits;
use model::clock::{Clock as _, DAY, HandClock, SystemClock};
use model::redirect::{Site, Status};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

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
    /// The first process that orders.
    pub(crate) first: CancellationToken,
    plan: Plan,
    nudge: Arc<Notify>,
    made: Arc<Notify>,
    shown: Arc<Notify>,
    stop: CancellationToken,
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
        Self { ways: vec![ChallengeKind::Http01], bad_nonces: 0, limits: Limits::default(), terms_agreed: true }
    }
}

/// A server with these sites, which want certificates; `None` where the authority is not installed.
pub(crate) fn rig(hosts: &[&str], plan: Plan) -> Option<Rig> {
    let bind = |scheme| Listener::bind("127.0.0.1:0".parse().expect("an address"), scheme).expect("a free port");
    let listeners = [bind(Scheme::Http), bind(Scheme::Https)];
    let [http, https] = [0, 1].map(|side: usize| listeners[side].address().expect("its address"));
    let pebble = pebble::start(&Wanted { http, https, bad_nonces: plan.bad_nonces })?;
    let clock = HandClock::at(SystemClock.now());
    let memory = Memory::new(clock.clone());
    let mut rig = Rig {
        http,
        https,
        pebble,
        memory,
        clock,
        sites: Arc::default(),
        certificates: Arc::default(),
        plan,
        nudge: Arc::default(),
        made: Arc::default(),
        shown: Arc::default(),
        first: CancellationToken::new(),
        stop: CancellationToken::new(),
    };
    rig.serve(listeners);
    rig.first = rig.process();
    rig.want(hosts);
    Some(rig)
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Rig {
    fn serve(&self, listeners: [Listener; 2]) {
        let (memory, certificates, shown) = (self.memory.clone(), self.certificates.clone(), self.shown.clone());
        let (made, stop) = (self.made.clone(), self.stop.clone());
        let service =
            Service::new(self.sites.clone(), certificates.clone(), memory.clone(), Bounds::default(), Arc::new(()));
        let service = Arc::new(service.expect("randomness"));
        tokio::spawn(serve(listeners.into(), service, stop.clone()));
        let show = move |changes| {
            certificates.serve(changes);
            shown.notify_waiters();
        };
        tokio::spawn(async move { follow(&*memory, show, FOR_EVER, &made, stop).await });
    }

    /// One more process that orders certificates; it ends when this is cancelled.
    pub(crate) fn process(&self) -> CancellationToken {
        let settings = Settings {
            directory: self.pebble.directory.clone(),
            contact: Some("operator@acme.com".into()),
            terms_agreed: self.plan.terms_agreed,
            challenges: self.plan.ways.clone(),
            root: Some(self.pebble.root.clone()),
        };
        let orders = Orders {
            maker: Maker::Authority(Box::new(
                Authority::new(settings, self.clock.clone()).expect("settings that are right"),
            )),
            keeper: self.memory.clone(),
            limits: self.plan.limits,
            clock: self.clock.clone(),
            made: self.made.clone(),
        };
        let stop = self.stop.child_token();
        tokio::spawn(keep(Arc::new(orders), FOR_EVER, self.nudge.clone(), stop.clone()));
        stop
    }

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

    /// Somebody has wanted a certificate for what is no site any more.
    pub(crate) fn want_without_site(&self, host: &str) {
        self.memory.lock().gone.insert(host.into());
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

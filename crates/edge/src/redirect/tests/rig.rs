//! The server on sockets of this machine, with a certificate that the tests have made.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use model::clock::Time;
use model::redirect::Site;
use rcgen::{CertificateParams, KeyPair};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::{
    Answers, Bounds, Certificates, Challenge, ChallengeKind, Changes, Kept, Listener, Scheme, Service, Tally, serve,
};
use super::{site, sites};

#[derive(Default)]
pub(super) struct Counts {
    pub(super) turned_away: AtomicUsize,
    pub(super) refused: AtomicUsize,
    pub(super) failed: AtomicUsize,
    pub(super) challenged: AtomicUsize,
    open: AtomicUsize,
    changed: Notify,
}

impl Tally for Counts {
    fn refused(&self) {
        self.refused.fetch_add(1, Ordering::SeqCst);
    }

    fn failed(&self) {
        self.failed.fetch_add(1, Ordering::SeqCst);
    }

    fn challenged(&self) {
        self.challenged.fetch_add(1, Ordering::SeqCst);
    }

    fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::SeqCst);
    }

    fn connections(&self, open: usize) {
        self.open.store(open, Ordering::SeqCst);
        self.changed.notify_waiters();
    }
}

impl Counts {
    pub(super) async fn until_open(&self, wanted: usize) {
        loop {
            let changed = self.changed.notified();
            if self.open.load(Ordering::SeqCst) == wanted {
                return;
            }
            changed.await;
        }
    }
}

/// Answers one challenge about one name, and nothing when asked about another.
struct One;

#[async_trait]
impl Answers for One {
    async fn answer(
        &self,
        name: &str,
        kind: ChallengeKind,
        token: Option<&str>,
    ) -> Result<Option<Challenge>, Box<dyn std::error::Error + Send + Sync>> {
        match (name, token) {
            ("team-acme.com", Some("token") | None) => Ok(Some(Challenge {
                name: name.into(),
                kind,
                token: "token".into(),
                authorization: "token.thumb".into(),
                until: Time(i64::MAX),
            })),
            ("team-acme.com", Some("trouble")) => Err("nobody at home".into()),
            _ => Ok(None),
        }
    }
}

pub(super) struct Rig {
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
    pub(super) counts: Arc<Counts>,
    pub(super) certificates: Arc<Certificates>,
    pub(super) stop: CancellationToken,
    pub(super) served: JoinHandle<()>,
}

/// Two sites, of which the first has a certificate, for all of its names.
pub(super) fn rig(bounds: Bounds) -> Rig {
    let hsts = Site { hsts: Some(600), ..site("team-acme.com", "https://acme.com") };
    let sites = Arc::new(sites(vec![hsts, site("bare.com", "https://acme.com")]));
    let certificates = Arc::new(Certificates::default());
    show(&certificates, "team-acme.com", &["team-acme.com", "www.team-acme.com"]);
    let bind = |scheme| Listener::bind("127.0.0.1:0".parse().unwrap(), scheme).unwrap();
    let listeners = vec![bind(Scheme::Http), bind(Scheme::Https)];
    let addresses: Vec<_> = listeners.iter().map(|one| one.address().unwrap()).collect();
    let (counts, stop) = (Arc::new(Counts::default()), CancellationToken::new());
    let service = Service::new(sites, certificates.clone(), Arc::new(One), bounds, counts.clone()).unwrap();
    let served = tokio::spawn(serve(listeners, Arc::new(service), stop.clone()));
    Rig { http: addresses[0], https: addresses[1], counts, certificates, stop, served }
}

/// A certificate of our own.
pub(super) fn kept(host: &str, names: &[&str]) -> Kept {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let chain = CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem();
    Kept { host: host.into(), chain, key: SecretString::from(key.serialize_pem()) }
}

pub(super) fn show(certificates: &Certificates, host: &str, names: &[&str]) {
    certificates.serve(Changes { put: vec![kept(host, names)], ..Changes::default() });
}

/// What is said to somebody who sends something and then listens until the other side closes.
pub(super) async fn said(address: SocketAddr, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    heard(&mut stream).await
}

/// What comes until the other side closes.
pub(super) async fn heard(stream: &mut TcpStream) -> String {
    let mut bytes = vec![];
    // One that was closed in the middle is closed too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

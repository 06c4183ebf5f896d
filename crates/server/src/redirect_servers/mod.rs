//! Our own redirect servers: for the sites of accounts of kind `embedded_redirect`, and for those of the sandbox.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use edge::redirect::{
    Answers, Authority, Book, Bounds, CertificateRows, Certificates, Changes, Listener, Maker, Orders, Scheme, Service,
    SiteRows, Sites, follow, keep, own_root, serve, want,
};
use model::redirect::Site;
use providers::all::embedded_redirect;
use store::zones::Served;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use self::counting::Counting;
pub use self::ordering::ROOT_FILE;
pub(crate) use self::ordering::fault;
use self::ordering::{Ordered, Ordering};
use crate::config::Config;
use crate::wire::Wired;

mod counting;
mod ordering;
pub mod said;

/// How often it is looked for sites that have changed: each is served by every process within a second.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked for certificates that are due, where nothing says so before.
const DUE: Duration = Duration::from_mins(1);

/// Where requests come to, and for which sites; nothing is answered yet.
pub struct Place {
    title: &'static str,
    listener: &'static str,
    which: Served,
    listeners: Vec<Listener>,
    ordering: Option<Ordering>,
}

/// The accounts whose sites our own redirect server leads on.
fn accounts(config: &Config) -> Vec<String> {
    let own = config.accounts.iter().filter(|(_, account)| account.kind == embedded_redirect::NAME && !account.sandbox);
    own.map(|(name, _)| name.clone()).collect()
}

/// Takes the addresses that redirect servers are to have.
///
/// # Errors
/// A sentence that begins with the setting that will not do.
///
/// # Panics
/// Outside of a runtime of tokio.
pub fn places(config: &Config) -> Result<Vec<Place>, String> {
    let mut places = vec![];
    let (said, sandbox) = (&config.redirect, &config.sandbox);
    let own = [
        ("redirect.http_listen", Scheme::Http, said.http_listen.as_slice()),
        ("redirect.https_listen", Scheme::Https, &said.https_listen),
    ];
    let of_sandbox = [
        ("sandbox.redirect_listen", Scheme::Http, one(&sandbox.redirect_listen)),
        ("sandbox.https_listen", Scheme::Https, one(&sandbox.https_listen)),
    ];
    for (title, listener, which, wanted, ordering) in [
        ("redirect", "redirect", Served::AtAccounts(accounts(config)), own, Ordering::own(config)?),
        ("redirect test", "redirect_test", Served::Sandbox, of_sandbox, Ordering::of_sandbox(config)?),
    ] {
        let listeners = listeners(&wanted)?;
        if !listeners.is_empty() {
            places.push(Place { title, listener, which, listeners, ordering });
        }
    }
    Ok(places)
}

/// None, or the one that is said.
const fn one(text: &String) -> &[String] {
    if text.is_empty() { &[] } else { std::slice::from_ref(text) }
}

fn listeners(wanted: &[(&str, Scheme, &[String])]) -> Result<Vec<Listener>, String> {
    let mut listeners = vec![];
    for (key, scheme, texts) in wanted {
        for text in *texts {
            let address = text
                .parse::<SocketAddr>()
                .map_err(|_| format!("{key} has {text:?}, which is no address with a port"))?;
            let bound = Listener::bind(address, *scheme);
            listeners
                .push(bound.map_err(|error| format!("{key} cannot have {text}: {error}; choose another address"))?);
        }
    }
    Ok(listeners)
}

/// A redirect server that leads on nobody yet.
pub struct RedirectServer {
    title: &'static str,
    listeners: Vec<Listener>,
    service: Arc<Service>,
    rows: SiteRows,
    sites: Arc<Sites>,
    certificates: Arc<Certificates>,
    certified: Option<Certified>,
    counting: Arc<Counting>,
}

/// Where its certificates come from.
struct Certified {
    rows: CertificateRows,
    book: Arc<Book>,
    orders: Arc<Orders>,
    made: Arc<Notify>,
    /// Where our own root is put down for those who are to trust it.
    root_file: Option<PathBuf>,
}

impl RedirectServer {
    /// The one at a place, on the rows of a server.
    ///
    /// # Errors
    /// A sentence, where its certificates cannot be had.
    pub fn new(place: Place, config: &Config, wired: &Wired) -> Result<Self, String> {
        let Place { title, listener, which, listeners, ordering } = place;
        let counting = Arc::new(Counting::of(listener));
        let (sites, certificates) = (Arc::<Sites>::default(), Arc::<Certificates>::default());
        let certified = ordering.map(|ordering| Certified::new(ordering, &which, wired)).transpose()?;
        let answers: Arc<dyn Answers> = match &certified {
            Some(certified) => certified.book.clone(),
            None => Arc::new(()),
        };
        let service = Service::new(sites.clone(), certificates.clone(), answers, Bounds::default(), counting.clone());
        let service = service.map_err(|error| format!("redirect.https_listen cannot be: {error}"))?;
        let rows = SiteRows::new(wired.store.clone(), which, config.redirect.manner());
        Ok(Self { title, listeners, service: Arc::new(service), rows, sites, certificates, certified, counting })
    }

    /// What it is called in the greeting.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Where it listens, as it is written in a browser.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let written = |listener: &Listener| {
            let scheme = match listener.scheme() {
                Scheme::Http => "http",
                Scheme::Https => "https",
            };
            Some(format!("{scheme}://{}", listener.address().ok()?))
        };
        self.listeners.iter().filter_map(written).collect()
    }

    /// Leads on, follows what changes, and orders what certificates are due, until it is stopped. Nobody is let in before it has its
    /// sites and certificates: a server that knows none would send everybody away.
    pub async fn run(self, stop: CancellationToken) {
        let Self { listeners, service, rows, sites, certificates, certified, counting, .. } = self;
        let (with_sites, with_certificates) = (Notify::new(), Notify::new());
        let (hosts, new) = mpsc::unbounded_channel();
        let show = |changes: Changes<Site>| {
            let put: Vec<_> = changes.put.iter().map(|site| site.host.clone()).collect();
            sites.serve(changes);
            counting.sites(sites.count());
            with_sites.notify_one();
            if !put.is_empty() {
                // Where no certificates are made nobody hears it.
                let _ = hosts.send(put);
            }
        };
        let shown = |changes: Changes<edge::redirect::Kept>| {
            let has_more = changes.has_more;
            certificates.serve(changes);
            if !has_more {
                with_certificates.notify_one();
            }
        };
        let certifying = async {
            match certified {
                Some(certified) => certified.run(shown, new, &stop).await,
                None => with_certificates.notify_one(),
            }
        };
        let serving = async {
            for ready in [&with_sites, &with_certificates] {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = ready.notified() => {}
                }
            }
            serve(listeners, service, stop.clone()).await;
        };
        let nudge = Notify::new();
        tokio::join!(serving, certifying, follow(&rows, show, LOOK, &nudge, stop.clone()));
    }
}

impl Certified {
    fn new(ordering: Ordering, which: &Served, wired: &Wired) -> Result<Self, String> {
        let (store, clock) = (wired.store.clone(), wired.app.clock.clone());
        let (maker, limits, root_file) = match ordering {
            Ordering::Own(file) => (Maker::Own, ordering::ON_THIS_MACHINE, Some(file)),
            Ordering::At(ordered) => {
                let Ordered { key, settings, limits } = *ordered;
                let authority = Authority::new(settings, clock.clone());
                let authority = authority.map_err(|fault| format!("{key} cannot be used: {fault}"))?;
                (Maker::Authority(Box::new(authority)), limits, None)
            }
        };
        let directory = maker.directory().to_owned();
        let rows = CertificateRows::new(store.clone(), directory.clone());
        let book = Arc::new(Book::new(store, which.clone(), directory, clock.clone(), wired.app.ids.clone()));
        let made = Arc::<Notify>::default();
        let orders = Orders { maker, keeper: book.clone(), limits, clock, made: made.clone() };
        Ok(Self { rows, book, orders: Arc::new(orders), made, root_file })
    }

    async fn run(
        self,
        shown: impl FnMut(Changes<edge::redirect::Kept>) + Send,
        new: mpsc::UnboundedReceiver<Vec<String>>,
        stop: &CancellationToken,
    ) {
        self.put_down_root().await;
        let nudge = Arc::<Notify>::default();
        tokio::join!(
            follow(&self.rows, shown, LOOK, &self.made, stop.clone()),
            want(&*self.book, new, &nudge, stop.clone()),
            keep(self.orders, DUE, nudge.clone(), stop.clone())
        );
    }
}

impl Certified {
    /// Without it the sandbox's sites are led on all the same, and nobody can look whether they are the right ones.
    async fn put_down_root(&self) {
        let Some(file) = &self.root_file else { return };
        let written = match own_root(&*self.book, self.orders.clock.now()).await {
            Ok(root) => tokio::fs::write(file, root).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::error!(file = %file.display(), %error, "the root of the sandbox's certificates could not be put down");
        }
    }
}

/// Runs all of them until they are stopped.
pub async fn run(servers: Vec<RedirectServer>, stop: &CancellationToken) {
    futures_util::future::join_all(servers.into_iter().map(|server| server.run(stop.clone()))).await;
}

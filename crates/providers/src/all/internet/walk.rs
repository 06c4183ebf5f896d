//! The way down from the root to those who serve a name, and the question to all of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use hickory_proto::rr::{Name, RecordType};
use model::public_address::Reach;

use super::agree::{Agreed, agreed};
use super::ask::ask;
use super::heard::{Heard, Referral, read};
use super::kept::Kept;
use crate::dns::values::name;

/// How many servers of a zone are asked: as many as the largest delegations have.
const MOST_SERVERS: usize = 13;
/// How many servers are asked what they delegate: those of a large top-level domain say all the same.
const MOST_PARENTS: usize = 4;
/// How many addresses of a server are tried.
const MOST_ADDRESSES: usize = 3;
/// How many aliases are followed.
const MOST_ALIASES: usize = 8;
/// How deep a search for a server's address may need another one.
const DEEPEST: usize = 3;
/// How many questions a look may ask: a hostile zone could send us on and on.
const MOST_QUESTIONS: usize = 200;
/// How long a server has for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A zone, and who serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) name: Name,
    pub(super) servers: Vec<Server>,
}

/// A server of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// What it is called; nothing of a root server.
    pub(super) name: Option<Name>,
    /// Where it is; empty where that has still to be found out.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Server {
    /// What it is called and where it is, as far as that is known.
    fn shown(&self) -> String {
        let name = self.name.as_ref().map(|name| name.to_utf8().trim_end_matches('.').to_owned());
        match (name, self.addresses.first()) {
            (Some(name), Some(address)) => format!("{name} ({})", address.ip()),
            (Some(name), None) => name,
            (None, Some(address)) => address.ip().to_string(),
            (None, None) => String::new(),
        }
    }
}

/// Walks.
pub(super) struct Walker {
    /// Where every way begins.
    pub(super) root: Arc<Zone>,
    /// Where servers listen.
    pub(super) port: u16,
    /// Which of the addresses that strangers name are asked.
    pub(super) reach: Reach,
    /// What is kept of earlier ways.
    pub(super) kept: Kept,
}

/// One look, and what it may still do.
pub(super) struct Look {
    /// The name whose ancestors alone are kept.
    subject: Name,
    questions: AtomicUsize,
    /// What was said by those who serve what was asked for.
    told: Mutex<Vec<Told>>,
}

/// What one server said of a name that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The name that it was asked for, which an alias may have led to.
    pub(super) name: Name,
    /// The server: what it is called, and where it is.
    pub(super) server: String,
    /// What it has; nothing where it has nothing.
    pub(super) values: Vec<String>,
}

impl Look {
    pub(super) fn new(subject: Name) -> Self {
        Self { subject, questions: AtomicUsize::new(MOST_QUESTIONS), told: Mutex::default() }
    }

    /// What was said by those who serve what was asked for, in the order in which they were asked.
    pub(super) fn told(self) -> Vec<Told> {
        self.told.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what the servers of a zone have said of a name; what they kept silent about is left out.
    fn note(&self, zone: &Zone, name: &Name, heard: &[Heard]) {
        let told = zone.servers.iter().zip(heard).filter_map(|(server, heard)| {
            let values = match heard {
                Heard::Values(values) => values.clone(),
                Heard::Alias(target) => vec![format!("CNAME {target}")],
                Heard::Nothing => vec![],
                Heard::Referral(_) | Heard::Silent(_) => return None,
            };
            Some(Told { name: name.clone(), server: server.shown(), values })
        });
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
    }

    fn may_ask(&self) -> bool {
        self.questions.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Whether a zone is above what is looked at: there nothing changes because of us.
    fn may_keep(&self, zone: &Name) -> bool {
        zone.num_labels() == 1 || (zone.zone_of(&self.subject) && *zone != self.subject)
    }
}

/// Where the way down has ended.
enum End {
    /// With servers that answer for the name.
    Here(Arc<Zone>),
    /// With servers that delegate it, when it was asked to whom.
    Cut(Arc<Zone>),
}

impl Walker {
    /// What all who serve a name say of it; an alias is followed to its end.
    pub(super) async fn look_up(&self, look: &Look, asked: &Name, rtype: RecordType) -> Agreed {
        let mut name = asked.clone();
        for _ in 0..=MOST_ALIASES {
            match self.at(look, &name, rtype, 0).await {
                Agreed::Alias(target) => name = target,
                found => return found,
            }
        }
        Agreed::Unsure("its aliases do not come to an end")
    }

    async fn at(&self, look: &Look, name: &Name, rtype: RecordType, depth: usize) -> Agreed {
        let mut begin = self.kept.zone_above(name);
        loop {
            let kept = begin.take();
            let from = kept.clone().unwrap_or_else(|| self.root.clone());
            match self.descend(look, from, name, rtype, depth).await {
                Some(End::Here(zone)) => return self.ask_all(look, zone, name, rtype, depth).await,
                Some(End::Cut(parent)) => return self.delegation(look, &parent, name, depth).await,
                // Those that are kept may have gone: once more, from the root.
                None => match kept {
                    Some(zone) => self.kept.forget_zone(&zone.name),
                    None => return Agreed::Unsure("nobody on the way to it answers"),
                },
            }
        }
    }

    /// Goes down as far as it is sent; `None` when nobody answers on the way.
    async fn descend(&self, look: &Look, from: Arc<Zone>, name: &Name, rtype: RecordType, depth: usize) -> Option<End> {
        let mut zone = from;
        // Each step adds a label of the name at least.
        for _ in 0..=name.num_labels() {
            match self.first(look, &zone, name, rtype, depth).await? {
                Heard::Referral(referral) if rtype == RecordType::NS && referral.zone == *name => {
                    return Some(End::Cut(zone));
                }
                Heard::Referral(referral) => zone = self.below(look, referral),
                _ => return Some(End::Here(zone)),
            }
        }
        None
    }

    /// The zone that a referral leads to.
    fn below(&self, look: &Look, referral: Referral) -> Arc<Zone> {
        let server = |(name, addresses): (Name, Vec<IpAddr>)| Server {
            name: Some(name),
            addresses: self.within_reach(addresses.into_iter()),
        };
        let servers = referral.servers.into_iter().take(MOST_SERVERS).map(server).collect();
        let zone = Arc::new(Zone { name: referral.zone, servers });
        if look.may_keep(&zone.name) {
            self.kept.keep_zone(&zone, referral.ttl);
        }
        zone
    }

    /// What the first one says that says something.
    async fn first(&self, look: &Look, zone: &Zone, name: &Name, rtype: RecordType, depth: usize) -> Option<Heard> {
        for server in &zone.servers {
            match self.ask(look, zone, server, name, rtype, depth).await {
                Heard::Silent(_) => {}
                heard => return Some(heard),
            }
        }
        None
    }

    /// What all servers of a zone say together.
    async fn ask_all(&self, look: &Look, zone: Arc<Zone>, name: &Name, rtype: RecordType, depth: usize) -> Agreed {
        let mut zone = zone;
        for _ in 0..=name.num_labels() {
            let asked = zone.servers.iter().map(|server| self.ask(look, &zone, server, name, rtype, depth));
            let mut heard = join_all(asked).await;
            // One that serves what is below too has answered for that; the others send us there.
            let sent_on = heard.iter().position(|one| matches!(one, Heard::Referral(_)));
            match sent_on.map(|at| heard.swap_remove(at)) {
                Some(Heard::Referral(referral)) => zone = self.below(look, referral),
                _ => {
                    look.note(&zone, name, &heard);
                    return agreed(&heard);
                }
            }
        }
        Agreed::Unsure("its servers send us around")
    }

    /// To whom a name is delegated, as those say who delegate it.
    async fn delegation(&self, look: &Look, parent: &Zone, name: &Name, depth: usize) -> Agreed {
        let parents = parent.servers.iter().take(MOST_PARENTS);
        let heard = join_all(parents.map(|server| self.ask(look, parent, server, name, RecordType::NS, depth))).await;
        let told = heard.into_iter().map(|one| match one {
            Heard::Referral(referral) if referral.zone == *name => Heard::Values(referral.hosts()),
            other => other,
        });
        agreed(&told.collect::<Vec<_>>())
    }

    /// What one server says.
    async fn ask(
        &self,
        look: &Look,
        zone: &Zone,
        server: &Server,
        name: &Name,
        rtype: RecordType,
        depth: usize,
    ) -> Heard {
        let mut heard = Heard::Silent("its address is not known");
        for address in self.addresses(look, server, depth).await {
            if !look.may_ask() {
                return Heard::Silent("there were too many questions");
            }
            heard = match ask(address, name, rtype, PATIENCE).await {
                Some(message) => read(&message, &zone.name, name, rtype),
                None => Heard::Silent("it does not answer"),
            };
            match heard {
                Heard::Silent(why) => {
                    tracing::debug!(%address, zone = %zone.name, %name, rtype = %rtype, why, "a name server is no help");
                }
                _ => return heard,
            }
        }
        heard
    }

    /// Where a server is.
    async fn addresses(&self, look: &Look, server: &Server, depth: usize) -> Vec<SocketAddr> {
        let Some(name) = server.name.as_ref().filter(|_| server.addresses.is_empty()) else {
            return server.addresses.clone();
        };
        if let Some(kept) = self.kept.host(name) {
            return kept;
        }
        if depth >= DEEPEST {
            return vec![];
        }
        let found = self.find(look, name, depth + 1).await;
        if !found.is_empty() {
            self.kept.keep_host(name, &found);
        }
        found
    }

    /// Finds out where a host is; one of those who know is enough.
    fn find<'a>(&'a self, look: &'a Look, host: &'a Name, depth: usize) -> BoxFuture<'a, Vec<SocketAddr>> {
        async move {
            for rtype in [RecordType::A, RecordType::AAAA] {
                let from = self.kept.zone_above(host).unwrap_or_else(|| self.root.clone());
                let Some(End::Here(zone)) = self.descend(look, from, host, rtype, depth).await else { continue };
                if let Some(Heard::Values(values)) = self.first(look, &zone, host, rtype, depth).await {
                    let found = self.within_reach(values.iter().filter_map(|value| value.parse().ok()));
                    if !found.is_empty() {
                        return found;
                    }
                }
            }
            vec![]
        }
        .boxed()
    }

    /// Those of the addresses that may be asked, the older kind first.
    fn within_reach(&self, addresses: impl Iterator<Item = IpAddr>) -> Vec<SocketAddr> {
        let mut all: Vec<_> = addresses.filter(|address| self.reach.admits(*address)).collect();
        all.sort_by_key(IpAddr::is_ipv6);
        all.into_iter().take(MOST_ADDRESSES).map(|address| SocketAddr::new(address, self.port)).collect()
    }
}

/// The root, served at these addresses.
pub(super) fn root(servers: impl IntoIterator<Item = Vec<SocketAddr>>) -> Option<Zone> {
    let server = |addresses| Server { name: None, addresses };
    Some(Zone { name: name(".")?, servers: servers.into_iter().map(server).collect() })
}

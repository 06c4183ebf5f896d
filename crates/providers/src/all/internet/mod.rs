//! The real internet, as an observer sees it.
//!
//! What a name has is asked of those who serve it, from the root downwards, because a cache would go on saying for hours what
//! was there before; and of all of them, because the world asks any of them. What they all give is then asked of a resolver
//! too, as the world will ask it: so it is found that a signature (DNSSEC) is wrong, or that the old value is still around. It is
//! asked last, so that no look of ours puts a "there is nothing" into its cache.
//!
//! To whom a name is delegated say those above it, and nobody else: what it says itself, and what resolvers keep of that, is
//! another thing (RFC 2181 §5.4.1).

mod agree;
mod ask;
mod heard;
mod kept;
mod rdap;
mod recursive;
mod roots;
mod walk;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hickory_proto::rr::{Name, RecordType};
use model::clock::{SECOND, Time};
use model::dns::RrType;
use model::domain::RegistryStatus;
use model::evidence::{Seen, Sighting};
use model::public_address::Reach;

use self::agree::Agreed;
use self::kept::Kept;
use self::rdap::Rdap;
use self::recursive::{Recursive, Told};
use self::roots::ROOTS;
use self::walk::{Look, Walker, root};
use crate::call::Call;
use crate::dns::values::{self, record_type};
use crate::egress::{Egress, Limits, Trust};
use crate::roles::{Fetched, Observer};
use crate::trouble::{Refused, TargetFault, Trouble};

/// The end of a look, whatever it has come to.
const DEADLINE: Duration = Duration::from_secs(25);
/// The end of a fetch.
const FETCH: Duration = Duration::from_secs(15);
/// The longest that a resolver's cache is waited for before it is asked again, in seconds.
const LONGEST_WAIT: u32 = 600;
/// How whoever resolves for others is called.
const A_RESOLVER: &str = "a recursive resolver";
/// Where name servers listen.
const PORT: u16 = 53;

/// Where the internet is looked at.
#[derive(Clone, Debug)]
pub struct InternetSettings {
    /// Where the tree of names begins, in place of the root servers. A server there that answers for a name itself is
    /// believed, so a single server with some zones will do.
    pub roots: Option<Vec<SocketAddr>>,
    /// Where the servers listen that are found on the way down.
    pub port: u16,
    /// Whether those may be on this machine; otherwise only public addresses are asked.
    pub is_local: bool,
    /// Which resolvers are asked too.
    pub resolvers: Resolvers,
    /// Where the list of registries is that say something of their names (RFC 9224); none is asked where there is no list.
    pub rdap: Option<String>,
    /// Whether live keys' addresses, too, may be plain http and on this machine: for development only.
    pub development: bool,
}

/// Which resolvers are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolvers {
    /// Those that this machine has (`/etc/resolv.conf`).
    OfThisMachine,
    /// Those at these addresses; none of them is asked where there is none.
    At(Vec<SocketAddr>),
}

impl Default for InternetSettings {
    /// The internet, from the root servers, and this machine's resolvers. No registry is asked.
    fn default() -> Self {
        Self {
            roots: None,
            port: PORT,
            is_local: false,
            resolvers: Resolvers::OfThisMachine,
            rdap: None,
            development: false,
        }
    }
}

/// Looks at the real internet. Build one and share it: it keeps who serves the top-level domains.
pub struct Internet {
    walker: Walker,
    recursive: Option<Recursive>,
    rdap: Option<Rdap>,
    egress: Egress,
    development: bool,
}

impl Internet {
    /// An observer; it fetches through this guard.
    ///
    /// # Errors
    /// When this machine's resolvers cannot be read, or one of those that are set cannot be used.
    pub fn new(settings: &InternetSettings, egress: Egress) -> io::Result<Self> {
        let both = |addresses: [std::net::IpAddr; 2]| addresses.map(|one| SocketAddr::new(one, PORT)).to_vec();
        let top = match &settings.roots {
            Some(servers) => root(servers.iter().map(|one| vec![*one])),
            None => root(ROOTS.map(both)),
        };
        let recursive = match &settings.resolvers {
            Resolvers::OfThisMachine => Some(Recursive::of_this_machine()?),
            Resolvers::At(servers) if servers.is_empty() => None,
            Resolvers::At(servers) => Some(Recursive::at(servers)?),
        };
        let walker = Walker {
            root: Arc::new(top.ok_or(io::ErrorKind::InvalidInput)?),
            port: settings.port,
            reach: if settings.is_local { Reach::PublicAndLoopback } else { Reach::Public },
            kept: Kept::default(),
        };
        let trust = if settings.is_local || settings.development { Trust::Development } else { Trust::Live };
        let rdap = settings.rdap.clone().map(|list| Rdap::new(list, egress.clone(), trust));
        Ok(Self { walker, recursive, rdap, egress, development: settings.development })
    }

    /// What the world sees and who says so, or why nobody can say, and in how many seconds it could be different.
    async fn look(&self, subject: Name, name: &Name, rtype: RrType) -> Result<Found, (&'static str, Option<u32>)> {
        let look = Look::new(subject);
        let agreed = self.walker.look_up(&look, name, record_type(rtype)).await;
        let (values, servers) = match agreed {
            Agreed::Values(values) => (values, look.told()),
            Agreed::Nothing => return Ok(Found { servers: look.told(), ..Found::default() }),
            Agreed::Alias(_) => return Err(("its aliases do not come to an end", None)),
            Agreed::Unsure(why) => return Err((why, None)),
        };
        let Some(recursive) = self.recursive.as_ref().filter(|_| rtype != RrType::Ns) else {
            return Ok(Found { values, servers, resolver: None });
        };
        match recursive.ask(name, rtype).await {
            // Addresses depend on who asks.
            Told::Values(others, _) if matches!(rtype, RrType::A | RrType::Aaaa) => {
                Ok(Found { values, servers, resolver: Some(others) })
            }
            Told::Values(others, ttl) => match values.iter().all(|value| others.contains(value)) {
                true => Ok(Found { values, servers, resolver: Some(others) }),
                false => Err(("a resolver still has what was there before", Some(ttl))),
            },
            Told::Nothing(ttl) => Err(("a resolver still has that there was nothing", Some(ttl))),
            Told::Unsure => Err(("its servers have it, and a resolver cannot get it from them", None)),
        }
    }

    /// The same within a bounded time, as trouble where nobody can say.
    async fn found(&self, call: &Call, name: &str, rtype: RrType) -> Result<Found, Trouble> {
        let never = || Trouble::Refused(Refused::ForGood(format!("{name} is no name that could be looked up.")));
        let asked = values::name(name).filter(|asked| !asked.is_root()).ok_or_else(never)?;
        let subject = values::name(call.subject.as_str()).unwrap_or_else(|| asked.clone());
        let looked = tokio::time::timeout(DEADLINE, self.look(subject, &asked, rtype)).await;
        looked.unwrap_or(Err(("it takes too long", None))).map_err(|(why, ttl)| {
            tracing::info!(name, rtype = rtype.as_str(), why, "nobody can say what a name has");
            let until = |ttl: u32| call.now.plus(i64::from(ttl.clamp(1, LONGEST_WAIT)) * SECOND);
            Trouble::Later(ttl.map(until))
        })
    }
}

/// What the world sees of a name, and who says so.
#[derive(Default)]
struct Found {
    values: Vec<String>,
    /// Those who serve it.
    servers: Vec<walk::Told>,
    /// What a resolver gives, where one was asked.
    resolver: Option<Vec<String>>,
}

impl Found {
    fn seen(self, name: &str, rtype: RrType, at: Time) -> Seen {
        let sighting = |subject: &str, answered_by: String, answer| Sighting {
            subject: format!("{subject} {}", rtype.as_str()),
            answered_by,
            answer,
            at,
        };
        let of_server = |told: walk::Told| {
            let asked = told.name.to_utf8();
            sighting(asked.trim_end_matches('.'), told.server, told.values)
        };
        let resolver = self.resolver.map(|answer| sighting(name, A_RESOLVER.into(), answer));
        Seen { values: self.values, sightings: self.servers.into_iter().map(of_server).chain(resolver).collect() }
    }
}

#[async_trait]
impl Observer for Internet {
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        self.found(call, name, rtype).await.map(|found| found.values)
    }

    async fn sight(&self, call: &Call, name: &str, rtype: RrType) -> Result<Seen, Trouble> {
        Ok(self.found(call, name, rtype).await?.seen(name, rtype, call.now))
    }

    async fn is_signed(&self, call: &Call, name: &str) -> Result<bool, Trouble> {
        let never = || Trouble::Refused(Refused::ForGood(format!("{name} is no name that could be looked up.")));
        let asked = values::name(name).filter(|asked| !asked.is_root()).ok_or_else(never)?;
        let subject = values::name(call.subject.as_str()).unwrap_or_else(|| asked.clone());
        let look = Look::new(subject);
        let looked = tokio::time::timeout(DEADLINE, self.walker.look_up(&look, &asked, RecordType::DS)).await;
        match looked {
            Ok(Agreed::Values(_)) => Ok(true),
            Ok(Agreed::Nothing) => Ok(false),
            unsure => {
                tracing::info!(name, ?unsure, "nobody can say whether a zone is signed");
                Err(Trouble::Later(None))
            }
        }
    }

    async fn registry_statuses(&self, call: &Call) -> Result<Option<Vec<RegistryStatus>>, Trouble> {
        Ok(match &self.rdap {
            Some(rdap) => rdap.statuses(&call.subject).await,
            None => None,
        })
    }

    async fn fetch(&self, call: &Call, url: &str, limit: usize) -> Result<Fetched, Trouble> {
        let trust = match self.development {
            true => Trust::Development,
            false => Trust::of(call.world.environment(), false),
        };
        let limits = Limits { bytes: limit, timeout: FETCH, trust };
        let reply = self.egress.get(url, limits).await.map_err(|error| match TargetFault::of(error) {
            Some(fault) => Trouble::Refused(Refused::Target(fault)),
            None => Trouble::Later(None),
        })?;
        Ok(Fetched { status: reply.status, content_type: reply.content_type, body: reply.body })
    }
}

//! What a resolver says that everybody could ask, caches included.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::Name;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use model::dns::RrType;

use crate::dns::values::{record_type, value};

/// How long a resolver has for an answer; it may have to walk itself.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often it is asked.
const ATTEMPTS: usize = 2;

/// Resolvers that walk for others.
pub(super) struct Recursive(TokioResolver);

/// What a resolver says.
pub(super) enum Told {
    /// These values, which it may keep for so many seconds more.
    Values(Vec<String>, u32),
    /// Nothing, and it may go on saying so for so many seconds.
    Nothing(u32),
    /// It cannot say: it fails, finds a signature wrong, or does not answer.
    Unsure,
}

impl Recursive {
    /// Those at these addresses.
    pub(super) fn at(servers: &[SocketAddr]) -> io::Result<Self> {
        let server = |address: &SocketAddr| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = address.port();
                connection
            });
            NameServerConfig::new(address.ip(), true, connections.to_vec())
        };
        Self::of(ResolverConfig::from_name_servers(servers.iter().map(server).collect()))
    }

    /// Those of this machine.
    pub(super) fn of_this_machine() -> io::Result<Self> {
        let (config, _) = hickory_resolver::system_conf::read_system_conf().map_err(io::Error::other)?;
        Self::of(config)
    }

    fn of(config: ResolverConfig) -> io::Result<Self> {
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.cache_size = 0;
        options.timeout = PATIENCE;
        options.attempts = ATTEMPTS;
        options.use_hosts_file = ResolveHosts::Never;
        options.ndots = 0;
        builder.build().map(Self).map_err(io::Error::other)
    }

    /// What it says of a name.
    pub(super) async fn ask(&self, name: &Name, rtype: RrType) -> Told {
        match self.0.lookup(name.clone(), record_type(rtype)).await {
            Ok(found) => {
                let own: Vec<_> =
                    found.answers().iter().filter(|one| one.record_type() == record_type(rtype)).collect();
                let ttl = own.iter().map(|record| record.ttl).min().unwrap_or(0);
                Told::Values(own.iter().filter_map(|record| value(&record.data)).collect(), ttl)
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain) =>
            {
                Told::Nothing(none.negative_ttl.unwrap_or(0))
            }
            Err(error) => {
                tracing::debug!(%name, rtype = rtype.as_str(), %error, "a resolver cannot say");
                Told::Unsure
            }
        }
    }
}

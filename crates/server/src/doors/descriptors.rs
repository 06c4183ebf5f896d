//! How many descriptors there are, and how many of them strangers may have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Standard streams, the lock file, epoll, listeners, files that are read in passing.
const OTHERS: usize = 64;

/// An SQLite connection holds the database, its log and the log's index.
const PER_SQLITE_CONNECTION: usize = 3;

/// What the sandbox's connections hold at most.
const SANDBOX: usize = 32;

/// A delivery looks up a name, tries two families of addresses, and leaves a connection for reuse.
const PER_DELIVERY: usize = 4;

/// Serving with fewer makes no sense: then the machine has too few, and the log says so.
const LEAST: usize = 16;

/// Raises the soft limit to the hard one, as far as that is allowed, and answers how many this process may have.
pub(crate) fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files could not be raised to what is allowed");
    }
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many this process keeps back: for its databases, for webhooks, for providers.
pub(crate) fn our_own(config: &Config) -> usize {
    let connections = usize::try_from(config.database.connections).unwrap_or(usize::MAX).saturating_add(1);
    connections
        .saturating_mul(PER_SQLITE_CONNECTION)
        .saturating_add(SANDBOX)
        .saturating_add(config.engine.deliveries.saturating_mul(PER_DELIVERY))
        .saturating_add(config.engine.steps)
        .saturating_add(crate::operator::PLACES)
        .saturating_add(OTHERS)
}

/// How many connections may be open at once: as many as the operator says, and never so many that nothing is left for us.
pub(super) fn places(wanted: usize, descriptors: usize, our_own: usize) -> usize {
    wanted.min(descriptors.saturating_sub(our_own).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn what_we_need_is_kept_back() {
        let config = Config::load(None, &Flags::default()).unwrap();
        let ours = our_own(&config);
        assert_eq!(ours, 9 * 3 + 32 + 256 * 4 + 256 + 64 + 64);
        assert_eq!(places(8_192, 1_000_000, ours), 8_192);
        assert_eq!(places(8_192, 4_096, ours), 4_096 - ours);
        assert_eq!(places(8_192, 256, ours), LEAST, "somebody can always get in, to be told how it is");
        assert_eq!(places(100, usize::MAX, ours), 100);
    }

    #[test]
    fn the_limit_is_as_high_as_it_may_be() {
        let most = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(limit.current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()), most);
    }
}

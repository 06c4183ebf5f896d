//! Those who serve our zones too are told when one has changed (NOTIFY, RFC 1996).
//!
//! What is to be told lies in a line of bounded length (`waiting`); where it gets too long, all zones are told once, shard
//! after shard, and nothing is kept for that but where it stands. Each secondary has a line and a task of its own
//! (`errands`, `courier`), so that one that does not answer holds up nobody.
//!
//! Several processes may tell the same: a secondary that has the version already does nothing.

mod courier;
mod errands;
#[cfg(test)]
mod tests;
mod word;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub use self::courier::tell;
use super::keys::Key;

/// Somebody who serves our zones too.
#[derive(Clone, Debug)]
pub struct Secondary {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is told is signed with this key, and so is what it answers.
    pub key: Option<Arc<Key>>,
    /// Which address of this machine it is told from: it may believe only that one.
    pub from: Option<IpAddr>,
}

/// How fast secondaries are told.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How many zones are told at once to one that answers.
    pub at_once: usize,
    /// The shortest time between two zones.
    pub gap: Duration,
    /// How long an answer is waited for at first; twice as long each time it does not come.
    pub pause: Duration,
    /// How often a zone is told before it is given up.
    pub tries: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { at_once: 32, gap: Duration::from_millis(20), pause: Duration::from_secs(2), tries: 6 }
    }
}

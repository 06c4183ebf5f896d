//! The check of names: what a client may connect to is decided on the very answer it connects with.

use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Reach;

/// Why a look-up was refused. It travels through the client as the cause of a failed connection.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(super) struct NotPublic;

/// A look-up that led nowhere: no such name, no address, or no answer from those who should know.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
pub(super) struct Unresolved(#[source] Option<io::Error>);

/// Asks the operating system, and passes on an answer only when each of its addresses is within reach.
///
/// One bad address spoils the answer: a name that leads both outside and inside is an attempt, not an accident.
#[derive(Debug)]
pub(super) struct GuardedResolver {
    reach: Reach,
}

impl GuardedResolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            // The port 0 stands for "the one of the URL".
            let answer = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = answer.map_err(|error| Unresolved(Some(error)))?.collect();
            if found.is_empty() {
                return Err(Unresolved(None).into());
            }
            if !found.iter().all(|address| reach.admits(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

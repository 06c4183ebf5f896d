//! The check of names: what a client may connect to is decided on the very answer it connects with.

use std::io;
use std::net::SocketAddr;

use model::public_address::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::ours::{CONTROL, LOOK_UP, Ours, has_route, is_local, resolves};

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
    control: &'static str,
}

impl GuardedResolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach, control: CONTROL }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, control) = (self.reach, self.control);
        Box::pin(async move {
            if is_invalid(name.as_str()) {
                return Err(Unresolved(None).into());
            }
            // The port 0 stands for "the one of the URL".
            let look_up = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((name.as_str(), 0)));
            let answer = look_up.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            let found: Vec<SocketAddr> = match answer {
                Ok(found) => found.collect(),
                // What the system says here does not tell a name that is wrong from a resolver that is.
                Err(error) if is_local(&error) || !resolves(control).await => return Err(Ours.into()),
                Err(error) => return Err(Unresolved(Some(error)).into()),
            };
            if found.is_empty() {
                return Err(Unresolved(None).into());
            }
            if !found.iter().all(|address| reach.admits(address.ip())) {
                return Err(NotPublic.into());
            }
            let found: Vec<_> = found.into_iter().filter(|address| has_route(address.ip())).collect();
            if found.is_empty() {
                return Err(Ours.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether a name is one of those that never exist, whatever a resolver would say: RFC 6761, section 6.4.
fn is_invalid(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "invalid" || name.ends_with(".invalid")
}

#[cfg(test)]
mod tests {
    use super::super::Trust;
    use super::*;

    async fn look_up(name: &str, control: &'static str) -> Box<dyn std::error::Error + Send + Sync> {
        let resolver = GuardedResolver { reach: Trust::Development.reach(), control };
        match resolver.resolve(name.parse().expect("a name")).await {
            Ok(_) => panic!("{name} leads somewhere"),
            Err(error) => error,
        }
    }

    #[tokio::test]
    async fn a_name_that_fails_is_told_as_wrong_only_while_others_can_be_looked_up() {
        // No resolver needs a network to know that a label has 63 bytes at most.
        let nowhere: &'static str = Box::leak(format!("{}.example.com", "a".repeat(64)).into_boxed_str());
        assert!(look_up(nowhere, "localhost").await.is::<Unresolved>());
        assert!(look_up(nowhere, nowhere).await.is::<Ours>());
    }

    #[tokio::test]
    async fn names_that_never_exist_need_no_network_to_be_told_as_wrong() {
        let nowhere: &'static str = Box::leak(format!("{}.example.com", "a".repeat(64)).into_boxed_str());
        for name in ["hooks.acme.invalid", "INVALID."] {
            assert!(look_up(name, nowhere).await.is::<Unresolved>(), "{name}");
        }
        assert!(!is_invalid("acme-invalid.com") && !is_invalid("invalid.com"));
    }
}

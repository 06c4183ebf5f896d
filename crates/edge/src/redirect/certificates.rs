//! All certificates that are shown.

use std::sync::Arc;

use rustls::sign::CertifiedKey;

use super::certified::{Certified, Kept};
use super::feed::Changes;
use super::shelf::{Shelf, Update};

/// All certificates that are shown. Whoever looks waits for nobody; a change is seen by the next handshake.
#[derive(Default)]
pub struct Certificates(Shelf<Certified>);

impl Certificates {
    /// Shows what has changed. What cannot be shown is said, and the site goes on with what it had.
    pub fn serve(&self, changes: Changes<Kept>) {
        let Changes { put: changed, removed, is_whole, .. } = changes;
        let only = is_whole.then(|| changed.iter().map(|kept| kept.host.clone()).collect());
        let mut put = Vec::with_capacity(changed.len());
        for kept in changed {
            match Certified::of(&kept) {
                Ok(certified) => put.push((kept.host, certified)),
                Err(fault) => {
                    tracing::error!(host = kept.host, %fault, "a certificate cannot be shown; what there was goes on")
                }
            }
        }
        self.0.publish(Update { put, removed, only });
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// Whether there is one for a name, in lower case.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The certificate for a name, in lower case.
    pub(super) fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let found = self.0.find(name).or_else(|| self.0.find(name.strip_prefix("www.")?))?;
        found.names().any(|one| one == name).then(|| found.key.clone())
    }
}

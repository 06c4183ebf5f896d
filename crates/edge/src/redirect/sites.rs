//! All sites that are served.

use std::sync::Arc;

use model::redirect::Site;

use super::feed::Changes;
use super::rendered::Rendered;
use super::shelf::{Shelf, Update};

/// All sites that are served. Whoever looks waits for nobody; a change is seen by the next request.
#[derive(Default)]
pub struct Sites(Shelf<Rendered>);

impl Sites {
    /// Serves what has changed. What cannot be served is said, and the site goes on as it was.
    pub fn serve(&self, changes: Changes<Site>) {
        let Changes { put: changed, removed, is_whole, .. } = changes;
        let only = is_whole.then(|| changed.iter().map(|site| site.host.clone()).collect());
        let mut put = Vec::with_capacity(changed.len());
        for site in changed {
            match Rendered::of(&site) {
                Ok(rendered) => put.push((site.host, rendered)),
                Err(fault) => tracing::error!(%fault, "a site cannot be served and goes on as it was"),
            }
        }
        self.0.publish(Update { put, removed, only });
    }

    /// How many sites there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// Whether a domain is a site.
    #[must_use]
    pub fn has(&self, host: &str) -> bool {
        self.0.find(host).is_some()
    }

    /// The site that a name belongs to: its own, or that of the domain after `www`.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Rendered>> {
        self.0.find(name).or_else(|| self.0.find(name.strip_prefix("www.")?))
    }
}

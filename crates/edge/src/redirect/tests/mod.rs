//! The server as strangers meet it: what it decides, and what it says on real sockets of this machine.

mod answers;
mod handshakes;
mod hostile;
mod places;
mod rig;

use model::redirect::{Site, Status};

use super::{Changes, Sites};

/// A site that keeps paths.
pub(super) fn site(host: &str, target: &str) -> Site {
    Site { host: host.into(), target: target.into(), status: Status::Moved, keeps_path: true, hsts: None }
}

pub(super) fn sites(put: Vec<Site>) -> Sites {
    let sites = Sites::default();
    sites.serve(Changes { put, ..Changes::default() });
    sites
}

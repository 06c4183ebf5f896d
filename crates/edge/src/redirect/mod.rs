//! A server that leads on whoever opens the web address of a domain, over HTTP and HTTPS.
//!
//! What is answered to a request is decided by `answer`, without a socket, from sites that lie there rendered (`sites`,
//! `rendered`). Around it are `hyper`, which reads what strangers send (`conversation`), `rustls` (`tls`) with certificates that lie in
//! memory (`certificates`), and what strangers may take (`bounds`, `door`). Certificates are made by ACME (RFC 8555) in
//! `acme`; whoever keeps them is a [`Keeper`], whom the server asks when an authority looks whether a name leads here.
//!
//! What it does not do, and says so: it reads no body, speaks no HTTP/2, and answers nobody at an address that is no site's.

mod acme;
mod answer;
mod bounds;
mod certificates;
mod certified;
mod challenge;
mod conversation;
mod feed;
mod host;
mod listener;
mod rendered;
mod rows;
mod service;
mod shelf;
mod sites;
mod tally;
#[cfg(test)]
mod tests;
mod tls;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::acme::{
    Authority, AuthorityFault, Claim, Held, Keeper, Maker, OWN, Orders, Settings, Settled, keep, own_root, want,
};
pub use self::bounds::Bounds;
pub use self::certificates::Certificates;
pub use self::certified::{Certified, Kept, KeptFault};
pub use self::challenge::{Answers, Challenge, ChallengeKind};
pub use self::feed::{Changes, Source, follow};
pub use self::listener::{Listener, Scheme};
pub use self::rendered::Rendered;
pub use self::rows::{Book, CertificateRows, Manner, SiteRows};
pub use self::service::Service;
pub use self::sites::Sites;
pub use self::tally::Tally;

/// Answers on all listeners until `stop` is cancelled. Then nobody is let in any more, and it ends when the answers that are under
/// way have been taken, or their time is over.
pub async fn serve(listeners: Vec<Listener>, service: Arc<Service>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    for Listener { tcp, scheme } in listeners {
        let side = Arc::new(conversation::Side { service: service.clone(), scheme });
        tasks.spawn(crate::door::serve(tcp, side, stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the redirect server has died; the others go on");
        }
    }
}

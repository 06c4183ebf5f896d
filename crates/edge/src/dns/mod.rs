//! An authoritative DNS server.
//!
//! A message is read by `hickory_proto` (`request`), its name looked up (`zones`, then `lookup` within the zone), and the
//! answer written from records that lie there as they go on the wire (`rendered`, `reply`). All of that is plain:
//! `answer` has bytes in and bytes out. Around it are the sockets (`udp`, `tcp`) and what strangers may take (`rates`,
//! `bounds`).
//!
//! Whoever shares a key with us (`keys`, `signing`, `signed`) is given whole zones (`transfer`), and
//! those who serve them too are told when they change (`notify`).
//!
//! What it does not do, and says so: NOTIFY and UPDATE, which are for others, are not implemented, and zones are not signed
//! (DNSSEC).

mod answer;
mod bounds;
mod feed;
mod keys;
mod listener;
mod lookup;
mod name;
mod notify;
mod rates;
mod rendered;
mod reply;
mod request;
mod rows;
mod rtype;
mod service;
mod signed;
mod signing;
mod tally;
mod tcp;
#[cfg(test)]
mod tests;
mod transfer;
mod udp;
mod waiting;
mod zones;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::answer::Transport;
pub use self::bounds::Bounds;
pub use self::feed::{Changes, Source, follow, look};
pub use self::keys::{Key, Keys};
pub use self::listener::Listener;
pub use self::notify::{Pace, Secondary, tell};
pub use self::rendered::Rendered;
pub use self::rows::Rows;
pub use self::service::Service;
pub use self::tally::{Notified, Tally, Transferred};
pub use self::zones::{Stale, Update, Zones};

/// The longest message that is read: questions are short.
const LONGEST_QUESTION: usize = 4096;

/// Answers on all listeners until `stop` is cancelled. Then nobody is let in any more, and it ends when the answers that are
/// under way have been taken, or their time is over.
pub async fn serve(listeners: Vec<Listener>, service: Arc<Service>, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    for Listener { udp, tcp } in listeners {
        for socket in udp {
            tasks.spawn(udp::serve(socket, service.clone(), stop.clone()));
        }
        tasks.spawn(crate::door::serve(tcp, service.clone(), stop.clone()));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the DNS server has died; the others go on");
        }
    }
}

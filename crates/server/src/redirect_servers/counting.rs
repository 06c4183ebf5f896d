//! What our redirect servers do, as metrics.

use edge::redirect::{Scheme, Tally};
use model::metric;

/// Counts what one of them does.
pub(super) struct Counting {
    listener: &'static str,
}

impl Counting {
    /// Of the one with this name.
    pub(super) const fn of(listener: &'static str) -> Self {
        Self { listener }
    }

    /// So many sites are led on.
    pub(super) fn sites(&self, count: usize) {
        metrics::gauge!(metric::REDIRECT_SITES, "listener" => self.listener).set(count as f64);
    }

    fn handshake(&self, outcome: &'static str) {
        metrics::counter!(metric::REDIRECT_HANDSHAKES, "listener" => self.listener, "outcome" => outcome).increment(1);
    }
}

impl Tally for Counting {
    fn answered(&self, scheme: Scheme, status: u16) {
        let scheme = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        // What a stranger may send does not make series: these are all that are answered with.
        let status = match status {
            301 => "301",
            302 => "302",
            404 => "404",
            421 => "421",
            _ => "other",
        };
        let labels = [("listener", self.listener), ("scheme", scheme), ("status", status)];
        metrics::counter!(metric::REDIRECT_ANSWERS, &labels).increment(1);
    }

    fn refused(&self) {
        self.handshake("no_site");
    }

    fn failed(&self) {
        self.handshake("failed");
    }

    fn challenged(&self) {
        self.handshake("challenge");
    }

    fn connections(&self, open: usize) {
        metrics::gauge!(metric::CONNECTIONS, "listener" => self.listener).set(open as f64);
    }

    fn turned_away(&self) {
        metrics::counter!(metric::CONNECTIONS_REFUSED, "listener" => self.listener).increment(1);
    }
}

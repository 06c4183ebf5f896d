//! What our name servers do, as metrics.

use std::sync::OnceLock;

use edge::dns::{Notified, Tally, Transferred, Transport};
use metrics::Counter;
use model::metric;

/// The codes that have a series of their own (RFC 6895 §2.3); all others are one.
const CODES: [(u16, &str); 8] = [
    (0, "noerror"),
    (1, "formerr"),
    (2, "servfail"),
    (3, "nxdomain"),
    (4, "notimp"),
    (5, "refused"),
    (9, "notauth"),
    (16, "badvers"),
];

/// Counts what one of them does.
pub(super) struct Counting {
    listener: &'static str,
    /// By transport and code: looked up once, because there may be very many answers.
    answers: [[OnceLock<Counter>; CODES.len() + 1]; 2],
}

impl Counting {
    /// Of the one with this name.
    pub(super) fn of(listener: &'static str) -> Self {
        Self { listener, answers: Default::default() }
    }

    fn unanswered(&self, reason: &'static str) {
        metrics::counter!(metric::DNS_UNANSWERED, "listener" => self.listener, "reason" => reason).increment(1);
    }

    /// So many zones are served.
    pub(super) fn zones(&self, count: usize) {
        metrics::gauge!(metric::DNS_ZONES, "listener" => self.listener).set(count as f64);
    }
}

impl Tally for Counting {
    fn answered(&self, transport: Transport, rcode: u16) {
        let (way, transport) = match transport {
            Transport::Udp => (0, "udp"),
            Transport::Tcp => (1, "tcp"),
        };
        let at = CODES.iter().position(|(code, _)| *code == rcode).unwrap_or(CODES.len());
        let code = CODES.get(at).map_or("other", |(_, name)| name);
        let counter = self.answers[way][at].get_or_init(|| {
            metrics::counter!(metric::DNS_ANSWERS, "listener" => self.listener, "transport" => transport, "code" => code)
        });
        counter.increment(1);
    }

    fn held_back(&self, told: bool) {
        self.unanswered(if told { "sent_to_tcp" } else { "held_back" });
    }

    fn lost(&self, _: Transport) {
        self.unanswered("lost");
    }

    fn transferred(&self, ended: Transferred) {
        let outcome = match ended {
            Transferred::Done => "done",
            Transferred::Broken => "broken",
            Transferred::PutOff => "put_off",
        };
        metrics::counter!(metric::DNS_TRANSFERS, "listener" => self.listener, "outcome" => outcome).increment(1);
    }

    fn notified(&self, ended: Notified) {
        let outcome = match ended {
            Notified::Answered => "answered",
            Notified::Refused => "refused",
            Notified::GivenUp => "given_up",
        };
        metrics::counter!(metric::DNS_NOTIFIES, "listener" => self.listener, "outcome" => outcome).increment(1);
    }

    fn connections(&self, open: usize) {
        metrics::gauge!(metric::CONNECTIONS, "listener" => self.listener).set(open as f64);
    }

    fn turned_away(&self) {
        metrics::counter!(metric::CONNECTIONS_REFUSED, "listener" => self.listener).increment(1);
    }
}

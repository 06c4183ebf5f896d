//! What everybody who takes questions shares: the zones, the bounds, the clock, and who counts.

use std::net::SocketAddr;
use std::sync::Arc;

use model::clock::Clock;

use super::answer::{answer, send_to_tcp};
use super::bounds::Bounds;
use super::rates::{Rates, Verdict};
use super::tally::Tally;
use super::{Transport, Zones};
use crate::door::{Places, network};

/// Who answers: zones, and what strangers may take.
pub struct Service {
    zones: Arc<Zones>,
    pub(super) bounds: Bounds,
    pub(super) places: Arc<Places>,
    pub(super) tally: Arc<dyn Tally>,
    rates: Rates,
    clock: Arc<dyn Clock>,
}

impl Service {
    /// Answers from `zones`, within `bounds`.
    #[must_use]
    pub fn new(zones: Arc<Zones>, bounds: Bounds, clock: Arc<dyn Clock>, tally: Arc<dyn Tally>) -> Self {
        let places = Arc::new(Places::new(bounds.connections, bounds.connections_per_network));
        let rates = Rates::new(bounds.answers_per_second, bounds.slip);
        Self { zones, bounds, places, tally, rates, clock }
    }

    /// Writes the answer to a message that came over UDP. `false` where none is sent.
    pub fn over_udp(&self, packet: &[u8], from: SocketAddr, out: &mut Vec<u8>) -> bool {
        // Nobody can be answered there.
        let is_nowhere = from.port() == 0 || from.ip().is_unspecified() || from.ip().is_multicast();
        let zones = self.zones.now();
        let answered = if is_nowhere { None } else { answer(&zones, packet, Transport::Udp, out) };
        let Some(answered) = answered else {
            self.tally.lost(Transport::Udp);
            return false;
        };
        let is_sent = match self.rates.judge(network::of(from.ip()), answered.about, self.clock.now()) {
            Verdict::Send => true,
            verdict => {
                let told = verdict == Verdict::SendToTcp && send_to_tcp(packet, out);
                self.tally.held_back(told);
                told
            }
        };
        if is_sent {
            self.tally.answered(Transport::Udp, answered.rcode);
        }
        is_sent
    }

    /// Writes the answer to a message that came over TCP. `false` where none is sent.
    pub fn over_tcp(&self, packet: &[u8], out: &mut Vec<u8>) -> bool {
        let answered = answer(&self.zones.now(), packet, Transport::Tcp, out);
        match answered {
            Some(answered) => self.tally.answered(Transport::Tcp, answered.rcode),
            None => self.tally.lost(Transport::Tcp),
        }
        answered.is_some()
    }
}

//! What everybody who takes questions shares: the zones, the bounds, the clock, and who counts.

use std::net::SocketAddr;
use std::sync::Arc;

use model::clock::Clock;

use super::answer::{Known, Told, answer, send_to_tcp};
use super::bounds::Bounds;
use super::keys::Keys;
use super::rates::{Rates, Verdict};
use super::reply::rcode;
use super::tally::{Tally, Transferred};
use super::transfer::Transfer;
use super::zones::Snapshot;
use super::{Transport, Zones};
use crate::door::{Place, Places, network};

/// Who answers: zones, and what strangers may take.
pub struct Service {
    zones: Arc<Zones>,
    pub(super) bounds: Bounds,
    pub(super) places: Arc<Places>,
    transfers: Arc<Places>,
    keys: Keys,
    pub(super) tally: Arc<dyn Tally>,
    rates: Rates,
    clock: Arc<dyn Clock>,
}

impl Service {
    /// Answers from `zones`, within `bounds`.
    #[must_use]
    pub fn new(zones: Arc<Zones>, bounds: Bounds, clock: Arc<dyn Clock>, tally: Arc<dyn Tally>) -> Self {
        let places = Arc::new(Places::new(bounds.connections, bounds.connections_per_network));
        let transfers = Arc::new(Places::new(bounds.transfers, bounds.transfers_per_network));
        let rates = Rates::new(bounds.answers_per_second, bounds.slip);
        Self { zones, bounds, places, transfers, keys: Keys::default(), tally, rates, clock }
    }

    /// The same, where these keys are shared with others.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys, ..self }
    }

    /// What the machine's clock shows, in seconds since 1970.
    pub(super) fn seconds(&self) -> u64 {
        self.known(&self.zones.now()).seconds()
    }

    fn known<'k>(&'k self, zones: &'k Snapshot) -> Known<'k> {
        Known { zones, keys: &self.keys, clock: &*self.clock }
    }

    /// Writes the answer to a message that came over UDP. `false` where none is sent.
    pub fn over_udp(&self, packet: &[u8], from: SocketAddr, out: &mut Vec<u8>) -> bool {
        // Nobody can be answered there.
        let is_nowhere = from.port() == 0 || from.ip().is_unspecified() || from.ip().is_multicast();
        let zones = self.zones.now();
        let told = if is_nowhere { None } else { answer(&self.known(&zones), packet, Transport::Udp, out) };
        let Some(Told::Answer(answered)) = told else {
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

    /// Writes the answer to a message that came over TCP, or says what is to be written instead.
    pub(super) fn over_tcp(&self, packet: &[u8], from: SocketAddr, out: &mut Vec<u8>) -> OverTcp {
        match answer(&self.known(&self.zones.now()), packet, Transport::Tcp, out) {
            None => {
                self.tally.lost(Transport::Tcp);
                OverTcp::Nothing
            }
            Some(Told::Answer(answered)) => {
                self.tally.answered(Transport::Tcp, answered.rcode);
                OverTcp::Answer
            }
            Some(Told::Transfer(transfer)) => match self.transfers.enter(network::of(from.ip())) {
                Some(place) => {
                    self.tally.answered(Transport::Tcp, rcode::NO_ERROR);
                    OverTcp::Transfer(transfer, place)
                }
                None => {
                    transfer.put_off(out);
                    self.tally.answered(Transport::Tcp, rcode::SERVER_FAILURE);
                    self.tally.transferred(Transferred::PutOff);
                    OverTcp::Answer
                }
            },
        }
    }
}

/// What becomes of a message that came over TCP.
pub(super) enum OverTcp {
    /// It may not be answered.
    Nothing,
    /// The answer was written.
    Answer,
    /// A whole zone is to be written, while this place is held.
    Transfer(Box<Transfer>, Place),
}

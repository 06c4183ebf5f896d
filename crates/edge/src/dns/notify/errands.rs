//! What one secondary is told, and when: plain, nothing is sent here.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::TSigVerifier;
use tokio::time::Instant;

use super::word::{read, word};
use super::{Pace, Secondary};
use crate::dns::tally::Notified;
use crate::dns::waiting::Waiting;
use crate::dns::zones::Zones;

/// What one secondary is to be told, and what it has not answered yet.
pub(super) struct Errands {
    secondary: Secondary,
    pace: Pace,
    waiting: Arc<Waiting>,
    under_way: Vec<Told>,
    /// When the next zone may be told.
    next: Instant,
    /// Whether the last zone was given up: then it is tried with one at a time.
    is_silent: bool,
    random: RandomState,
    count: u64,
}

/// A zone that the secondary was told of.
struct Told {
    zone: Arc<[u8]>,
    id: u16,
    tries: u32,
    /// When it is told again, or given up.
    due: Instant,
    verifier: Option<TSigVerifier>,
}

/// What comes next.
pub(super) enum Next {
    /// This is to be sent.
    Send(Vec<u8>),
    /// A zone was given up.
    GivenUp,
    /// Nothing before that time; `None`: nothing, unless something is added.
    Wait(Option<Instant>),
}

impl Errands {
    pub(super) fn new(secondary: Secondary, pace: Pace, waiting: Arc<Waiting>, now: Instant) -> Self {
        let random = RandomState::new();
        Self { secondary, pace, waiting, under_way: vec![], next: now, is_silent: false, random, count: 0 }
    }

    /// Whether the last zone was given up.
    pub(super) const fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// What comes next. `seconds` is what the machine's clock shows, for signatures.
    pub(super) fn next(&mut self, zones: &Zones, now: Instant, seconds: u64) -> Next {
        if let Some(at) = self.under_way.iter().position(|told| told.due <= now) {
            let told = self.under_way.swap_remove(at);
            if told.tries == self.pace.tries {
                self.is_silent = true;
                return Next::GivenUp;
            }
            return self.tell(told.zone, told.tries, now, seconds);
        }
        let at_once = if self.is_silent { 1 } else { self.pace.at_once };
        let has_place = self.under_way.len() < at_once && !self.waiting.is_empty();
        if has_place
            && self.next <= now
            && let Some(zone) = self.waiting.take(zones)
        {
            self.next = now + self.pace.gap;
            // An answer about an older version of it says nothing of this one.
            self.under_way.retain(|told| told.zone != zone);
            return self.tell(zone, 0, now, seconds);
        }
        let first = self.under_way.iter().map(|told| told.due).min();
        let next = (has_place && self.next > now).then_some(self.next);
        Next::Wait(first.into_iter().chain(next).min())
    }

    fn tell(&mut self, zone: Arc<[u8]>, tries: u32, now: Instant, seconds: u64) -> Next {
        let id = self.id();
        let Some((message, verifier)) = word(id, &zone, self.secondary.key.as_deref(), seconds) else {
            return Next::GivenUp;
        };
        let due = now + self.pace.pause * 2_u32.saturating_pow(tries);
        self.under_way.push(Told { zone, id, tries: tries + 1, due, verifier });
        Next::Send(message)
    }

    /// A number that no other message has that is under way, and that nobody can guess.
    fn id(&mut self) -> u16 {
        loop {
            self.count += 1;
            let [.., high, low] = self.random.hash_one(self.count).to_be_bytes();
            let id = u16::from_be_bytes([high, low]);
            if self.under_way.iter().all(|told| told.id != id) {
                return id;
            }
        }
    }

    /// Takes an answer. `None` where it is none that is believed.
    pub(super) fn hear(&mut self, packet: &[u8]) -> Option<Notified> {
        let (id, code) = read(packet)?;
        let at = self.under_way.iter().position(|told| told.id == id)?;
        if let Some(verifier) = &mut self.under_way[at].verifier {
            verifier.verify(packet).ok()?;
        }
        self.under_way.swap_remove(at);
        self.is_silent = false;
        Some(if code == ResponseCode::NoError { Notified::Answered } else { Notified::Refused })
    }
}

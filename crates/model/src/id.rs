//! Every id prefix, and the one generator that makes ids.
//!
//! An id is `prefix_` and a 26-character ULID. Ids that clients send are opaque: they are compared,
//! never parsed, because published samples contain ids that are not ULIDs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::clock::{Clock, Time};

/// A kind of id: its own type, its own prefix.
pub trait Id: Sized {
    /// What stands before the underscore. Append-only: it has left the process.
    const PREFIX: &'static str;

    /// Takes a text as it is, whether or not we could have made it.
    fn opaque(text: impl Into<String>) -> Self;

    /// The whole id.
    fn as_str(&self) -> &str;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(String);

            impl Id for $name {
                const PREFIX: &'static str = $prefix;
                fn opaque(text: impl Into<String>) -> Self { Self(text.into()) }
                fn as_str(&self) -> &str { &self.0 }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
            }
        )*

        /// Every prefix, in the order of the list above.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// A partner: the reseller, whose keys call us.
    PartnerId "org";
    /// A partner's customer.
    UserId "usr";
    /// A saved order size.
    BundleId "bun";
    /// An order.
    OrderId "ord";
    /// A domain, from its order or import until it is released.
    DomainId "dom";
    /// An import job.
    ImportId "imp";
    /// A forwarding job.
    ForwardingId "fwj";
    /// A swap.
    SwapId "swp";
    /// A pending action.
    ActionId "act";
    /// An event.
    EventId "evt";
    /// A request, told in `Peeker-Request-Id`.
    RequestId "req";
    /// An API key's record (not the key).
    KeyId "key";
    /// An inbox.
    InboxId "inb";
    /// A webhook endpoint.
    EndpointId "whe";
    /// A webhook delivery.
    DeliveryId "dlv";
    /// A quote.
    QuoteId "quo";
    /// A ledger line.
    LineId "inv";
    /// A workflow run; internal, and part of the reference a provider sees.
    RunId "run";
    /// A task; internal.
    TaskId "tsk";
    /// One claim of a task; internal.
    LeaseId "lse";
    /// An entry of the audit trail.
    AuditId "aud";
    /// A notice for the operator.
    NoticeId "ntc";
    /// A purchase that may happen.
    IntentId "int";
    /// A pause of buying.
    PauseId "pau";
    /// A zone; internal.
    ZoneId "zon";
}

/// Makes ids that rise strictly within a process, whatever the clock does.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

struct State {
    rng: StdRng,
    last: Ulid,
}

impl Ids {
    /// A generator seeded by the operating system.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut seed = [0; 32];
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, &mut seed)
            .expect("the operating system has random bytes");
        Self::from_rng(clock, StdRng::from_seed(seed))
    }

    /// A generator whose ids repeat with the seed and the clock: for tests.
    #[must_use]
    pub fn seeded(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self::from_rng(clock, StdRng::seed_from_u64(seed))
    }

    fn from_rng(clock: Arc<dyn Clock>, rng: StdRng) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State { rng, last: Ulid::nil() })) }
    }

    /// The next id of a kind.
    pub fn next<I: Id>(&self) -> I {
        self.draw(None)
    }

    /// The next id of a kind, above `last` even when another machine with a faster clock made it.
    pub fn above<I: Id>(&self, last: Option<&I>) -> I {
        let floor = last.and_then(|id| id.as_str().get(I::PREFIX.len() + 1..));
        self.draw(floor.and_then(|text| Ulid::from_string(text).ok()))
    }

    /// Random bytes for keys, secrets and jitter.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.lock().rng.fill(&mut bytes[..]);
        bytes
    }

    /// A number in `0.0..1.0`, for jitter.
    pub fn fraction(&self) -> f64 {
        self.lock().rng.random()
    }

    fn draw<I: Id>(&self, floor: Option<Ulid>) -> I {
        let millis = u64::try_from(self.clock.now().millis()).unwrap_or(0);
        let mut state = self.lock();
        let fresh = Ulid::from_parts(millis, state.rng.random());
        let floor = floor.unwrap_or(Ulid::nil()).max(state.last);
        let next = if fresh > floor && millis > floor.timestamp_ms() {
            fresh
        } else {
            after(floor, state.rng.random::<u64>() >> STEP_SHIFT)
        };
        state.last = next;
        I::opaque(format!("{}_{}", I::PREFIX, next.to_string()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Steps between ids of one millisecond are 1 to 2^40 wide, of the 2^80 that a millisecond has.
const STEP_SHIFT: u32 = 24;

/// The lowest id that could have been drawn so many milliseconds after another one, or before it when
/// `millis` is negative; `None` when the other one was not drawn here.
#[must_use]
pub fn lowest_near<I: Id>(id: &I, millis: i64) -> Option<I> {
    let drawn = Ulid::from_string(id.as_str().get(I::PREFIX.len() + 1..)?).ok()?;
    let moment = drawn.timestamp_ms().saturating_add_signed(millis);
    Some(I::opaque(format!("{}_{}", I::PREFIX, Ulid::from_parts(moment, 0).to_string())))
}

/// The lowest id that can be drawn at a moment of server time.
#[must_use]
pub fn lowest_at<I: Id>(time: Time) -> I {
    let moment = u64::try_from(time.millis()).unwrap_or(0);
    I::opaque(format!("{}_{}", I::PREFIX, Ulid::from_parts(moment, 0).to_string()))
}

/// When an id was drawn, in server time; `None` when it was not drawn here.
#[must_use]
pub fn drawn_at<I: Id>(id: &I) -> Option<Time> {
    let text = id.as_str().strip_prefix(I::PREFIX)?.strip_prefix('_')?;
    let drawn = Ulid::from_string(text).ok()?;
    i64::try_from(drawn.timestamp_ms()).ok().map(Time::from_millis)
}

/// A little above the floor, and not just above it: another machine may stand on the same floor.
fn after(floor: Ulid, step: u64) -> Ulid {
    Ulid::from(u128::from(floor).saturating_add(u128::from(step) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HandClock;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let ids = Ids::seeded(clock.clone(), 1);
        let first: EventId = ids.next();
        clock.set(Time::from_millis(1_700_000_000_000));
        let second: EventId = ids.next();
        assert!(second > first);
    }

    #[test]
    fn the_lowest_id_of_a_moment_bounds_those_drawn_around_it() {
        let clock = HandClock::at(Time::from_millis(1_800_000_000_000));
        let ids = Ids::seeded(clock.clone(), 1);
        let first: OrderId = ids.next();
        clock.advance(crate::clock::MINUTE);
        let second: OrderId = ids.next();
        assert!(lowest_near(&second, -60_000).unwrap() <= first);
        assert!(lowest_near(&second, -59_999).unwrap() > first);
        assert!(lowest_near(&first, 60_001).unwrap() > second);
        assert_eq!(lowest_near(&OrderId::opaque("ord_1"), 1), None);
    }

    #[test]
    fn an_id_says_when_it_was_drawn() {
        let ids = Ids::seeded(HandClock::at(Time::from_millis(1_000)), 1);
        assert_eq!(drawn_at(&ids.next::<EventId>()), Some(Time::from_millis(1_000)));
        for foreign in ["evt_1", "ord_0000000000000000000000000A", "evt_!!000000000000000000000000", "evt", ""] {
            assert_eq!(drawn_at(&EventId::opaque(foreign)), None, "{foreign}");
        }
    }

    #[test]
    fn two_machines_that_go_on_above_the_same_id_do_not_meet() {
        let clock = HandClock::at(Time::from_millis(1_000));
        let foreign = EventId::opaque("evt_7ZZZZZZZZZ0000000000000000");
        let drawn = |seed| {
            let ids = Ids::seeded(clock.clone(), seed);
            let first: EventId = ids.above(Some(&foreign));
            (0..100).fold(vec![first], |mut drawn, _| {
                drawn.push(ids.next());
                drawn
            })
        };
        let (one, other) = (drawn(1), drawn(2));
        assert!(one.is_sorted() && other.is_sorted());
        assert!(one.iter().all(|id| !other.contains(id)));
    }

    #[test]
    fn an_id_above_another_machines_id_is_above_it() {
        let ids = Ids::seeded(HandClock::at(Time::from_millis(1_000)), 1);
        let foreign = EventId::opaque("evt_7ZZZZZZZZZ0000000000000000");
        assert!(ids.above(Some(&foreign)) > foreign);
    }

    #[test]
    fn prefixes_are_unique_and_held() {
        let mut seen = PREFIXES.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), PREFIXES.len());
        assert_eq!(
            &PREFIXES[..12],
            ["org", "usr", "bun", "ord", "dom", "imp", "fwj", "swp", "act", "evt", "req", "key"]
        );
    }
}

//! How much an account at an authority is asked for: what the authority allows, and how much of it is left.

use crate::clock::{HOUR, Time};

/// What an authority allows an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Orders that are under way at once, on all processes.
    pub in_flight: u32,
    /// So many orders may be made at once when none was made for a time of `per`; each is given back after its share of it.
    pub orders: u32,
    /// Microseconds.
    pub per: i64,
}

impl Default for Limits {
    /// Let's Encrypt allows 300 orders in three hours (<https://letsencrypt.org/docs/rate-limits/>).
    fn default() -> Self {
        Self { in_flight: 10, orders: 300, per: 3 * HOUR }
    }
}

/// An account at an authority, as far as it is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    /// When all orders that were made will have been given back.
    pub spent_until: Time,
    /// Until when the authority wants to hear nothing of it.
    pub paused_until: Option<Time>,
}

/// Whether an account may be asked for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// Now, and then this is how it stands.
    Now(Account),
    /// Not before this time; `None`: when one that is under way has ended.
    Later(Option<Time>),
}

/// Whether an account that has so many orders under way may make another one. Orders are given back one by one, as authorities
/// count them: over any time of `per` there are never more than twice `orders`, and never more than `orders` at once.
#[must_use]
pub fn room(account: &Account, in_flight: u32, limits: &Limits, now: Time) -> Room {
    if let Some(paused_until) = account.paused_until.filter(|until| now < *until) {
        return Room::Later(Some(paused_until));
    }
    if in_flight >= limits.in_flight {
        return Room::Later(None);
    }
    let share = limits.per / i64::from(limits.orders.max(1));
    let spent_until = account.spent_until.max(now).plus(share);
    if spent_until > now.plus(limits.per) {
        return Room::Later(Some(spent_until.plus(-limits.per)));
    }
    Room::Now(Account { spent_until, paused_until: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{DAY, MINUTE};

    const NOW: Time = Time(1_000 * DAY);

    /// Orders as often as there is room, until a time; answers when each was made.
    fn greedy(limits: &Limits, until: Time) -> Vec<Time> {
        let (mut account, mut now, mut made) = (Account::default(), NOW, vec![]);
        while now < until {
            match room(&account, 0, limits, now) {
                Room::Now(after) => {
                    account = after;
                    made.push(now);
                }
                Room::Later(at) => now = at.unwrap(),
            }
        }
        made
    }

    #[test]
    fn orders_come_at_once_as_far_as_allowed_and_then_one_by_one() {
        let limits = Limits { in_flight: 10, orders: 300, per: 3 * HOUR };
        let made = greedy(&limits, NOW.plus(9 * HOUR));
        assert_eq!(made.iter().filter(|at| **at == NOW).count(), 300);
        assert_eq!(made[300], NOW.plus(3 * HOUR / 300));
        let worst = made.iter().map(|from| made.iter().filter(|at| (*from..from.plus(3 * HOUR)).contains(at)).count());
        assert!(worst.max().unwrap() <= 600);
        assert_eq!(made.len(), 300 + 3 * 300 - 1, "afterwards as many as the authority gives back");
    }

    #[test]
    fn a_week_of_few_orders_is_a_limit_too() {
        let limits = Limits { in_flight: 1, orders: 2, per: 7 * DAY };
        assert_eq!(greedy(&limits, NOW.plus(7 * DAY)), [NOW, NOW, NOW.plus(7 * DAY / 2)]);
    }

    #[test]
    fn orders_under_way_and_a_pause_are_waited_for() {
        let limits = Limits { in_flight: 2, ..Limits::default() };
        let account = Account::default();
        assert!(matches!(room(&account, 1, &limits, NOW), Room::Now(_)));
        assert_eq!(room(&account, 2, &limits, NOW), Room::Later(None));
        let paused = Account { paused_until: Some(NOW.plus(MINUTE)), ..account };
        assert_eq!(room(&paused, 0, &limits, NOW), Room::Later(Some(NOW.plus(MINUTE))));
        assert!(matches!(room(&paused, 0, &limits, NOW.plus(MINUTE)), Room::Now(_)));
    }

    #[test]
    fn limits_of_nothing_let_nothing_through_and_divide_by_nothing() {
        let none = Limits { in_flight: 0, orders: 0, per: HOUR };
        assert_eq!(room(&Account::default(), 0, &none, NOW), Room::Later(None));
    }
}

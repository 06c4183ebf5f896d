//! How much is seeded, and how the rows are called.

use model::clock::{MINUTE, Time};

use super::NOW;

/// Who only fills a database names no row, and is not warned about that.
const _: fn(&str, i64) -> String = Size::id;
const _: fn(i64, i64) -> Time = Size::created;

/// How much is seeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Orders; everything else follows.
    pub(crate) orders: i64,
}

/// Domains of each order.
pub(crate) const DOMAINS: i64 = 5;

impl Size {
    /// Customers, bundles.
    pub(crate) const fn users(self) -> i64 {
        self.orders / 10
    }

    /// Swaps, pending actions.
    pub(crate) const fn few(self) -> i64 {
        self.orders / 10
    }

    /// The id of a seeded row: drawn a second after that of the row before, so that ids rise with time as real
    /// ones do. Ten million rows have one.
    pub(crate) fn id(prefix: &str, number: i64) -> String {
        format!("{prefix}_0{number:07}{:018}", 0)
    }

    /// When a seeded row was made: a minute after the one before, the last a minute before [`NOW`].
    pub(crate) const fn created(rows: i64, number: i64) -> Time {
        NOW.plus((number - rows) * MINUTE)
    }
}

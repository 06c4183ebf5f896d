//! How much is seeded, and how the rows are called.

/// How much is seeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Orders; everything else follows.
    pub(crate) orders: i64,
}

/// Domains of each order.
pub(crate) const DOMAINS: i64 = 5;

impl Size {
    /// Customers.
    pub(crate) const fn users(self) -> i64 {
        self.orders / 10
    }

    /// Swaps, pending actions.
    pub(crate) const fn few(self) -> i64 {
        self.orders / 10
    }

    /// The id of a seeded row: as long and as sorted as a real one.
    pub(crate) fn id(prefix: &str, number: i64) -> String {
        format!("{prefix}_{number:026}")
    }
}

//! How long a database on another machine is waited for, before what waits is given up and comes again.

use std::time::Duration;

/// The three waits that would have no end by themselves. The database keeps them, so that it lets go of what a process
/// holds that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one statement.
    pub statement: Duration,
    /// For somebody else's lock.
    pub lock: Duration,
    /// For the next statement of a transaction that has begun.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let five = Duration::from_secs(5);
        Self { statement: five, lock: five, idle: five }
    }
}

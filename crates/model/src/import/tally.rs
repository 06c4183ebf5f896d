//! Where a job stands, computed from its names.

use super::{ImportRow, ImportRowStatus, ImportStatus};

/// How many names of a job are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Neither ended nor asked about.
    pub waiting: i64,
    /// Waiting, and a person has been asked to set their nameservers.
    pub asking: i64,
    /// In the inventory.
    pub connected: i64,
    /// Failed.
    pub failed: i64,
}

impl Tally {
    /// Counts a job's names.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a ImportRow>) -> Self {
        let mut tally = Self::default();
        rows.into_iter().for_each(|row| tally.add(row.status, row.asking, 1));
        tally
    }

    /// Counts so many names more; a negative number counts them out again.
    pub const fn add(&mut self, status: ImportRowStatus, asking: bool, count: i64) {
        let class = match (status, asking) {
            (ImportRowStatus::WaitingForNameservers, false) => &mut self.waiting,
            (ImportRowStatus::WaitingForNameservers, true) => &mut self.asking,
            (ImportRowStatus::Connected, _) => &mut self.connected,
            (ImportRowStatus::Failed, _) => &mut self.failed,
        };
        *class += count;
    }

    /// The same after one name has moved.
    #[must_use]
    pub const fn moved(mut self, from: &ImportRow, to: &ImportRow) -> Self {
        self.add(from.status, from.asking, -1);
        self.add(to.status, to.asking, 1);
        self
    }
}

/// What a job's status is when its names are so.
#[must_use]
pub const fn status_of(tally: Tally) -> ImportStatus {
    match tally {
        Tally { asking: 1.., .. } => ImportStatus::ActionRequired,
        Tally { waiting: 1.., .. } => ImportStatus::InProgress,
        Tally { connected: 1.., .. } => ImportStatus::Completed,
        _ => ImportStatus::Failed,
    }
}

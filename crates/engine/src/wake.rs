//! A word that something is due. It carries nothing, and losing it costs a second.

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Wakes the resting lanes of this process, and has others told.
#[derive(Debug, Default)]
pub struct Wake {
    lanes: Notify,
    others: Notify,
}

impl Wake {
    /// Something is due that was written here.
    pub fn nudge(&self) {
        self.lanes.notify_waiters();
        self.others.notify_one();
    }

    /// Another process has said that something is due.
    pub fn heard(&self) {
        self.lanes.notify_waiters();
    }

    /// Waits until there is something to tell other processes; what is said meanwhile is told with it.
    pub async fn said(&self) {
        self.others.notified().await;
    }

    /// Waits for a word of either kind.
    pub fn woken(&self) -> Notified<'_> {
        self.lanes.notified()
    }
}

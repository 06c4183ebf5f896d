//! A request that waits before its vendor until somebody lets it in: what others do meanwhile comes before it.

use tokio::sync::Semaphore;

/// Where one request waits.
#[derive(Debug)]
pub struct Gate {
    pub(crate) method: String,
    pub(crate) ending: String,
    came: Semaphore,
    open: Semaphore,
}

impl Gate {
    pub(crate) fn new(method: &str, ending: &str) -> Self {
        let shut = || Semaphore::new(0);
        Self { method: method.into(), ending: ending.into(), came: shut(), open: shut() }
    }

    /// Ends when the request waits.
    pub async fn came(&self) {
        drop(self.came.acquire().await);
    }

    /// Lets it in.
    pub fn open(&self) {
        self.open.add_permits(1);
    }

    pub(crate) async fn pass(&self) {
        self.came.add_permits(1);
        drop(self.open.acquire().await);
    }
}

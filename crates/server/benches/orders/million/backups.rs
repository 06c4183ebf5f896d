//! Backups one after the other, each by the program that an operator starts beside the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::server_process::Home;

/// Backups that go on until enough was seen beside them.
#[derive(Debug)]
pub(super) struct Backups {
    enough: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    going: JoinHandle<anyhow::Result<Vec<Duration>>>,
}

impl Backups {
    /// Begins the first one.
    pub(super) fn begin(home: &Home) -> Self {
        let (enough, ended, home) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)), home.clone());
        let (is_enough, has_ended) = (enough.clone(), ended.clone());
        let going = tokio::task::spawn_blocking(move || {
            let took = make(&home, &is_enough);
            has_ended.store(true, Ordering::Release);
            took
        });
        Self { enough, ended, going }
    }

    /// Asks whether one is still going on; the one that is, is the last one when there is enough.
    pub(super) fn go_on(&self) -> impl Fn(bool) -> bool + Send + Sync + use<> {
        let (enough, ended) = (self.enough.clone(), self.ended.clone());
        move |is_enough| {
            enough.fetch_or(is_enough, Ordering::Relaxed);
            !ended.load(Ordering::Acquire)
        }
    }

    /// How long each took.
    pub(super) async fn took(self) -> anyhow::Result<Vec<Duration>> {
        self.going.await?
    }
}

/// They stay until everything was measured: what the file system does to remove a large file is no part of a backup.
fn make(home: &Home, is_enough: &AtomicBool) -> anyhow::Result<Vec<Duration>> {
    let mut took = vec![];
    while took.is_empty() || !is_enough.load(Ordering::Relaxed) {
        let (file, began) = (home.file(&format!("backup-{}.db", took.len())), Instant::now());
        home.run(&["backup", &file.display().to_string()])?;
        took.push(began.elapsed());
    }
    Ok(took)
}

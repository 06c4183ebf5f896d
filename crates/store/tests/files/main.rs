//! What the files of an SQLite database must do for us, and what is done when they do not.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod backups;
mod ground;

use std::path::PathBuf;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{HandClock, SECOND, Time};
use model::id::{Id as _, Ids, PartnerId};
use model::partner::Partner;
use store::{Opening, Store};
use tempfile::TempDir;

/// When every test happens.
const NOW: Time = Time(1_778_241_600 * SECOND);

/// A folder with a database in it, as a server has it.
struct Home {
    folder: TempDir,
    traces: bool,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), traces: true }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn opening(&self) -> Opening {
        let key_file = self.path("master.key");
        Opening {
            url: format!("sqlite:{}", self.path("mailwright.db").display()),
            lock_file: Some(self.path("mailwright.lock")),
            migrate: true,
            create: true,
            connections: 2,
            writing: store::Writing::default(),
            patience: model::patience::Patience::default(),
            traces: if self.traces { vec![key_file.clone(), self.path("sandbox.db")] } else { vec![] },
            key_file,
        }
    }

    /// As a command opens it.
    fn beside(&self) -> Opening {
        Opening { lock_file: None, create: false, migrate: false, ..self.opening() }
    }

    async fn open(&self) -> Store {
        Store::open(&self.opening()).await.unwrap()
    }

    /// Why it cannot be opened.
    async fn refused(&self) -> String {
        Store::open(&self.opening()).await.err().unwrap().to_string()
    }

    /// The names of what is in the folder.
    fn files(&self) -> Vec<String> {
        let entries = self.folder.path().read_dir().unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Copies files of the folder to another name each.
    fn copy(&self, pairs: &[(&str, &str)]) {
        for (from, to) in pairs {
            std::fs::copy(self.path(from), self.path(to)).unwrap();
        }
    }
}

/// Makes a partner of this name.
async fn add(store: &Store, name: &str) {
    let row = Partner { test_epoch: 0, ..Partner::new(PartnerId::opaque(format!("org_{name}")), name, NOW) };
    let written = store.write(move |tx| {
        let row = row.clone();
        let ids = Ids::seeded(HandClock::at(NOW), 1);
        async move {
            let mut change = Change::default();
            change.partners.insert.push(row);
            tx.apply(change, &ids, NOW).await
        }
        .boxed()
    });
    written.await.unwrap();
}

/// The names of all partners.
async fn names(store: &Store) -> Vec<String> {
    let all = store::partners::all(&mut store.read().await.unwrap()).await.unwrap();
    let mut names: Vec<_> = all.into_iter().map(|partner| partner.name).collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().unwrap().permissions().mode() & 0o777
}

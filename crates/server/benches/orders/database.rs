//! The two databases, and an empty one of each.

use std::sync::Arc;

use store::{Opening, Store, Writing};
use tempfile::TempDir;

use crate::postgres;

/// Which database is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Database {
    /// A file, at the settings that the server uses.
    Sqlite,
    /// A server of our own, at its own default settings.
    Postgres(&'static postgres::Server),
}

/// An empty database with a folder for what belongs to it. The folder goes when this does.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) folder: Arc<TempDir>,
}

impl Database {
    /// What tables are headed with.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// A new place of its own, without a schema.
    pub(crate) async fn place(self) -> anyhow::Result<Place> {
        let folder = tempfile::Builder::new().prefix("mailwright-bench-").tempdir()?;
        let url = match self {
            Self::Sqlite => format!("sqlite:{}", folder.path().join("mailwright.db").display()),
            Self::Postgres(server) => server.fresh_schema().await,
        };
        Ok(Place { url, folder: Arc::new(folder) })
    }
}

impl Place {
    /// Makes the schema.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let opening = Opening {
            url: self.url.clone(),
            key_file: self.folder.path().join("master.key"),
            lock_file: None,
            migrate: true,
            create: true,
            connections: 2,
            writing: Writing::default(),
            patience: model::patience::Patience::default(),
            traces: vec![],
        };
        Ok(Store::open(&opening).await?)
    }
}

//! Whether anything can be written at all.

use futures_util::FutureExt as _;
use model::id::{Id as _, LeaseId};

use crate::db::args;
use crate::error::Failure;
use crate::open::Store;

impl Store {
    /// Writes something and takes it away again: a full disk, or a writer that hangs, shows here and not in a read.
    /// `mark` is a fresh id, so that no two processes wait for each other.
    ///
    /// # Errors
    /// Why nothing can be written.
    pub async fn try_to_write(&self, mark: LeaseId) -> Result<(), Failure> {
        // It waits for its turn, and is never refused for others' requests.
        let writing = self.settle(move |tx| {
            let key = format!("ready:{}", mark.as_str());
            async move {
                tx.run("INSERT INTO meta (key, value) VALUES ($1, '')", args![key.as_str()]).await?;
                tx.run("DELETE FROM meta WHERE key = $1", args![key.as_str()]).await?;
                Ok(())
            }
            .boxed()
        });
        writing.await
    }
}

//! Word from process to process, on PostgreSQL, that something is due. It is said after a commit and not in it: there it would
//! have every commit wait for the one before. Losing it costs the others the time until they look by themselves.

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};

use crate::db::args;
use crate::dialect::Backend;
use crate::error::StoreError;
use crate::open::Store;
use crate::session;

/// What processes of Mailwright listen to; PostgreSQL keeps channels apart by database and not by schema, and a word too many
/// costs a look.
const CHANNEL: &str = "mailwright_due";

/// Hears what other processes say.
pub struct Ear(PgListener);

impl Ear {
    /// One on a connection of its own.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse()?;
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name(session::APPLICATION),
        };
        // It looks after one connection, for as long as somebody listens.
        let one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let mut listener = PgListener::connect_with(&one.connect_with(options).await?).await?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Who has said something: what they called themselves. `None` when the connection was lost for a moment, and nobody knows.
    ///
    /// # Errors
    /// When the database cannot be reached any more.
    pub async fn hear(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_recv().await?.map(|said| said.payload().to_owned()))
    }
}

/// Tells the other processes that something is due. On SQLite there is nobody to be told.
///
/// # Errors
/// When the database cannot be reached.
pub async fn say(store: &Store, who: &str) -> Result<(), StoreError> {
    if store.backend() == Backend::Postgres {
        let sql = "SELECT CAST(pg_notify($1, $2) AS TEXT)";
        store.read().await?.one(sql, args![CHANNEL, who]).await?;
    }
    Ok(())
}

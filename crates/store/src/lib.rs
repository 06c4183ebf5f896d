//! Everything the product remembers, on SQLite or PostgreSQL.
//!
//! Reads take a [`Db`]; the only way to write is [`Store::write`] (or [`Store::settle`]), whose
//! closure gets a [`Tx`] and hands a [`model::change::Change`] to [`Tx::apply`].

mod address;
mod apply;
mod backup;
mod between;
mod booked;
mod column;
mod db;
mod dialect;
mod error;
mod fair;
mod ground;
mod group;
mod lanes;
mod lock;
mod migrate;
mod open;
mod page;
mod positions;
mod ready;
mod record;
mod restore;
mod room;
mod seal;
mod session;
mod share;
mod standing;
mod table;
mod wal;
mod writer;

pub mod actions;
pub mod audit;
pub mod bundles;
pub mod deliveries;
pub mod domains;
pub mod endpoints;
pub mod events;
pub mod feed;
pub mod figures;
pub mod file_modes;
pub mod forwardings;
pub mod idempotency;
pub mod imports;
pub mod inboxes;
pub mod keys;
pub mod ledger;
pub mod locks;
pub mod operator;
pub mod orders;
pub mod partners;
pub mod purge;
pub mod quotes;
pub mod runs;
pub mod spend;
pub mod swaps;
pub mod tasks;
pub mod timelines;
pub mod times;
pub mod turn;
pub mod users;

pub use backup::{Backup, BackupError};
pub use db::{Db, Noted, Statement, Tx, Value, Witness};
pub use dialect::Backend;
pub use error::{Failure, Halt, StoreError};
pub use locks::{Hold, Locks};
pub use open::{OpenError, Opening, Store, Writing};
pub use page::Page;
pub use restore::{RestoreError, Restored, restore};
pub use seal::{Vault, VaultError};
pub use share::{Kind, on_behalf_of};
pub use table::{TABLES, Table};
pub use writer::Stopwatch;

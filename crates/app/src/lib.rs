//! What the product does for somebody, one file each: the API's handlers call it, and so may pages and commands.
//!
//! A use case is a [`UseCase`]: it takes its locks in their one order, gathers facts, asks a decision of `model`, and
//! has the store write it. [`perform`] runs one; [`perform_once`] runs one that may be sent again. Nothing here can buy
//! anything: the only way out is [`catalog`], which looks at names and changes nothing.

mod acting;
mod actor;
mod case;
mod core;
mod missing;
mod repeat;

pub mod access;
pub mod actions;
pub mod bundles;
pub mod catalog;
pub mod consents;
pub mod deliveries;
pub mod endpoints;
pub mod events;
pub mod forwardings;
pub mod imports;
pub mod live;
pub mod operator;
pub mod orders;
pub mod sandbox;
pub mod swaps;
pub mod users;

pub use acting::{Acting, Done, Present};
pub use actor::{Actor, By, permitted, unknown_key};
pub use case::{UseCase, perform, perform_beside};
pub use catalog::{Catalog, CatalogError, Looking, NameSource};
pub use core::{Core, Wake};
pub use missing::{missing, not_found};
pub use repeat::{BEGUN, Reply, Told, complete, find, id_in, perform_once};

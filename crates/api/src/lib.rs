//! The partner API: requests in, decisions asked, answers out.
//!
//! [`router`] is the whole surface. A handler gathers facts, asks a decision of `model`, and has the
//! store write what it wants. Nothing here can buy anything: the only way out is [`catalog`], which
//! looks at names and changes nothing.

mod answer;
mod app;
mod body;
mod call;
mod caller;
mod docs;
mod failed;
mod guard;
mod guides;
mod health;
mod limit;
mod openapi;
mod page;
mod present;
mod problem;
mod readiness;
mod repeat;
mod request_id;
mod request_log;
mod routes;
mod stream;
mod v1;
mod web_address;

pub mod catalog;

pub use app::{App, Settings, Wake};
pub use catalog::{Catalog, CatalogError, NameSource};
pub use failed::ClientAddress;
pub use openapi::openapi;
pub use readiness::{Readiness, Warning};
pub use routes::router;
pub use stream::Streams;

//! The partner API: requests in, decisions asked, answers out.
//!
//! [`router`] is the whole surface. A handler that reads asks the store; one that changes something reads the call,
//! hands it to a use case of the crate `app`, and answers.

mod answer;
mod body;
mod call;
mod caller;
mod docs;
mod failed;
mod guard;
mod guides;
mod health;
mod keys;
mod limit;
mod measure;
mod near;
mod openapi;
mod page;
mod problem;
mod query;
mod readiness;
mod reference;
mod repeat;
mod request_id;
mod request_log;
mod routes;
mod site;
mod state;
mod stream;
mod told;
mod v1;
mod web_address;

pub use failed::ClientAddress;
pub use readiness::{Readiness, Unready, Warning};
pub use routes::{document as openapi, probes, router};
pub use state::{App, Settings};
pub use stream::Streams;
pub use v1::orders::pending::made_by_hand;

//! Web addresses that lead on: what somebody is answered who opens the address of a domain.

mod site;

pub use site::{Site, SiteFault, Status};

//! Doubles of vendors, for tests only: HTTP servers with a memory and a ledger of their own, and with the faults that vendors
//! have. They know nothing of ours, so that an adapter and its double cannot share a mistake by sharing code.

mod acts;
pub mod cloudflare;
pub mod consent;
pub mod dnsimple;
mod gate;
pub mod google;
pub mod graph;
pub mod instantly;
mod mailboxes;
pub mod namecom;
pub mod porkbun;
pub mod rdap;
mod server;
pub mod smartlead;
mod visible;

pub use acts::Act;
pub use gate::Gate;
pub use mailboxes::Mailbox;
pub use server::{Asked, Fault, Said, Server, replay};

//! Works off what is due: steps of runs with providers, and deliveries to endpoints.
//!
//! Every piece of work has the same three beats: gather rows, talk to one outside party, decide and
//! write. Nothing is kept in memory that the database does not know.
//!
//! What is due is due by the injected `Clock`. How long this process waits (leases, pauses, time-outs) is measured by
//! tokio's clock, which nobody sets and which tests may pause; no other clock is read here.

mod accounts;
mod claim;
mod consents;
mod courier;
mod cx;
mod deliver;
pub mod diagnosis;
mod due;
mod evidence;
mod facts;
mod flight;
mod free_seats;
mod gathering;
mod give_accounts;
mod hold;
mod intend;
mod lane;
mod late;
mod pace;
mod parts;
mod party;
mod places;
mod probe;
mod put_back;
mod reach;
mod results;
mod runner;
mod settle;
pub mod signature;
mod steps;
mod timer;
mod wake;
mod worker;

pub use accounts::{Accounts, Standing};
pub use courier::Courier;
pub use parts::{Parts, Settings};
pub use probe::{Fate, Point, Probe};
pub use results::Results;
pub use wake::Wake;
pub use worker::{Engine, Stopped};

//! What certificates need (RFC 8555), for all processes that serve or order: our account at an authority, which is known by the
//! address of its directory, the certificate of each site, and the answers to what authorities ask.
//!
//! What is due, how often an account is asked and what becomes of a failure is decided in [`model::certificate`]. Keys and
//! credentials are sealed.

mod accounts;
mod answers;
mod certificates;
mod orders;

pub use accounts::{account, keep_account};
pub use answers::{Answer, answer, keep_answer};
pub use certificates::{Changed, Failing, Kept, all, changed, failing, missing, troubles_of_order, want};
pub use orders::{Claimed, Held, Settled, claim, next_due, settle};

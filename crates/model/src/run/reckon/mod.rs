//! What a run's move means for everything around it, one file for each kind of run.

mod close;
mod follow_swap;
mod provision;
mod question;
mod rename;
mod renew;
mod replace;

pub(crate) use close::has_ended;
pub use close::{Closing, close};
pub use follow_swap::Swapping;
pub use provision::{Around, news, reckon, to_inventory};
pub use rename::{Renaming, rename};
pub use renew::{RENEW_AHEAD, Renewing, renew};
pub use replace::{Replacing, replace};

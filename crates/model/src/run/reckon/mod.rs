//! What a run's move means for everything around it, one file for each kind of run.

mod close;
mod forward;
mod import;
mod provision;
mod question;
mod renew;
mod watch;

pub(crate) use close::has_ended;
pub use close::{Closing, close};
pub use forward::{Redirecting, redirect};
pub use import::{Importing, import, progress};
pub use provision::{Around, news, reckon, to_inventory};
pub use renew::{RENEW_AHEAD, Renewing, renew};
pub use watch::{LOOK, Watching, watch};

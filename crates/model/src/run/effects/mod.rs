//! What a run's move means for everything around it, one file for each kind of run.

mod close;
mod follow_swap;
mod forward;
mod import;
mod inventory;
mod look_back;
mod provision;
mod question;
mod rename;
mod renew;
mod replace;
mod sign;
mod watch;
mod zone;

pub(crate) use close::has_ended;
pub use close::{Closing, close};
pub use follow_swap::Swapping;
pub use forward::{Redirecting, redirect};
pub use import::{Importing, import, progress};
pub use inventory::expire;
pub use look_back::{LookingBack, look_back};
pub use provision::{Provisioning, provision};
pub use rename::{Renaming, rename};
pub(crate) use renew::plan_renewal;
pub use renew::{RENEW_AHEAD, Renewing, renew};
pub use replace::{Replacing, replace};
pub use sign::{Signing, sign};
pub use watch::{LOOK, Watching, leaves_something, next_look, watch};
pub use zone::{Zoning, first_policy, zone};

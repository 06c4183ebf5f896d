//! Names that customers have registered elsewhere.

mod body;
pub(crate) mod create;
pub(crate) mod create_job;
pub(crate) mod find;
pub(crate) mod get;
pub(crate) mod get_job;
mod start;
mod watch;

use start::start;
use watch::watch;

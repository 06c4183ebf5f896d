//! The partner's customers.

mod change;
mod create;
mod remove;

pub use change::ChangeUser;
pub use create::CreateUser;
pub use remove::RemoveUser;

//! A partner's customers.

use crate::clock::Time;
use crate::id::{PartnerId, UserId};
use crate::named::named;
use crate::secret::Secret;
use crate::world::World;

mod address;
mod edit;

pub use address::{fold, is_email, spellings};
pub use edit::{Asked, Decided, Wish, change, create, remove};

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Whose customer.
    pub partner: PartnerId,
    /// In which world.
    pub world: World,
    /// As it was sent.
    pub email: String,
    /// As it is compared: see [`fold`].
    pub email_folded: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The partner's own routing at the sequencer.
    pub client_id: Option<i64>,
    /// The API key at the sequencer that its orders are linked with.
    pub sequencer_key: Option<Secret>,
    /// Whether it was deleted.
    pub status: UserStatus,
    /// When it was made, partner time.
    pub created_at: Time,
    /// The fence against lost updates.
    pub version: i64,
}

named! {
    /// Deleting a user is soft.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum UserStatus {
        Active "active",
        Deleted "deleted",
    }
}

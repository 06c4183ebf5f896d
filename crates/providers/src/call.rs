//! What every conversation with a provider carries.

use std::sync::Arc;

use model::by_hand::HandMade;
use model::clock::Time;
use model::domain::DomainName;
use model::id::UserId;
use model::registrant::Registrant;
use model::world::World;

/// Whose world a call is about, and how its effects can be found again.
#[derive(Clone, Debug)]
pub struct Call {
    /// The world it is about.
    pub world: World,
    /// Partner time in that world.
    pub now: Time,
    /// Run and step: the same on every try, so that a lost answer can be looked up.
    pub reference: String,
    /// How often a person has said that what this step asked for is done: a reason to look past caches.
    pub nudges: i64,
    /// The domain the call is made for.
    pub subject: DomainName,
    /// Whom a name is registered for; `None` where the vendor's account knows it.
    pub registrant: Option<Arc<Registrant>>,
    /// When the registrar was last asked to sell the name for this reference, partner time, as far as that is known: its answer
    /// may have been lost, and its work may go on.
    pub asked_at: Option<Time>,
    /// The customer whose domain it is; `None` where it is nobody's. What a vendor kept of one is never given to another.
    pub customer: Option<UserId>,
    /// What somebody has said who makes the domain's mailboxes by hand; `None` while nobody has.
    pub by_hand: Option<HandMade>,
}

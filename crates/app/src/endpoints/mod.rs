//! Where events are sent.

mod change;
mod create;
mod remove;
mod replay;
mod rotate_secret;
mod test;

use model::delivery::Endpoint;
use model::id::EndpointId;
use store::{Halt, endpoints};

use crate::acting::Present;
use crate::missing::missing;

pub use change::ChangeEndpoint;
pub use create::CreateEndpoint;
pub use remove::RemoveEndpoint;
pub use replay::{QueueReplay, Replay, replay};
pub use rotate_secret::RotateSecret;
pub use test::TestEndpoint;

async fn locked(present: &mut Present<'_>, id: &EndpointId) -> Result<Endpoint, Halt> {
    let found = endpoints::lock(&mut present.tx, &present.scope, id).await?;
    found.ok_or_else(|| missing("webhook endpoint", id))
}

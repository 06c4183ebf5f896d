//! Moving the sandbox's clock on.

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::refusal::Refusal;
use model::sandbox;
use model::world::Scope;
use store::{Halt, partners, tasks};

use super::is_ours;
use crate::Core;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Moves the clock on; its output is what it shows then.
pub struct AdvanceClock {
    seconds: i64,
}

impl AdvanceClock {
    /// So many seconds on.
    ///
    /// # Errors
    /// `conflict` where the sandbox is at vendors' own ones.
    pub fn by(core: &Core, scope: &Scope, seconds: i64) -> Result<Self, Refusal> {
        is_ours(core, scope)?;
        Ok(Self { seconds })
    }
}

#[async_trait]
impl UseCase for AdvanceClock {
    type Output = Time;
    const ACT: Act = Act::SandboxAdvanceClock;
    const WAKES: bool = true;

    fn subject(&self, _: &Time) -> Option<String> {
        None
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Time>, Halt> {
        let mut present = acting.present_alone().await?;
        let partner = partners::get(&mut present.tx, &present.scope.partner).await?.ok_or(Halt::Lost)?;
        let advanced = sandbox::advance(partner, self.seconds)?;
        present.apply(advanced.change).await?;
        if tasks::bring_forward(&mut present.tx, &advanced.world, advanced.offset).await? {
            let (now, ids) = (present.now.server, &present.ids);
            let follow = sandbox::follow(&present.scope.partner, &advanced.world, now, ids);
            present.apply(follow).await?;
        }
        let shows = present.now.server.plus(advanced.offset);
        Ok(present.done(shows))
    }
}

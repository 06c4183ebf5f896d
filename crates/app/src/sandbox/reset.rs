//! Beginning the sandbox anew.

use async_trait::async_trait;
use model::audit::Act;
use model::clock::Time;
use model::refusal::Refusal;
use model::sandbox;
use model::world::{Environment, Scope};
use store::{Halt, endpoints, partners, tasks};

use super::is_ours;
use crate::Core;
use crate::acting::{Acting, Done};
use crate::case::UseCase;

/// Begins the sandbox anew; its output is what the clock shows then.
pub struct ResetSandbox(());

impl ResetSandbox {
    /// Everything goes.
    ///
    /// # Errors
    /// `conflict` where the sandbox is at vendors' own ones.
    pub fn new(core: &Core, scope: &Scope) -> Result<Self, Refusal> {
        is_ours(core, scope)?;
        Ok(Self(()))
    }
}

#[async_trait]
impl UseCase for ResetSandbox {
    type Output = Time;
    const ACT: Act = Act::SandboxReset;
    const WAKES: bool = true;

    fn subject(&self, _: &Time) -> Option<String> {
        None
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Time>, Halt> {
        let mut present = acting.present_anywhere().await?;
        tasks::remove_world(&mut present.tx, &present.scope.world).await?;
        let id = &present.scope.partner;
        let partner = partners::get(&mut present.tx, id).await?.ok_or(Halt::Lost)?;
        let endpoints = endpoints::of_partner(&mut present.tx, id, Environment::Test).await?;
        present.apply(sandbox::reset(partner, endpoints).change).await?;
        let shows = present.now.server;
        Ok(present.done(shows))
    }
}

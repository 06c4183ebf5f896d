//! What live keys can do here: which roles the operator has accounts for, and what happens while buying is paused.

use model::intent::IntentKind;
use model::order::SequencerProvider;
use model::pause;
use model::refusal::{Code, Fault, Refusal};
use model::role::Role;
use model::world::{Environment, Scope};
use store::{Halt, Tx, pauses};

/// What live keys can do here.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The roles that accounts play.
    pub roles: Vec<Role>,
    /// The sequencers that accounts stand for.
    pub sequencers: Vec<SequencerProvider>,
    /// Whether orders are refused while buying is paused everywhere; otherwise they are taken, and wait.
    pub refuses_while_paused: bool,
}

impl Live {
    /// Whether everything that is wanted has somebody to do it.
    ///
    /// # Errors
    /// `provider_not_configured`, with the role that nobody plays.
    pub fn has(&self, environment: Environment, wanted: &[Role]) -> Result<(), Refusal> {
        let missing = wanted.iter().find(|role| !self.roles.contains(role));
        match missing.filter(|_| environment == Environment::Live) {
            None => Ok(()),
            Some(role) => {
                let role = role.as_str();
                let message = format!(
                    "The operator has configured no account for the role `{role}` in this environment. Use a test key, or ask the operator."
                );
                Err(Fault::new(Code::ProviderNotConfigured, message).with("role", role).into())
            }
        }
    }

    /// Whether inboxes can be linked to a sequencer.
    ///
    /// # Errors
    /// `provider_not_configured`.
    pub fn sends(&self, environment: Environment, wanted: SequencerProvider) -> Result<(), Refusal> {
        if environment == Environment::Test || self.sequencers.contains(&wanted) {
            return Ok(());
        }
        let message = format!(
            "The operator has configured no account at the sequencer `{}`. Send another provider, or ask the operator.",
            wanted.as_str()
        );
        let fault = Fault::new(Code::ProviderNotConfigured, message).at("sequencer.provider");
        Err(fault.with("role", Role::Sequencer.as_str()).into())
    }

    /// Whether an order is taken now.
    ///
    /// # Errors
    /// `buying_paused`, where the operator wants it so.
    pub async fn takes_orders(&self, tx: &mut Tx, scope: &Scope) -> Result<(), Halt> {
        let environment = scope.world.environment();
        if environment != Environment::Live || !self.refuses_while_paused {
            return Ok(());
        }
        let paused = pauses::in_force(tx).await?;
        if !pause::stops(&paused, "", IntentKind::Register, environment) {
            return Ok(());
        }
        let message = "The operator has paused buying, and takes no orders meanwhile. Nothing was done. Send the same order again later.";
        Err(Refusal::from(Fault::new(Code::BuyingPaused, message)).into())
    }
}

//! `mailwright sim`.

use std::sync::Arc;

use clap::Subcommand;
use model::clock::SystemClock;
use model::world::Environment;
use providers::all::sim::Effect;

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::config::Flags;
use crate::wire;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Everything the sandbox sold, made, changed and removed: a row per effect, oldest first
    Ledger {
        /// Only what happened in this partner's sandbox since its last reset, by id or name
        #[arg(long)]
        partner: Option<String>,
    },
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let Action::Ledger { partner } = action;
    let config = common.load(Flags::default())?;
    if config.sandbox.database_url.is_empty() && !config.data.join("sandbox.db").is_file() {
        return Err(Fail::refused(format!(
            "there is no sandbox world in {}; start `mailwright serve` first, or correct MAILWRIGHT_DATA",
            config.data.display()
        )));
    }
    let sim = wire::open_sim(&config, Arc::new(SystemClock)).await.map_err(Fail::refused)?;
    let world = match partner {
        Some(text) => Some(Desk::open(common).await?.partner(text).await?.scope(Environment::Test).world),
        None => None,
    };
    let effects = sim.ledger(world.as_ref()).await.map_err(anyhow::Error::from)?;
    out::either(common.format, &effects, || {
        let header = ["AT", "PARTNER TIME", "ROLE", "EFFECT", "SUBJECT", "CENTS", "REFERENCE"];
        out::table(&header, effects.iter().map(row).collect())
    })
}

fn row(one: &Effect) -> Vec<String> {
    vec![
        one.at.to_string(),
        one.partner_at.map(|at| at.to_string()).unwrap_or_default(),
        one.role.clone(),
        one.effect.clone(),
        one.subject.clone(),
        one.price_cents.map(|cents| cents.to_string()).unwrap_or_default(),
        one.reference.clone(),
    ]
}

//! `mailwright sim`.

use std::sync::Arc;

use clap::Subcommand;
use model::clock::SystemClock;
use model::world::Environment;
use providers::all::sim::{Effect, Sim};

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::config::Flags;
use crate::{lost_future, wire};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Everything the sandbox sold, made, changed and removed: a row per effect, oldest first
    Ledger {
        /// Only what happened in this partner's sandbox since its last reset, by id or name
        #[arg(long)]
        partner: Option<String>,
        /// Only what no row of the database knows: after a backup was restored, what happened since
        #[arg(long)]
        unknown: bool,
    },
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let Action::Ledger { partner, unknown } = action;
    let config = common.load(Flags::default())?;
    if config.sandbox.database_url.is_empty() && !config.data.join("sandbox.db").is_file() {
        return Err(Fail::refused(format!(
            "there is no sandbox world in {}; start `mailwright serve` first, or correct MAILWRIGHT_DATA",
            config.data.display()
        )));
    }
    let sim = wire::open_sim(&config, Arc::new(SystemClock)).await.map_err(Fail::refused)?;
    let effects = effects(&sim, partner.as_deref(), *unknown, common).await;
    sim.close().await;
    let effects = effects?;
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

async fn effects(sim: &Sim, partner: Option<&str>, unknown: bool, common: &Common) -> Result<Vec<Effect>, Fail> {
    if partner.is_none() && !unknown {
        return Ok(sim.ledger(None).await.map_err(anyhow::Error::from)?);
    }
    let desk = Desk::open(common).await?;
    let world = match partner {
        Some(text) => Some(desk.partner(text).await?.scope(Environment::Test).world),
        None => None,
    };
    let effects = sim.ledger(world.as_ref()).await.map_err(anyhow::Error::from)?;
    Ok(if unknown { lost_future::unknown(&desk.store, effects).await? } else { effects })
}

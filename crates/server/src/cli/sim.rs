//! `mailwright sim`.

use std::sync::Arc;

use clap::Subcommand;
use model::clock::SystemClock;

use super::{Common, Fail, out};
use crate::config::Flags;
use crate::wire;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Everything the sandbox world sold, made and linked: a row per effect, oldest first
    Ledger,
}

pub(super) async fn run(action: &Action, common: &Common) -> Result<(), Fail> {
    let Action::Ledger = action;
    let config = common.load(Flags::default())?;
    if config.sandbox.database_url.is_empty() && !config.data.join("sandbox.db").is_file() {
        return Err(Fail::refused(format!(
            "there is no sandbox world in {}; start `mailwright serve` first, or correct MAILWRIGHT_DATA",
            config.data.display()
        )));
    }
    let sim = wire::open_sim(&config, Arc::new(SystemClock)).await.map_err(Fail::refused)?;
    let effects = sim.ledger(None).await.map_err(anyhow::Error::from)?;
    out::either(common.format, &effects, || {
        let rows = effects.iter().map(|one| {
            vec![
                one.at.to_string(),
                one.role.to_string(),
                one.effect.to_string(),
                one.subject.clone(),
                one.reference.clone(),
            ]
        });
        out::table(&["AT", "ROLE", "EFFECT", "SUBJECT", "REFERENCE"], rows.collect())
    });
    Ok(())
}

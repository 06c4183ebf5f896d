//! The server without its workers: what is accepted here stays where it is.

use std::sync::Arc;

use anyhow::anyhow;
use model::clock::SystemClock;
use model::id::Ids;
use providers::egress::Egress;
use server::accounts::Players;
use server::cli::out;
use server::config::{Config, Flags};
use server::operator::Entrance;
use server::wire::{self, Surroundings};
use store::Store;
use tokio::net::TcpListener;

/// Serves until it is killed, configured by the environment like the program.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let config = Config::load(None, &Flags::default()).map_err(|problems| anyhow!(problems.join("\n")))?;
    let clock = Arc::new(SystemClock);
    let store = Store::open(&wire::opening(&config, true)).await?;
    let sim = wire::open_sim(&config, clock.clone()).await.map_err(|error| anyhow!("the sandbox: {error}"))?;
    let listener = TcpListener::bind(&config.listen).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let courier = Arc::new(Egress::new(false)?);
    let around =
        Surroundings { ids: Ids::new(clock.clone()), clock, courier, players: Players::default(), probe: None };
    let wired = wire::wire(&config, address.clone(), store, sim, around);
    // Whoever wants to know what metrics cost has an operator's listener here too.
    if let Some(entrance) = Entrance::open(&config).await? {
        tokio::spawn(entrance.serving(&config, &wired)?);
    }
    out::line(&address)?;
    axum::serve(listener, api::router(wired.app)).await?;
    Ok(())
}

//! What it costs that everything is counted: two servers side by side, one that counts and is scraped and one that does
//! not, place a few orders each in turn. What disturbs the machine meanwhile disturbs both.

use providers::egress::Egress;
use server::cli::out;

use crate::database::Database;
use crate::http::Connection;
use crate::load::{self, Load};
use crate::report::{Floors, title};
use crate::server_process::{Home, Server, Workers};

/// Connections to each.
const CONNECTIONS: usize = 32;
/// Orders in a turn.
const ORDERS: u64 = 320;
/// What counting may cost, of one.
const MOST: f64 = 0.01;

/// A server and what it did in its turns.
struct Side {
    server: Server,
    open: Vec<Connection>,
    turns: Vec<Load>,
}

impl Side {
    async fn begin(operator_listen: &str) -> anyhow::Result<(Home, Self)> {
        let mut home = Home::make(Database::Sqlite, 0).await?;
        operator_listen.clone_into(&mut home.operator_listen);
        let server = home.start(Workers::Idle).await?;
        let open = load::warm(&server, CONNECTIONS).await?;
        Ok((home, Self { server, open, turns: vec![] }))
    }

    async fn turn(&mut self) -> anyhow::Result<()> {
        let after = ORDERS * u64::try_from(self.turns.len())?;
        let (open, load) = load::again(&self.server, std::mem::take(&mut self.open), after, ORDERS).await?;
        self.open = open;
        self.turns.push(load);
        Ok(())
    }
}

pub(crate) async fn measure(quick: bool, floors: &mut Floors) -> anyhow::Result<()> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let operator = format!("127.0.0.1:{port}");
    let (home, mut counting) = Side::begin(&operator).await?;
    let (_quiet, mut plain) = Side::begin("").await?;
    let token = std::fs::read_to_string(home.place.folder.path().join("operator.token"))?;
    // Building the guarded client installs the crypto provider that every client needs.
    Egress::new(false)?;
    let scraper = reqwest::Client::builder().no_proxy().build()?;
    let scrape = async || -> anyhow::Result<String> {
        let request = scraper.get(format!("http://{operator}/metrics")).bearer_auth(token.trim());
        Ok(request.send().await?.error_for_status()?.text().await?)
    };
    let mut scraped = String::new();
    for n in 0..if quick { 10 } else { 60 } {
        // Who begins has the quieter disk, or the colder one.
        if n % 2 == 0 {
            counting.turn().await?;
            plain.turn().await?;
        } else {
            plain.turn().await?;
            counting.turn().await?;
        }
        scraped = scrape().await?;
    }
    let rate = middle(&counting.turns, &plain.turns, Load::rate);
    let processor = middle(&counting.turns, &plain.turns, Load::processor_ms);
    title("SQLite: orders of two domains placed with everything counted, over the same without, turn by turn");
    out::line(&format!(
        "orders a second: {rate:.3}   processor time each: {processor:.3}   (the middle of {} turns of {ORDERS} orders)\nseries: {}",
        counting.turns.len(),
        scraped.lines().filter(|line| !line.starts_with('#')).count()
    ))?;
    floors.at_least("orders a second with everything counted, over without".into(), rate, 1.0 - MOST, "");
    Ok(())
}

/// The middle of the ratios of what both did in their turns.
fn middle(these: &[Load], those: &[Load], of: impl Fn(&Load) -> f64) -> f64 {
    let mut ratios: Vec<_> = these.iter().zip(those).map(|(this, that)| of(this) / of(that)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
}

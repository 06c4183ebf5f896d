//! The commands: one file each. Their names, flags and exit codes are append-only.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Config, Flags};
use crate::telemetry::{self, LogFormat};

mod admin;
mod check_config;
mod demo;
mod fail;
mod feed;
mod keys;
mod limit;
mod listen;
mod migrate;
mod orders;
pub mod out;
mod partners;
mod progress;
mod receiver;
mod scenarios;
mod serve;
mod sim;
mod trigger;
mod verify;
mod webhooks;
mod words;

pub use fail::Fail;

/// The open, self-hosted server that turns one order into domains, DNS and linked inboxes.
#[derive(Debug, Parser)]
#[command(name = "mailwright", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, Args)]
struct Common {
    /// The configuration file [default: mailwright.toml, when there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder; overrides the configuration
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    format: Output,
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON value, for scripts.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole story in one go, on a temporary data folder
    Demo(demo::Options),
    /// Run the server: API, worker and deliveries
    Serve(serve::Options),
    /// Say everything that is wrong with the configuration, and what is not configured
    CheckConfig(check_config::Options),
    /// Bring the database schema up to date
    Migrate,
    /// Make, list and change partners
    #[command(subcommand)]
    Partners(partners::Action),
    /// Make, list, change and revoke API keys
    #[command(subcommand)]
    Keys(keys::Action),
    /// Set, list and rotate webhook endpoints, and verify what arrived
    #[command(subcommand)]
    Webhooks(webhooks::Action),
    /// Bring a partner's events to a local address, signed as webhooks are
    Listen(listen::Options),
    /// Play the sandbox scenario that causes an event, and wait for it
    Trigger(trigger::Options),
    /// List, show and watch orders
    #[command(subcommand)]
    Orders(orders::Action),
    /// Look into the sandbox world
    #[command(subcommand)]
    Sim(sim::Action),
}

/// Reads the command line, does what it says, and turns what came of it into an exit code: 0 done,
/// 1 failed, 2 wrong use or a start that was refused before anything changed.
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    let code = match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => fail.report(),
    };
    telemetry::finish();
    code
}

async fn run(cli: Cli) -> Result<(), Fail> {
    let Cli { common, command } = cli;
    match command {
        Command::Demo(options) => demo::run(&options, &common).await,
        Command::CheckConfig(options) => check_config::run(&options, &common),
        Command::Serve(options) => serve::run(&options, &common).await,
        Command::Migrate => migrate::run(&common).await,
        Command::Partners(action) => partners::run(&action, &common).await,
        Command::Keys(action) => keys::run(&action, &common).await,
        Command::Webhooks(action) => webhooks::run(&action, &common).await,
        Command::Listen(options) => listen::run(&options, &common).await,
        Command::Trigger(options) => trigger::run(&options, &common).await,
        Command::Orders(action) => orders::run(&action, &common).await,
        Command::Sim(action) => sim::run(&action, &common).await,
    }
}

impl Common {
    /// The configuration, with logging started as it says.
    fn load(&self, flags: Flags) -> Result<Config, Fail> {
        let flags = Flags { data: self.data.clone(), ..flags };
        let config =
            Config::load(self.config.as_deref(), &flags).map_err(|problems| Fail::refused(problems.join("\n")))?;
        telemetry::start(&config.log, self.log_format);
        Ok(config)
    }
}

/// The command line's definition, for the test that holds its help.
#[must_use]
pub fn definition() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

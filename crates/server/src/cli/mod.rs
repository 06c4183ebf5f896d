//! The commands: one file each. Their names, flags and exit codes are append-only.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{ArgMatches, Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use store::{OpenError, Opening, Store};
use traces::Exporting;

use crate::config::{Config, Flags};
use crate::telemetry::{self, LogFormat};

mod accounts;
mod actions;
mod admin;
mod audit;
mod backup;
mod check_config;
mod costs;
mod demo;
mod doctor;
mod evidence;
mod fail;
mod feed;
mod keys;
mod limit;
mod listen;
mod login;
mod migrate;
mod notices;
mod orders;
pub mod out;
mod partners;
mod pause;
mod progress;
mod purchases;
mod receiver;
mod reconcile;
mod restore;
mod scenarios;
mod serve;
mod sim;
mod system_user;
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
    #[arg(skip)]
    opened: Opened,
    /// The command's name, without what stands behind it.
    #[arg(skip)]
    name: String,
}

/// The stores that a command has opened, closed at its end whatever came of it: the last one to close leaves one whole
/// file.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<Store>>>);

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
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
    /// Check everything that a server needs, beside a running one or without, and say what to do
    Doctor(doctor::Options),
    /// Bring the database schema up to date
    Migrate,
    /// Copy the database into a file that is whole by itself, beside a running server
    Backup(backup::Options),
    /// Put a backup in the place of the database, and keep what was there aside
    Restore(restore::Options),
    /// The accounts at vendors: which kinds there are, and what is configured
    #[command(subcommand)]
    Accounts(accounts::Action),
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
    /// Keep a key for a server in a file that only you can read
    Login(login::Options),
    /// Forget the key that is kept for a server
    Logout(login::Options),
    /// List, show and watch orders
    #[command(subcommand)]
    Orders(orders::Action),
    /// What waits for a person, and saying that mailboxes were made by hand
    #[command(subcommand)]
    Actions(actions::Action),
    /// Who did what, and whether the trail of it is whole
    Audit(audit::Options),
    /// What only you can mend or should know, and when it ends
    Notices(notices::Options),
    /// What names cost, what partners pay for them, and what is left, by month or order
    Costs(costs::Options),
    /// Hold our rows against what the accounts at vendors say; nothing changes by itself
    Reconcile(reconcile::Options),
    /// Stop all buying within a second, or that at one account
    Pause(pause::Options),
    /// Go on buying
    Resume(pause::Resume),
    /// What was bought or may have been, where, and for at most how much
    Purchases(purchases::Options),
    /// Check signed evidence without the server: who said it, and that nothing was changed
    Verify(evidence::Options),
    /// Look into the sandbox world
    #[command(subcommand)]
    Sim(sim::Action),
}

/// Reads the command line, does what it says, and turns what came of it into an exit code: 0 done,
/// 1 failed, 2 wrong use or a start that was refused before anything changed.
pub async fn main() -> ExitCode {
    let matches = definition().get_matches();
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    cli.common.name = name_of(&matches);
    let code = match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => fail.report(),
    };
    telemetry::finish();
    code
}

/// The names of the commands that were given, one behind the other.
fn name_of(matches: &ArgMatches) -> String {
    let mut names = vec![];
    let mut inner = matches.subcommand();
    while let Some((name, matches)) = inner {
        names.push(name);
        inner = matches.subcommand();
    }
    names.join(" ")
}

async fn run(cli: Cli) -> Result<(), Fail> {
    let Cli { common, command } = cli;
    let done = command.run(&common).await;
    common.close().await;
    done
}

impl Command {
    async fn run(self, common: &Common) -> Result<(), Fail> {
        match self {
            Self::Demo(options) => demo::run(&options, common).await,
            Self::CheckConfig(options) => check_config::run(&options, common).await,
            Self::Doctor(doctor::Options {}) => doctor::run(common).await,
            Self::Serve(options) => serve::run(&options, common).await,
            Self::Migrate => migrate::run(common).await,
            Self::Backup(options) => backup::run(&options, common).await,
            Self::Restore(options) => restore::run(&options, common).await,
            Self::Accounts(action) => accounts::run(&action, common).await,
            Self::Partners(action) => partners::run(&action, common).await,
            Self::Keys(action) => keys::run(&action, common).await,
            Self::Webhooks(action) => webhooks::run(&action, common).await,
            Self::Listen(options) => listen::run(&options, common).await,
            Self::Trigger(options) => trigger::run(&options, common).await,
            Self::Login(options) => login::run(&options, common).await,
            Self::Logout(options) => login::forget(&options, common),
            Self::Orders(action) => orders::run(&action, common).await,
            Self::Actions(action) => actions::run(&action, common).await,
            Self::Audit(options) => audit::run(&options, common).await,
            Self::Notices(options) => notices::run(&options, common).await,
            Self::Pause(options) => pause::run(&options, common).await,
            Self::Resume(options) => pause::resume(&options, common).await,
            Self::Purchases(options) => purchases::run(&options, common).await,
            Self::Costs(options) => costs::run(&options, common).await,
            Self::Reconcile(options) => reconcile::run(&options, common).await,
            Self::Verify(options) => evidence::run(&options, common),
            Self::Sim(action) => sim::run(&action, common).await,
        }
    }
}

impl Common {
    /// Opens a store that is closed when the command ends.
    async fn open(&self, opening: &Opening) -> Result<Store, OpenError> {
        let store = Store::open(opening).await?;
        self.opened.0.lock().unwrap_or_else(PoisonError::into_inner).push(store.clone());
        Ok(store)
    }

    async fn close(&self) {
        let opened = std::mem::take(&mut *self.opened.0.lock().unwrap_or_else(PoisonError::into_inner));
        for store in opened {
            store.close().await;
        }
    }

    /// The configuration, with logging started as it says.
    fn load(&self, flags: Flags) -> Result<Config, Fail> {
        let config = self.read(flags)?;
        telemetry::start(&config.log, self.log_format);
        Ok(config)
    }

    /// The same for a server, which records traces too.
    fn load_for_a_server(&self, flags: Flags) -> Result<(Config, Option<Exporting>), Fail> {
        let config = self.read(flags)?;
        let exporting = telemetry::start_all(&config.log, self.log_format, &config.traces);
        Ok((config, exporting.map_err(Fail::refused)?))
    }

    fn read(&self, flags: Flags) -> Result<Config, Fail> {
        let flags = Flags { data: self.data.clone(), ..flags };
        Config::load(self.config.as_deref(), &flags).map_err(|problems| Fail::refused(problems.join("\n")))
    }
}

/// The command line's definition, for the test that holds its help.
#[must_use]
pub fn definition() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

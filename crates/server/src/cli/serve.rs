//! `mailwright serve`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use model::clock::{Clock, Machine};
use model::id::{Ids, LeaseId};
use model::partner::{Partner, Preset, Tier};
use model::world::Environment;
use providers::egress::Egress;
use store::{Backend, Store, file_modes};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::admin::Desk;
use super::{Common, Fail, out, partners};
use crate::accounts;
use crate::config::{Config, Flags, place};
use crate::doors::{self, Door};
use crate::name_servers::{self, NameServer};
use crate::notices::{Lookout, webhook_secret_file};
use crate::nudging::Nudging;
use crate::operator::Entrance;
use crate::redirect_servers::{self, RedirectServer};
use crate::timekeeper::{self, Timekeeper};
use crate::wire::{self, Surroundings, Wired};
use crate::{housekeeping, lost_future};

#[derive(Debug, Default, Args)]
pub(super) struct Options {
    /// Where the API listens; overrides the configuration
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where the database is; overrides the configuration. Other accounts of this machine see what stands here: an address with a
    /// password belongs in the environment, `MAILWRIGHT_DATABASE_URL`
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// What this process does; anything but `all` needs PostgreSQL
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
    /// Bring an out-of-date PostgreSQL schema up to date first
    #[arg(long)]
    migrate: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Role {
    #[default]
    All,
    Api,
    Worker,
    Dns,
    Redirect,
}

impl Role {
    const fn answers_calls(self) -> bool {
        matches!(self, Self::All | Self::Api)
    }

    const fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }

    const fn serves_zones(self) -> bool {
        matches!(self, Self::All | Self::Dns)
    }

    const fn redirects(self) -> bool {
        matches!(self, Self::All | Self::Redirect)
    }
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let flags = Flags { listen: options.listen.clone(), database_url: options.database_url.clone(), data: None };
    let (config, exporting) = common.load_for_a_server(flags)?;
    let done = serve(options, &config).await;
    if let Some(exporting) = exporting {
        exporting.finish().await;
    }
    done
}

async fn serve(options: &Options, config: &Config) -> Result<(), Fail> {
    let backend = Backend::of(&config.database());
    if options.role != Role::All && backend == Some(Backend::Sqlite) {
        return Err(Fail::refused(
            "--role api, worker, dns and redirect need PostgreSQL: on SQLite one process does everything; set MAILWRIGHT_DATABASE_URL, or leave --role out",
        ));
    }
    // The port first: a server that cannot be reached must not have touched anything.
    let listener = if options.role.answers_calls() { Some(bind(&config.listen).await?) } else { None };
    let (zones, sites) = places(options.role, config)?;
    let operator = operator_entrance(config).await?;
    let mut serving = start(config, listener, options.migrate || backend == Some(Backend::Sqlite)).await?;
    let wired = serving.wired.clone();
    let done = match serving.serve_at(zones, sites, config) {
        Ok(()) => run_to_the_end(config, serving, operator, options.role.works()).await,
        Err(reason) => Err(reason),
    };
    wired.close().await;
    done
}

/// Takes the addresses at which strangers ask for zones and sites, as far as they are this process's.
fn places(role: Role, config: &Config) -> Result<(Vec<name_servers::Place>, Vec<redirect_servers::Place>), Fail> {
    let zones = if role.serves_zones() { name_servers::places(config).map_err(Fail::refused)? } else { vec![] };
    let sites = if role.redirects() { redirect_servers::places(config).map_err(Fail::refused)? } else { vec![] };
    match role {
        Role::Dns if zones.is_empty() => {
            Err(Fail::refused("--role dns has nothing to serve: set dns.listen, or sandbox.dns_listen"))
        }
        Role::Redirect if sites.is_empty() => Err(Fail::refused(
            "--role redirect has nothing to serve: set redirect.http_listen, or sandbox.redirect_listen",
        )),
        _ => Ok((zones, sites)),
    }
}

async fn run_to_the_end(
    config: &Config,
    serving: Serving,
    operator: Option<Entrance>,
    works: bool,
) -> Result<(), Fail> {
    // First, so that whoever stops it as soon as it says something finds whole files.
    let several = serving.wired.store.backend() == Backend::Postgres;
    let grace = if serving.address.is_some() { config.shutdown.grace_seconds.seconds(several) } else { 0 };
    stop_on_signal(&serving.wired, Duration::from_secs(grace))?;
    let greeted = greet(config, &serving, operator.as_ref());
    let watched = operator.map(|entrance| entrance.serving(config, &serving.wired)).transpose();
    let watched = watched.map_err(|error| Fail::refused(error.to_string()))?;
    let desk = Desk::at(config.clone(), serving.wired.store.clone(), serving.wired.app.clock.clone(), "serve");
    make_first_key(&desk, greeted).await?;
    warn_of_who_can_read(config);
    let steps = serving.timekeeper.steps();
    let lookout = Lookout::new(config, &serving.wired, steps).map_err(|error| Fail::refused(error.to_string()));
    let mut lookout = lookout?;
    lookout.knows(lost_future::warn(&serving.wired).await?);
    let stop = serving.wired.stop.clone();
    let running = async {
        let done = serving.run(works).await;
        stop.cancel();
        done
    };
    let watched = async {
        if let Some(watched) = watched {
            watched.await;
        }
    };
    tokio::join!(running, watched, lookout.run()).0
}

/// A server that is ready to run.
pub(super) struct Serving {
    /// Its parts.
    pub(super) wired: Wired,
    /// Keeps its time.
    timekeeper: Timekeeper,
    /// Tells other processes that something is due.
    nudging: Nudging,
    /// Where it listens, when it does.
    pub(super) address: Option<SocketAddr>,
    way_in: Option<(Arc<Door>, TcpListener)>,
    /// Its name servers.
    pub(super) name_servers: Vec<NameServer>,
    /// Its redirect servers.
    pub(super) redirect_servers: Vec<RedirectServer>,
}

/// The API's listener, in metrics.
const API: &str = "api";

/// Opens everything that a server needs, and makes what is missing.
pub(super) async fn start(config: &Config, listener: Option<TcpListener>, migrate: bool) -> Result<Serving, Fail> {
    doors::raise_descriptors();
    let courier = Egress::new(config.development).map_err(|error| {
        Fail::refused(format!(
            "outgoing HTTPS cannot be set up: {error} On a slim system, install the package ca-certificates."
        ))
    })?;
    make_data_folder(config)?;
    let store = Store::open(&wire::opening(config, migrate)).await?;
    let clock = timekeeper::clock(&store, Arc::new(Machine::new())).await?;
    let sim = match wire::open_sim(config, clock.clone()).await {
        Ok(sim) => sim,
        Err(reason) => {
            store.close().await;
            return Err(Fail::refused(reason));
        }
    };
    let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let public_url = config.public_url_at(address);
    let told: Arc<dyn Clock> = clock.clone();
    let players = match accounts::start(config, &store, &told, &courier, &sim.cast()).await {
        Ok(players) => players,
        Err(reason) => {
            store.close().await;
            sim.close().await;
            return Err(Fail::refused(reason));
        }
    };
    let around = Surroundings {
        ids: Ids::new(clock.clone()),
        clock: clock.clone(),
        courier: Arc::new(courier),
        players,
        probe: None,
    };
    let (ids, name) = (around.ids.clone(), around.ids.next::<LeaseId>().to_string());
    let wired = wire::wire(config, public_url, store, sim, around);
    let way_in = listener.map(|listener| {
        let router = api::router(wired.app.clone());
        let place = (API, doors::most(config));
        (Arc::new(Door::new(place, config, router, ids, wired.leaving.clone(), wired.stop.clone())), listener)
    });
    let timekeeper = Timekeeper::new(clock, wired.store.clone());
    let (store, wake, stop) = (wired.store.clone(), wired.wake.clone(), wired.stop.clone());
    let nudging = Nudging { url: config.database(), store, wake, name, stop };
    Ok(Serving { wired, timekeeper, nudging, address, way_in, name_servers: vec![], redirect_servers: vec![] })
}

impl Serving {
    /// Serves zones and sites to strangers too, where the configuration says so.
    pub(super) fn serve_outside(&mut self, config: &Config) -> Result<(), Fail> {
        let (zones, sites) = places(Role::All, config)?;
        self.serve_at(zones, sites, config)
    }

    fn serve_at(
        &mut self,
        zones: Vec<name_servers::Place>,
        sites: Vec<redirect_servers::Place>,
        config: &Config,
    ) -> Result<(), Fail> {
        let wired = &self.wired;
        self.name_servers = zones.into_iter().map(|place| NameServer::new(place, config, wired)).collect();
        let redirecting = sites.into_iter().map(|place| RedirectServer::new(place, config, wired));
        self.redirect_servers = redirecting.collect::<Result<_, _>>().map_err(Fail::refused)?;
        Ok(())
    }

    /// Serves and works until it is told to stop, then lets what is running end.
    pub(super) async fn run(self, works: bool) -> Result<(), Fail> {
        let house = self.wired.clone();
        let Wired { engine, stop, .. } = self.wired;
        let mut timekeeper = self.timekeeper;
        timekeeper.begin().await?;
        let voided = engine.recover().await?;
        if voided > 0 {
            tracing::info!(tasks = voided, "going on with what the last process left");
        }
        let working = async {
            if works {
                tokio::join!(
                    engine.run(),
                    housekeeping::run(&house),
                    housekeeping::watch_feed(&house),
                    housekeeping::seal_audit(&house)
                );
            }
        };
        let serving = async {
            match self.way_in {
                Some((door, listener)) => door.serve(listener).await,
                None => stop.cancelled().await,
            }
        };
        let asked = async {
            tokio::join!(
                name_servers::run(self.name_servers, &stop),
                redirect_servers::run(self.redirect_servers, &stop)
            )
        };
        tokio::join!(working, serving, asked, self.nudging.run(works), timekeeper.run(&stop));
        tracing::info!("stopped");
        Ok(())
    }
}

async fn bind(address: &str) -> Result<TcpListener, Fail> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Fail::refused(format!(
            "{address} is in use by another program; stop it, or choose another address with MAILWRIGHT_LISTEN"
        )),
        _ => {
            Fail::refused(format!("cannot listen on {address}: {error}; choose another address with MAILWRIGHT_LISTEN"))
        }
    })
}

/// Makes the data folder, or says why it cannot be used.
pub(super) fn make_data_folder(config: &Config) -> Result<(), Fail> {
    file_modes::make_folder(&config.data).map_err(|error| {
        let path = config.data.display();
        Fail::refused(format!("the data folder {path} cannot be made: {error}; choose another with MAILWRIGHT_DATA, or correct its permissions"))
    })
}

/// Says where everything is, and in the log when nobody can see it.
fn greet(config: &Config, serving: &Serving, operator: Option<&Entrance>) -> Result<(), Fail> {
    let mut lines = vec![format!("Mailwright {}", env!("CARGO_PKG_VERSION"))];
    if let Some(address) = serving.address {
        lines.push(format!("  API       http://{address}/partner/v1"));
        lines.push(format!("  docs      http://{address}/docs"));
    }
    if let Some(address) = operator.and_then(|entrance| entrance.address().ok()) {
        let token = operator.and_then(|entrance| entrance.token_file.as_deref());
        let token = token.map(|file| format!(" (token in {})", file.display())).unwrap_or_default();
        lines.push(format!("  operator  http://{address}{token}"));
    }
    for server in &serving.name_servers {
        lines.extend(server.addresses().iter().map(|address| format!("  {:<9} {address}", server.title())));
    }
    for server in &serving.redirect_servers {
        lines.extend(server.addresses().iter().map(|address| format!("  {:<9} {address}", server.title())));
    }
    if let Some(file) = webhook_secret_file(config) {
        lines.push(format!("  notices   {} (secret in {})", place(&config.operator.webhook_url), file.display()));
    }
    lines.push(format!("  data      {}", config.data.display()));
    if config.development {
        lines.push("  DEVELOPMENT: webhook and forwarding targets on this machine are allowed for test keys. Never on a public server.".into());
    }
    out::line(&lines.join("\n"))
        .inspect_err(|_| tracing::warn!("standard output cannot be written, so nobody sees the greeting"))
}

/// The partner that an empty database gets.
const FIRST: &str = "Sandbox";

/// Where no key has ever been, makes a first partner and its test key, if it can be shown. A key that was shown is
/// in force, so that whoever reads it can use it at once.
async fn make_first_key(desk: &Desk, greeted: Result<(), Fail>) -> Result<(), Fail> {
    if !store::keys::list(&mut desk.store.read().await?, None).await?.is_empty() {
        return Ok(());
    }
    if out::is_closed() {
        tracing::warn!(
            "standard output is closed, so no first key is made; make a partner and a key with `mailwright partners create` and `mailwright keys create`"
        );
        return Ok(());
    }
    greeted.map_err(|_| {
        Fail::failed("standard output cannot be written, so that no first key can be shown; none was made")
    })?;
    let Some(partner) = first_partner(desk).await? else { return Ok(()) };
    let (record, key) = desk.make_key(&partner, Environment::Test, Preset::Full).await?;
    let shown =
        out::line(&format!("\nA first partner, \"{FIRST}\", with a test key. It is shown only now:\n\n  {key}\n"));
    if shown.is_err() {
        desk.revoke_key(record.id).await?;
        return Err(Fail::failed(
            "standard output cannot be written, and the first key could not be shown: it is revoked; make another with `mailwright keys create`",
        ));
    }
    Ok(())
}

/// That partner, unless others are there without it.
async fn first_partner(desk: &Desk) -> Result<Option<Partner>, Fail> {
    let known = store::partners::all(&mut desk.store.read().await?).await?;
    if !known.is_empty() {
        return Ok(known.into_iter().find(|partner| partner.name == FIRST));
    }
    match partners::create(desk, FIRST, Tier::Base).await {
        Ok(partner) => Ok(Some(partner)),
        // Another process that starts at the same moment was faster, and prints its key.
        Err(_) if !store::partners::all(&mut desk.store.read().await?).await?.is_empty() => Ok(None),
        Err(fail) => Err(fail),
    }
}

/// The operator's listener. Where nobody has chosen its address, another program may have it: the server is worth more.
async fn operator_entrance(config: &Config) -> Result<Option<Entrance>, Fail> {
    let address = config.operator_listen.as_str();
    match Entrance::open(config).await {
        Ok(entrance) => Ok(entrance),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && !config.has_chosen_operator_listen() => {
            tracing::warn!(
                address,
                "another program has the address of the operator's listener: there is none; choose another with MAILWRIGHT_OPERATOR_LISTEN"
            );
            Ok(None)
        }
        Err(error) => Err(Fail::refused(format!(
            "the operator's listener cannot have {address}: {error}; choose another address with MAILWRIGHT_OPERATOR_LISTEN"
        ))),
    }
}

/// Says what others on this machine can get at, and what mends it. It may be meant so: nothing is changed by itself.
fn warn_of_who_can_read(config: &Config) {
    for remedy in config.private_paths().iter().filter_map(|path| file_modes::remedy(path)) {
        tracing::warn!("others on this machine can get at what belongs to the server; run `{remedy}`");
    }
}

/// The first signal stops in good order: others are let take over for as long as `grace`, then nobody is let in. The
/// second one stops at once.
fn stop_on_signal(wired: &Wired, grace: Duration) -> Result<(), Fail> {
    let (leaving, stop) = (wired.leaving.clone(), wired.stop.clone());
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if again {
                std::process::exit(1);
            }
            let seconds = grace.as_secs();
            tracing::info!(
                seconds,
                "stopping, after serving for a while where others are to take over; a second signal stops at once"
            );
            leaving.cancel();
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(grace).await;
                stop.cancel();
            });
        }
    });
    Ok(())
}

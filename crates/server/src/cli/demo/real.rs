//! `mailwright demo --real`: what the world would see of a domain of the demo. Its zone is asked for, its web address is opened over
//! HTTPS, with the programs that this machine has for it, and by the demo itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use model::clock::{Clock as _, SystemClock};
use model::dns::RrType;
use model::domain::DomainName;
use model::world::World;
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::Observer as _;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use tokio::process::Command;
use tokio::time::Instant;

use super::super::{Fail, out};
use super::headline;
use crate::cli::serve::Serving;
use crate::config::Config;
use crate::redirect_servers::ROOT_FILE;

/// How long a zone or a certificate may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How soon it is looked for again.
const LOOK: Duration = Duration::from_millis(100);
/// A free port of this machine alone.
const ANYWHERE: &str = "127.0.0.1:0";
/// What somebody opens.
const PATH: &str = "/offer?from=demo";

/// Where strangers ask for the demo's domains.
pub(super) struct Outside {
    dns: SocketAddr,
    https: SocketAddr,
    root: PathBuf,
}

/// Has the sandbox's zones and sites be served.
pub(super) fn configure(config: &mut Config) {
    for place in [&mut config.sandbox.dns_listen, &mut config.sandbox.redirect_listen, &mut config.sandbox.https_listen]
    {
        ANYWHERE.clone_into(place);
    }
    config.sandbox.acme_directory.clear();
}

impl Outside {
    /// Of a server that is about to run.
    pub(super) fn of(serving: &Serving, config: &Config) -> Result<Self, Fail> {
        let dns = serving.name_servers.iter().flat_map(|server| server.addresses()).next();
        let written = serving.redirect_servers.iter().flat_map(|server| server.addresses());
        let https = written.filter_map(|address| address.strip_prefix("https://")?.parse().ok()).next();
        let (Some(dns), Some(https)) = (dns, https) else {
            return Err(Fail::failed("the demo serves no zones or sites"));
        };
        Ok(Self { dns, https, root: config.data.join(ROOT_FILE) })
    }

    /// Shows a domain as the world would see it.
    pub(super) async fn show(&self, name: &str, target: &str) -> Result<(), Fail> {
        headline(6, "The world", "what anybody would see of the first domain, if it were real")?;
        for (below, rtype) in [("", RrType::Ns), ("", RrType::Mx), ("", RrType::Txt), ("_dmarc.", RrType::Txt)] {
            self.ask(&format!("{below}{name}"), rtype).await?;
        }
        self.open(name, target).await
    }

    /// Asks for records, with dig where there is one, and sees for itself that they are there.
    async fn ask(&self, name: &str, rtype: RrType) -> Result<(), Fail> {
        let (address, port) = (self.dns.ip().to_string(), self.dns.port().to_string());
        let server = format!("@{address}");
        let args = ["-r", &server, "-p", &port, "+noall", "+answer", name, rtype.as_str()];
        let (began, missing) = (Instant::now(), || Fail::failed(format!("{name} has no {} record", rtype.as_str())));
        // An order may be done sooner than the name server looks for what has changed.
        let seen = loop {
            match self.look(name, rtype).await {
                Ok(seen) if !seen.is_empty() => break seen,
                told if began.elapsed() > PATIENCE => return Err(told.err().unwrap_or_else(missing)),
                _ => tokio::time::sleep(LOOK).await,
            }
        };
        if !told("dig", &args).await? {
            let shown = seen.iter().map(|value| format!("     {name}  {}  {value}", rtype.as_str()));
            out::line(&shown.collect::<Vec<_>>().join("\n"))?;
        }
        Ok(())
    }

    async fn look(&self, name: &str, rtype: RrType) -> Result<Vec<String>, Fail> {
        let settings = InternetSettings {
            roots: Some(vec![self.dns]),
            port: self.dns.port(),
            is_local: true,
            resolvers: Resolvers::At(vec![]),
            rdap: None,
            development: true,
        };
        let egress = Egress::new(true).map_err(|error| Fail::failed(error.to_string()))?;
        let observer = Internet::new(&settings, egress)?;
        let call = Call {
            world: World::live(),
            now: SystemClock.now(),
            reference: "demo".into(),
            nudges: 0,
            subject: DomainName::stored(name.trim_start_matches("_dmarc.")),
            registrant: None,
            asked_at: None,
            customer: None,
            by_hand: None,
        };
        let seen = observer.dns(&call, name, rtype).await;
        seen.map_err(|trouble| Fail::failed(format!("{name} cannot be looked up: {}", trouble.name())))
    }

    /// Opens the web address, when its certificate is there: nothing is believed that it does not vouch for.
    async fn open(&self, name: &str, target: &str) -> Result<(), Fail> {
        let began = Instant::now();
        let (address, location) = loop {
            match self.location(name).await {
                Some(found) => break found,
                None if began.elapsed() > PATIENCE => {
                    return Err(Fail::failed(format!(
                        "https://{name} did not lead on within {} s",
                        PATIENCE.as_secs()
                    )));
                }
                None => tokio::time::sleep(LOOK).await,
            }
        };
        if !location.starts_with(target) {
            return Err(Fail::failed(format!("{address} leads to {location}, and not to {target}")));
        }
        let resolve = format!("{name}:{}:{}", self.https.port(), self.https.ip());
        let root = self.root.display().to_string();
        let args = ["-q", "-sSI", "--noproxy", "*", "--cacert", &root, "--resolve", &resolve, &address];
        if !told("curl", &args).await? {
            out::line(&format!("     {address}\n     leads to {location}"))?;
        }
        Ok(())
    }

    /// Where the web address leads; `None` while nobody shows a certificate for it.
    async fn location(&self, name: &str) -> Option<(String, String)> {
        let root = tokio::fs::read(&self.root).await.ok()?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .tls_certs_only([reqwest::Certificate::from_pem(&root).ok()?])
            .resolve(name, self.https)
            .build();
        let address = format!("https://{name}:{}{PATH}", self.https.port());
        let answer = client.ok()?.get(&address).send().await.ok()?;
        let location = answer.headers().get(LOCATION)?.to_str().ok()?.to_owned();
        Some((address, location))
    }
}

/// Runs a program of this machine and shows what was run and what it said. `false` where there is none.
async fn told(program: &str, args: &[&str]) -> Result<bool, Fail> {
    let run = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let Ok(Ok(output)) = tokio::time::timeout(PATIENCE, run).await else { return Ok(false) };
    if !output.status.success() {
        return Ok(false);
    }
    let quoted = |arg: &&str| if arg.contains(['*', '?', '&', ' ']) { format!("'{arg}'") } else { (*arg).to_owned() };
    out::line(&format!("     $ {program} {}", args.iter().map(quoted).collect::<Vec<_>>().join(" ")))?;
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| !line.trim().is_empty()) {
        out::line(&format!("     {}", line.replace('\t', " ")))?;
    }
    out::line("").map(|()| true)
}

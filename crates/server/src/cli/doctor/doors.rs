//! Where the server listens, who stands before it, and how many may come.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::check::{Check, Found, ok, warn, within, wrong};
use crate::config::Config;
use crate::doors;

/// How long a listener is waited for.
const ANSWER: Duration = Duration::from_secs(3);
/// So much of an answer is read, in bytes.
const MOST_SAID: u64 = 64 << 10;
/// How long all that is asked of it may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Who has the addresses that the server is to have.
pub(in crate::cli) async fn listeners(config: &Config) -> Vec<Check> {
    let operator = async {
        match config.operator_listen.as_str() {
            "" => ok("the configuration wants none").of("operator_listen"),
            address => {
                within(
                    PATIENCE,
                    "operator_listen",
                    listener(address, Listener::Operator, config.has_chosen_operator_listen()),
                )
                .await
            }
        }
    };
    let listen = within(PATIENCE, "listen", listener(&config.listen, Listener::Api, true));
    let (listen, operator, runs) = tokio::join!(listen, operator, runs(config));
    let mut checks = vec![listen, operator];
    for (name, addresses) in strangers(config).into_iter().filter(|(_, addresses)| !addresses.is_empty()) {
        checks.push(taken_or_free(&addresses, name == ZONES, runs).of(name));
    }
    checks
}

/// Whether a server of ours answers calls here: then it may have the other addresses too.
async fn runs(config: &Config) -> bool {
    let Ok(address) = config.listen.parse::<SocketAddr>() else { return false };
    address.port() != 0 && matches!(answer(from_here(address), Listener::Api).await, Answer::Ours | Answer::Full)
}

/// The check of where zones are asked for, over UDP too.
const ZONES: &str = "dns_listen";

/// Where strangers ask for zones and sites, as far as the configuration wants that.
fn strangers(config: &Config) -> [(&'static str, Vec<String>); 2] {
    let one = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let (redirect, sandbox) = (&config.redirect, &config.sandbox);
    let zones = config.dns.listen.iter().cloned().chain(one(&sandbox.dns_listen));
    let own = redirect.http_listen.iter().chain(&redirect.https_listen).cloned();
    let sites = own.chain(one(&sandbox.redirect_listen)).chain(one(&sandbox.https_listen));
    [(ZONES, zones.collect()), ("redirect_listen", sites.collect())]
}

/// Whether somebody on this machine has these addresses, or a server could have them. Who has them is not asked: a server of ours
/// where one runs, and otherwise maybe a process of ours that does nothing else.
fn taken_or_free(addresses: &[String], over_udp: bool, runs: bool) -> Found {
    let mut taken = vec![];
    let told = addresses.iter().filter_map(|text| Some((text, text.parse::<SocketAddr>().ok()?)));
    for (text, address) in told.filter(|(_, address)| address.port() != 0) {
        let udp = || if over_udp { UdpSocket::bind(address).map(drop) } else { Ok(()) };
        match free(address).and_then(|()| udp()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken.push(text.as_str()),
            Err(error) => {
                return wrong(
                    format!("no server can have {text}: {error}"),
                    "choose another address in the configuration, or give the server the right to it",
                );
            }
        }
    }
    match taken.as_slice() {
        [] => ok("free: no server answers there"),
        taken if runs => ok(format!("somebody answers at {}", taken.join(", "))),
        taken => warn(
            format!("somebody answers at {}, and no server of ours does at listen", taken.join(", ")),
            "where that is no process of yours (`serve --role dns`, `--role redirect`), stop it or choose other addresses: a server could not start",
        ),
    }
}

/// Without an address of its choice, a server goes on without the operator's listener.
async fn listener(text: &str, door: Listener, is_needed: bool) -> Found {
    let Ok(address) = text.parse::<SocketAddr>() else {
        return wrong(format!("{text} is no address with a port"), "write it as 127.0.0.1:8080");
    };
    if address.port() == 0 {
        return ok(format!("{text} takes any port that is free"));
    }
    let taken = |seen: String| {
        let todo = "stop that program, or choose another address in the configuration";
        if is_needed { wrong(seen, todo) } else { warn(seen, todo) }
    };
    match timeout(ANSWER, TcpStream::connect(from_here(address))).await {
        Ok(Ok(_)) => match answer(from_here(address), door).await {
            Answer::Ours => ok(format!("a Mailwright server answers at {text}")),
            Answer::Full => warn(
                format!("a Mailwright server answers at {text} that all its places are taken"),
                "see connections in the settings",
            ),
            Answer::Foreign => taken(format!("another program has {text}, or a server that does not answer")),
        },
        _ => match free(address) {
            Ok(()) => ok(format!("{text} is free: no server runs there")),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                taken(format!("another program has {text}, and takes no connection"))
            }
            Err(error) => {
                wrong(format!("no server can have {text}: {error}"), "choose another address in the configuration")
            }
        },
    }
}

/// Where this machine reaches a listener on all its addresses.
fn from_here(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Takes the port for a moment, without listening: nobody can come meanwhile.
fn free(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listener {
    Api,
    Operator,
}

impl Listener {
    /// A path that it refuses to a stranger.
    const fn refuses(self) -> &'static str {
        match self {
            Self::Api => "/mailwright-doctor",
            Self::Operator => "/",
        }
    }
}

enum Answer {
    Ours,
    Full,
    Foreign,
}

/// What whoever listens there says about its health. Others say `ok` at this path too; what is said to a stranger tells
/// them apart, by the shape of our refusals.
async fn answer(address: SocketAddr, door: Listener) -> Answer {
    let (health, refusal) = tokio::join!(ask(address, "/healthz"), ask(address, door.refuses()));
    let code = |said: &Option<(u16, Value)>| {
        said.as_ref().and_then(|(status, body)| Some((*status, body["error"]["code"].as_str()?.to_owned())))
    };
    let is_well = health.as_ref().is_some_and(|(status, body)| *status == 200 && body["status"] == "ok");
    let lets_in = refusal
        .as_ref()
        .is_some_and(|(_, body)| body["paths"].as_array().is_some_and(|all| all.contains(&"/metrics".into())));
    match (code(&health), code(&refusal)) {
        (_, Some((404, code))) if is_well && door == Listener::Api && code == "not_found" => Answer::Ours,
        (_, Some((401, code))) if is_well && door == Listener::Operator && code == "unauthorized" => Answer::Ours,
        _ if is_well && door == Listener::Operator && lets_in => Answer::Ours,
        (Some((503, code)), _) if code == "busy" => Answer::Full,
        _ => Answer::Foreign,
    }
}

/// Asks on a connection of its own, without anything that could be missing on this machine: status and JSON.
async fn ask(address: SocketAddr, path: &str) -> Option<(u16, Value)> {
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut said = vec![];
        stream.take(MOST_SAID).read_to_end(&mut said).await?;
        io::Result::Ok(said)
    };
    let said = timeout(ANSWER, asking).await.ok()?.ok()?;
    let said = String::from_utf8_lossy(&said);
    let (head, body) = said.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, serde_json::from_str(body.trim()).ok()?))
}

/// Whether what is said of proxies fits to where the server listens.
pub(super) fn proxies(config: &Config) -> Check {
    let is_here = is_loopback(&config.listen);
    let public = url::Url::parse(&config.public_url).ok();
    let (has_proxies, is_https) =
        (!config.trusted_proxies.is_empty(), public.as_ref().is_some_and(|url| url.scheme() == "https"));
    let believes_all = config.trusted_proxies.iter().any(|proxy| proxy.ends_with("/0"));
    let found = match (has_proxies, &public) {
        _ if believes_all => wrong(
            "trusted_proxies has everybody in it, so that anybody can say to be anybody",
            "name only the addresses of your own proxies",
        ),
        (true, None) => warn(
            "trusted_proxies is set and public_url is not, so that links in answers lead past the proxy",
            "set public_url to what your customers call",
        ),
        (false, Some(_)) if is_here || is_https => warn(
            "public_url is set and trusted_proxies is not: all clients behind the proxy count as one address",
            "name your proxy in trusted_proxies, such as [\"127.0.0.1\"]",
        ),
        (false, None) if !is_here => warn(
            format!(
                "others reach {} and public_url is not set, so that links in answers begin with that",
                config.listen
            ),
            "set public_url to what your customers call",
        ),
        (true, _) => ok("trusted_proxies and public_url are set"),
        (false, _) => ok(format!("no proxy is configured, and {} needs none", config.listen)),
    };
    found.of("proxies")
}

/// Whether a server that others reach lets test keys reach into it.
pub(super) fn development(config: &Config) -> Check {
    let is_public = !is_loopback(&config.listen) || !config.public_url.is_empty();
    let found = match config.development {
        true if is_public => wrong(
            "development is on, and others reach this server: test keys can send to programs on this machine",
            "set development = false",
        ),
        true => ok("on: test keys may send to this machine, which nobody else reaches"),
        false => ok("off"),
    };
    found.of("development")
}

fn is_loopback(listen: &str) -> bool {
    listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
}

/// Whether as many files and connections can be open as are meant to be.
pub(super) fn open_files(config: &Config) -> Check {
    let most =
        getrlimit(Resource::Nofile).maximum.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let (ours, wanted) = (doors::our_own(config), config.connections.most);
    let todo = "raise the limit (`LimitNOFILE=` of the service, `ulimit -n` here); it may be another for the service";
    let found = if most < ours {
        wrong(format!("{most} files may be open here, and the server needs {ours} for itself"), todo)
    } else if most - ours < wanted {
        let seen =
            format!("{most} files may be open here, which is enough for {} of {wanted} connections", most - ours);
        warn(seen, todo)
    } else {
        ok(format!("enough may be open here for {wanted} connections"))
    };
    found.of("open_files")
}

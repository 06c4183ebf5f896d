//! Whether the accounts at vendors let us in, and what they say of themselves.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use model::clock::{Clock, SECOND, SystemClock, Time};
use model::first_mail::FirstMail;
use model::money::dollars;
use providers::probing::Directly;
use providers::roles::Examined;
use providers::trouble::Trouble;
use store::look::Look;

use super::check::{Check, Found, State, ok, warn, wrong};
use crate::config::Config;
use crate::{accounts, name_servers};

/// How long an account may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How far a vendor's clock may be from ours, in microseconds: signatures and tokens are refused beyond.
const APART: i64 = 60 * SECOND;

/// Each account is asked something harmless, all at once.
pub(super) async fn examine(config: &Config) -> Vec<Check> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let asked = config.accounts.keys().map(|name| one(config, name, &clock));
    join_all(asked).await
}

/// Whether each account could be opened, without asking anybody.
pub(super) fn could_open(config: &Config) -> Vec<Check> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let check = |name: &String| {
        let found = match accounts::opened(config, name, &clock) {
            Ok(_) => ok("what is said of it can be used"),
            Err(fault) => wrong(fault, TODO),
        };
        found.of(title(name))
    };
    config.accounts.keys().map(check).collect()
}

/// Whether domains of ours lie at accounts that the configuration does not have as it should; nothing where all is well.
pub(super) async fn laid_out(config: &Config, look: &mut Look) -> Option<Check> {
    let checking = accounts::laid_out::refuse(config, look.db());
    match tokio::time::timeout(PATIENCE, checking).await {
        Ok(Err(told)) => Some(Found::by(State::Wrong, &told).of("domains")),
        Ok(Ok(())) | Err(_) => None,
    }
}

/// Whether the keys that our name servers share with others could be fetched; nothing where there are none.
pub(super) fn keys(config: &Config) -> Option<Check> {
    let told = name_servers::fault(config)?;
    Some(Found::by(State::Wrong, &told).of("keys"))
}

/// Whether the mailbox that first mails are sent to could be asked for them; nothing where there is none.
pub(super) fn could_probe(config: &Config) -> Option<Check> {
    let found = match accounts::probe::open(&config.probe, Arc::new(Directly)) {
        Ok(None) => return None,
        Ok(Some(_)) => ok("what is said of it can be used"),
        Err(fault) => wrong(fault, TODO),
    };
    Some(found.of(PROBE))
}

/// Whether it lets us in.
pub(super) async fn probe(config: &Config) -> Option<Check> {
    let prober = match accounts::probe::open(&config.probe, Arc::new(Directly)) {
        Ok(prober) => prober?,
        Err(fault) => return Some(wrong(fault, TODO).of(PROBE)),
    };
    let nobodys = FirstMail::new("0".repeat(32), String::new(), Time(0));
    let found = match prober.find(&nobodys).await {
        Ok(_) => ok(format!("{} lets us in", prober.receiver().server)),
        Err(Trouble::Misconfigured(words)) => wrong(words.trim_end_matches('.').to_owned(), TODO),
        Err(_) => wrong(
            format!("{} does not answer, or not as a mail server does", prober.receiver().server),
            "see whether this machine reaches it, and correct probe.imap_host and probe.imap_port",
        ),
    };
    Some(found.of(PROBE))
}

/// What the check of it is called.
const PROBE: &str = "probe mailbox";

const TODO: &str = "correct it in the configuration, or give the secret where it is to be";

fn title(name: &str) -> String {
    format!("account {name}")
}

async fn one(config: &Config, name: &str, clock: &Arc<dyn Clock>) -> Check {
    let found = match accounts::opened(config, name, clock).map(|opened| opened.account) {
        Err(fault) => wrong(fault, TODO),
        Ok(None) => ok("nobody has to be asked"),
        Ok(Some(account)) => match tokio::time::timeout(PATIENCE, account.examine()).await {
            Err(_) => wrong(
                format!("the vendor has not answered for {} seconds", PATIENCE.as_secs()),
                "see whether this machine reaches it, and whether it is in trouble itself",
            ),
            Ok(Err(trouble)) => troubled(&trouble),
            Ok(Ok(examined)) => judged(&examined, clock.now()),
        },
    };
    found.of(title(name))
}

fn troubled(trouble: &Trouble) -> Found {
    match trouble {
        Trouble::Misconfigured(words) => {
            wrong(words.trim_end_matches('.').to_owned(), "correct the account's secret or its rights")
        }
        Trouble::Later(_) | Trouble::UnderWay(..) | Trouble::Unknown | Trouble::Refused(_) => wrong(
            "the vendor does not say that the account is fine".to_owned(),
            "run `mailwright doctor` again in a minute; if it goes on, look at the vendor's status page",
        ),
    }
}

fn judged(examined: &Examined, now: Time) -> Found {
    let known_as = examined.known_as.as_ref().map(|who| format!("known as {who}"));
    let mut seen = vec![known_as.or_else(|| examined.reached.clone()).unwrap_or_else(|| "it lets us in".to_owned())];
    seen.extend(examined.balance_cents.map(|cents| format!("balance {}", dollars(cents))));
    if let Some(remark) = examined.remarks.first() {
        return warn(
            remark.trim_end_matches('.').to_owned(),
            examined.remarks.get(1).cloned().unwrap_or_else(|| "see the vendor's pages".into()),
        );
    }
    if let Some(apart) = examined.clock.map(|clock| (clock.0 - now.0).abs()).filter(|apart| *apart > APART) {
        let seen = format!("{}; its clock is {} seconds from this machine's", seen.join(", "), apart / SECOND);
        return wrong(seen, "set this machine's clock (timedatectl): requests with a wrong time are refused");
    }
    if examined.balance_cents.is_some_and(|cents| cents <= 0) {
        return warn(seen.join(", "), "add money to the account, or nothing can be bought with it");
    }
    seen.extend(examined.limits.iter().cloned());
    ok(seen.join(", "))
}

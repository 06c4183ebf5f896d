//! `mailwright doctor`: whether everything is all right, one line a check. It works beside a running server and without
//! one, and changes nothing: what is to be written is taken away again.

mod accounts;
mod check;
mod clock;
mod database;
mod doors;
mod files;
mod outside;
mod work;

use clap::Args;
use serde_json::json;
use store::look::Look;

use super::{Common, Fail, out};
use crate::config::{Config, Flags};
use crate::{redirect_servers, wire};

pub(super) use check::{Check, State, lines};

/// Nothing to choose.
#[derive(Debug, Args)]
pub(super) struct Options {}

pub(super) async fn run(common: &Common) -> Result<(), Fail> {
    let config = common.load(Flags::default())?;
    let checks = examine(&config, common).await;
    let wrong = checks.iter().filter(|check| check.state == State::Wrong).count();
    let value = json!({ "healthy": wrong == 0, "checks": checks });
    out::either(common.format, &value, || lines(&checks))?;
    match wrong {
        0 => Ok(()),
        1 => Err(Fail::failed("one thing is wrong; see above")),
        _ => Err(Fail::failed(format!("{wrong} things are wrong; see above"))),
    }
}

/// Every check, in the order in which they are told. None depends on the success of another.
async fn examine(config: &Config, common: &Common) -> Vec<Check> {
    let mut checks = vec![files::data_folder(config), files::modes(config), files::operator_secrets(config)];
    let (opened, check) = database::open(config).await;
    checks.push(check);
    let mut look = opened;
    let schema = database::schema(&mut look).await;
    let is_current = schema.state == State::Ok;
    checks.push(schema);
    checks.push(files::master_key(config, database::fingerprint(&mut look).await.as_deref()));
    checks.push(database::write(config, common, &mut look, is_current).await);
    checks.push(database::integrity(&mut look).await);
    checks.extend([files::log(config), files::disk(config)]);
    checks.push(outside::sandbox(config).await);
    checks.push(clock::database(&mut look).await);
    checks.push(clock::elsewhere(config).await);
    checks.extend(doors::listeners(config).await);
    checks.extend([doors::proxies(config), doors::development(config), doors::open_files(config)]);
    checks.push(outside::outgoing(config));
    checks.extend(accounts::examine(config).await);
    checks.extend(accounts::keys(config));
    checks.extend(accounts::probe(config).await);
    checks.push(outside::traces(config).await);
    // What a schema of another version says of its work, nobody here understands.
    let mut readable = if is_current { look.as_mut() } else { None };
    if let Some(look) = &mut readable {
        checks.extend(accounts::laid_out(config, look).await);
    }
    checks.push(work::endpoints(&mut readable).await);
    checks.push(work::tasks(&mut readable).await);
    checks.push(work::feed(&mut readable).await);
    checks.push(work::backup(&mut readable).await);
    checks.push(work::notices(&mut readable).await);
    if let Some(look) = look {
        look.close().await;
    }
    checks
}

/// What `check-config` tries: whether a server could start.
pub(super) async fn before_a_start(config: &Config) -> Vec<Check> {
    let mut checks = vec![files::could_be_made(config), files::operator_secrets(config)];
    let (look, check) = database::before_a_start(config).await;
    let is_current = check.iter().any(|check| check.name == "schema" && check.state == State::Ok);
    checks.extend(check);
    if let Some(mut look) = look {
        if is_current {
            checks.extend(accounts::laid_out(config, &mut look).await);
        }
        look.close().await;
    }
    checks.extend(accounts::could_open(config));
    checks.extend(accounts::keys(config));
    checks.extend(accounts::could_probe(config));
    checks.extend(doors::listeners(config).await);
    checks.extend(redirect_servers::fault(config).map(|told| check::Found::by(State::Wrong, &told).of("authority")));
    checks.push(outside::could_trace(config));
    checks
}

/// How the database is opened for a look.
fn opening(config: &Config) -> store::Opening {
    store::Opening { patience: config.patience(), ..wire::opening_beside(config) }
}

/// A database that could not be opened, where that has been said already.
fn unseen() -> check::Found {
    check::warn("not looked at, because the database cannot be read", "mend what is said of the database first")
}

/// A database that is open for a look, if it is.
type Seen = Option<Look>;

//! `mailwright pause` and `mailwright resume`: stops all buying within a second, and goes on.

use clap::Args;
use model::pause::{Pause, Reach};
use model::role::Role;
use serde_json::{Value, json};

use super::admin::Desk;
use super::{Common, Fail, out, reconcile};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only at this account, the sandbox too; without it everything that costs money
    #[arg(long, value_name = "NAME", conflicts_with = "role")]
    account: Option<String>,
    /// Only in this role
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,
    /// Do not renew names either: what runs out meanwhile is lost
    #[arg(long)]
    renewals: bool,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Only at this account; without it everything that costs money
    #[arg(long, value_name = "NAME", conflicts_with = "role")]
    account: Option<String>,
    /// Only in this role
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,
    /// After a restored backup, also where accounts have names that the database does not know, or do not answer
    #[arg(long)]
    anyway: bool,
}

/// The roles in which something is bought.
const BUYING: [Role; 1] = [Role::Registrar];

fn role(text: &str) -> Result<Role, String> {
    let known = BUYING.map(Role::as_str).join(", ");
    let role = Role::parse(text).filter(|role| BUYING.contains(role));
    role.ok_or_else(|| format!("nothing is bought in that role; use one of: {known}"))
}

/// How far it goes. A name that is none would stop nothing, and nobody would know.
fn reach(account: Option<&String>, role: Option<Role>, config: &Config) -> Result<Reach, Fail> {
    let sandbox = providers::all::sim::ACCOUNT;
    match (account, role) {
        (None, None) => Ok(Reach::All),
        (None, Some(role)) => Ok(Reach::Role(role)),
        (Some(name), _) if name == sandbox || config.accounts.contains_key(name) => Ok(Reach::Account(name.clone())),
        (Some(_), _) => {
            let known: Vec<_> = [sandbox].into_iter().chain(config.accounts.keys().map(String::as_str)).collect();
            Err(Fail::refused(format!("there is no such account; there are: {}", known.join(", "))))
        }
    }
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let pause = desk.pause(reach(options.account.as_ref(), options.role, &desk.config)?, options.renewals).await?;
    out::either(common.format, &shown(&pause), || {
        let renewals = if pause.renewals { "Renewals stop too." } else { "Renewals go on." };
        let what = place(&pause.reach);
        format!(
            "No purchase begins {what} from now on. What is under way is found out. {renewals}\nGo on with `mailwright resume{}`.",
            flag(&pause.reach)
        )
    })
}

pub(super) async fn resume(options: &Resume, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    if !options.anyway && options.account.is_none() && options.role.is_none() {
        let paused = store::pauses::in_force(&mut desk.store.read().await?).await?;
        if paused.iter().any(Pause::is_after_restore) {
            reconcile::nothing_is_hidden(&desk).await?;
        }
    }
    let pause = desk.resume(reach(options.account.as_ref(), options.role, &desk.config)?).await?;
    out::either(common.format, &shown(&pause), || {
        format!("Buying goes on {}; what has waited is bought within a minute.", place(&pause.reach))
    })
}

fn place(reach: &Reach) -> String {
    match reach {
        Reach::All => "anywhere".into(),
        Reach::Account(name) => format!("at {name}"),
        Reach::Role(role) => format!("in the role {}", role.as_str()),
    }
}

fn flag(reach: &Reach) -> String {
    match reach {
        Reach::All => String::new(),
        Reach::Account(name) => format!(" --account {name}"),
        Reach::Role(role) => format!(" --role {}", role.as_str()),
    }
}

fn shown(pause: &Pause) -> Value {
    json!({
        "id": pause.id, "reach": pause.reach.text(), "renewals": pause.renewals, "by": pause.by,
        "began_at": pause.began_at, "lifted_at": pause.lifted_at,
    })
}

//! `mailwright pause` and `mailwright resume`: stops all buying within a second, and goes on.

use clap::Args;
use model::pause::{Pause, Reach};
use serde_json::{Value, json};

use super::admin::Desk;
use super::{Common, Fail, out};

/// The accounts that there are.
const ACCOUNTS: &[&str] = &["sandbox"];

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only at this account, the sandbox too; without it everything that costs money
    #[arg(long, value_name = "NAME", value_parser = account)]
    account: Option<String>,
    /// Do not renew names either: what runs out meanwhile is lost
    #[arg(long)]
    renewals: bool,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Only at this account; without it everything that costs money
    #[arg(long, value_name = "NAME", value_parser = account)]
    account: Option<String>,
}

fn account(text: &str) -> Result<String, String> {
    match ACCOUNTS.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("there is no such account; there are: {}", ACCOUNTS.join(", "))),
    }
}

fn reach(account: Option<&String>) -> Reach {
    account.map_or(Reach::All, |name| Reach::Account(name.clone()))
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    let pause = desk.pause(reach(options.account.as_ref()), options.renewals).await?;
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
    let pause = desk.resume(reach(options.account.as_ref())).await?;
    out::either(common.format, &shown(&pause), || {
        format!("Buying goes on {}; what has waited is bought within a minute.", place(&pause.reach))
    })
}

fn place(reach: &Reach) -> String {
    match reach {
        Reach::All => "anywhere".into(),
        Reach::Account(name) => format!("at {name}"),
    }
}

fn flag(reach: &Reach) -> String {
    match reach {
        Reach::All => String::new(),
        Reach::Account(name) => format!(" --account {name}"),
    }
}

fn shown(pause: &Pause) -> Value {
    json!({
        "id": pause.id, "reach": pause.reach.text(), "renewals": pause.renewals, "by": pause.by,
        "began_at": pause.began_at, "lifted_at": pause.lifted_at,
    })
}

//! `mailwright check-config`.

use clap::Args;
use model::role::Role;
use serde_json::{Value, json};

use super::doctor::{self, Check, State};
use super::{Common, Fail, Output, out};
use crate::account_settings::problems::not_played;
use crate::config::{Config, DEFAULTS, Flags};
use crate::settings::Problem;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print every setting with its default and its explanation
    #[arg(long)]
    defaults: bool,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    if options.defaults {
        return out::line(DEFAULTS.trim_end());
    }
    let flags = Flags { data: common.data.clone(), ..Flags::default() };
    match Config::read(common.config.as_deref(), &flags) {
        Ok(config) => report(&config, common).await,
        Err(problems) => {
            if common.format == Output::Json {
                out::json(&value(&problems, &[], &[]))?;
            }
            Err(Fail::refused(problems.iter().map(Problem::sentence).collect::<Vec<_>>().join("\n")))
        }
    }
}

/// The settings can be; whether a server could start with them is tried without changing anything.
async fn report(config: &Config, common: &Common) -> Result<(), Fail> {
    let tried = doctor::before_a_start(config).await;
    let missing = not_configured(config);
    out::either(common.format, &value(&[], &missing, &tried), || text(config, &missing, &tried))?;
    let wrong: Vec<_> = tried.iter().filter(|check| check.state == State::Wrong).map(sentence).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Fail::refused(wrong.join("\n"))) }
}

fn value(problems: &[Problem], missing: &[&str], tried: &[Check]) -> Value {
    let sentences: Vec<_> = problems.iter().map(Problem::sentence).collect();
    let ok = problems.is_empty() && tried.iter().all(|check| check.state != State::Wrong);
    json!({ "ok": ok, "problems": sentences, "details": problems, "not_configured": missing, "tried": tried })
}

fn sentence(check: &Check) -> String {
    let todo = check.todo.as_deref().unwrap_or_default();
    format!("{}: {}; {todo}", check.name, check.seen)
}

fn text(config: &Config, missing: &[&str], tried: &[Check]) -> String {
    let is_fine = tried.iter().all(|check| check.state != State::Wrong);
    let first = if is_fine {
        "The configuration is fine."
    } else {
        "The settings can be, but no server could start with them."
    };
    let place = |url: &str, file: String| if url.is_empty() { file } else { "as configured".into() };
    let mut lines = vec![
        first.to_owned(),
        format!("  database  {}", place(&config.database_url, config.database())),
        format!("  sandbox   {}", place(&config.sandbox.database_url, config.sandbox_database())),
        format!("  API       http://{}", config.listen),
    ];
    let without = |role| format!("  {role:<9} no account plays it: live keys get provider_not_configured");
    lines.extend(missing.iter().map(without));
    lines.push(doctor::lines(tried));
    lines.join("\n")
}

/// The roles that no account plays for live keys.
fn not_configured(config: &Config) -> Vec<&'static str> {
    not_played(&config.live).into_iter().map(Role::as_str).collect()
}

//! `mailwright check-config`.

use clap::Args;
use serde_json::json;

use super::{Common, Fail, Output, out};
use crate::config::{Config, DEFAULTS, Flags};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print every setting with its default and its explanation
    #[arg(long)]
    defaults: bool,
}

pub(super) fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    if options.defaults {
        return out::line(DEFAULTS.trim_end());
    }
    let flags = Flags { data: common.data.clone(), ..Flags::default() };
    match Config::load(common.config.as_deref(), &flags) {
        Ok(config) => report(&config, common),
        Err(problems) if common.format == Output::Json => {
            out::json(&json!({ "ok": false, "problems": problems, "not_configured": [] }))?;
            Err(Fail::refused("the configuration is wrong; see above"))
        }
        Err(problems) => Err(Fail::refused(problems.join("\n"))),
    }
}

fn report(config: &Config, common: &Common) -> Result<(), Fail> {
    let missing = not_configured();
    let value = json!({ "ok": true, "problems": [], "not_configured": missing });
    out::either(common.format, &value, || {
        let mut lines = vec![
            "The configuration is fine.".to_owned(),
            format!(
                "  database  {}",
                if config.database_url.is_empty() { config.database() } else { "as configured".into() }
            ),
            format!(
                "  sandbox   {}",
                if config.sandbox.database_url.is_empty() { config.sandbox_database() } else { "as configured".into() }
            ),
            format!("  API       http://{}", config.listen),
        ];
        lines.extend(
            missing.iter().map(|role| {
                format!("  {role:<9} no live provider is configured: live keys get provider_not_configured")
            }),
        );
        lines.join("\n")
    })
}

/// The roles that no live provider plays. There is none to configure yet: the sandbox plays them all.
const fn not_configured() -> [&'static str; 4] {
    ["registrar", "dns", "mail", "sequencer"]
}

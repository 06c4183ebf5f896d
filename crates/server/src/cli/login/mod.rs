//! `mailwright login` and `logout`: a key that stands in no list of processes and no history of a shell.

use std::io::{self, IsTerminal as _, Read as _};

use clap::Args;
use serde_json::json;

use super::feed::{Client, SERVER, message, root_of};
use super::{Common, Fail, out};
use crate::config::variable;

mod kept;

use kept::Kept;

/// The environment variable that has a key.
const VARIABLE: &str = "MAILWRIGHT_KEY";
/// More than any key has, in bytes.
const LONGEST: u64 = 4096;

#[derive(Debug, Args)]
#[command(
    after_help = "The key is asked for on a terminal, and read from standard input elsewhere. It goes into keys.json in \
    $XDG_CONFIG_HOME/mailwright (or ~/.config/mailwright), which only you can read, one for each server."
)]
pub(super) struct Options {
    /// Where the server is
    #[arg(long, value_name = "URL", default_value = SERVER)]
    url: String,
}

/// Keeps a key, once the server has said that it is good.
pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let kept = Kept::find()?;
    let key = typed()?;
    let client = Client::new(&options.url, &key)?;
    let (status, answer) = client.call("GET", "/me", None).await?;
    if status != 200 {
        return Err(Fail::failed(format!("the key is not kept: GET /me answered {status}: {}", message(&answer))));
    }
    kept.keep(client.root(), Some(&key))?;
    let (me, file) = (&answer["data"], kept.file.display());
    let (partner, key) = (me["partner"]["name"].as_str().unwrap_or_default(), &me["api_key"]);
    let (environment, preset) = (&key["environment"], &key["permission_preset"]);
    let value = json!({ "url": client.root(), "partner": partner, "environment": environment, "preset": preset, "file": file.to_string() });
    out::either(common.format, &value, || {
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let text = format!(
            "{} knows this key: {partner}, {}, {}. It is kept in {file}.",
            client.root(),
            word(environment),
            word(preset)
        );
        out::within(&text).into_owned()
    })
}

/// Forgets the key of a server.
pub(super) fn forget(options: &Options, common: &Common) -> Result<(), Fail> {
    let kept = Kept::find()?;
    let root = root_of(&options.url)?;
    let had_one = kept.key(&root)?.is_some();
    if had_one {
        kept.keep(&root, None)?;
    }
    out::either(common.format, &json!({ "url": root, "forgotten": had_one }), || match had_one {
        true => format!("The key of {root} is forgotten."),
        false => format!("No key of {root} was kept."),
    })
}

/// The key for a server: the one on the command line, else the one of the environment, else the one that is kept.
pub(super) fn key_for(url: &str, given: Option<&str>) -> Result<String, Fail> {
    if let Some(key) = given {
        return Ok(key.to_owned());
    }
    if let Some(key) = variable(VARIABLE) {
        return Ok(key);
    }
    let root = root_of(url)?;
    Kept::find()?.key(&root)?.ok_or_else(|| {
        Fail::refused(format!(
            "no key is known for {root}: `mailwright login --url {root}` keeps one, or set {VARIABLE}"
        ))
    })
}

/// A key from standard input, unseen where a person types it.
fn typed() -> Result<String, Fail> {
    let text = if io::stdin().is_terminal() {
        rpassword::prompt_password("API key (pk_…): ")?
    } else {
        let mut text = String::new();
        io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
        text
    };
    match text.trim() {
        "" => Err(Fail::refused("no key was sent; pipe it in, or run this on a terminal, which asks for it")),
        key => Ok(key.to_owned()),
    }
}

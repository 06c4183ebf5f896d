//! `mailwright verify`: whether signed evidence is what this installation, or another one, has said.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use store::{NotSigned, PublicKey, Vault, verify};

use super::{Common, Fail, out};
use crate::config::Flags;

/// What a good signature shows.
const SHOWS: &str =
    "The signature shows who said it and that nothing was changed since. It does not show that it was true.";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file: an answer of GET /domains/{id}/evidence, or of `orders show --evidence --format json`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A public key in base64, or a file as `/.well-known/mailwright-keys.json` is served; may be repeated
    /// [default: the key of this installation]
    #[arg(long = "key", value_name = "KEY|FILE")]
    keys: Vec<String>,
}

pub(super) fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let keys = if options.keys.is_empty() { own_key(common)? } else { named(&options.keys)? };
    let text = std::fs::read_to_string(&options.file)
        .map_err(|error| Fail::refused(format!("{} cannot be read: {error}", options.file.display())))?;
    let signed = parts(&text).ok_or_else(|| Fail::refused(format!("{} is no JSON", options.file.display())))?;
    if signed.is_empty() {
        return Err(Fail::failed(format!("there is no evidence in {}", options.file.display())));
    }
    let verdicts: Vec<_> = signed.iter().map(|one| (one, verify(&one.to_string(), &keys))).collect();
    let value: Vec<_> = verdicts.iter().map(|(one, verdict)| row(one, verdict.as_ref().err().copied())).collect();
    out::either(common.format, &value, || in_words(&verdicts))?;
    match verdicts.iter().any(|(_, verdict)| verdict.is_err()) {
        true => Err(Fail::failed("not all of it is signed by that key as it stands there")),
        false => Ok(()),
    }
}

type Verdict<'a> = (&'a Value, Result<(Value, PublicKey), NotSigned>);

/// Each signed object of a file: it may be one, the `data` of an answer, or a list.
fn parts(text: &str) -> Option<Vec<Value>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let value = match value {
        Value::Object(mut fields) if !fields.contains_key("signature") => {
            fields.remove("data").or_else(|| fields.remove("evidence")).unwrap_or(Value::Object(fields))
        }
        other => other,
    };
    Some(match value {
        Value::Array(all) => all,
        one => vec![one],
    })
}

fn row(one: &Value, fault: Option<NotSigned>) -> Value {
    json!({
        "domain": one["domain"], "checked_at": one["checked_at"], "key_id": one["signature"]["key_id"],
        "verified": fault.is_none(), "reason": fault.map(words),
    })
}

fn in_words(verdicts: &[Verdict<'_>]) -> String {
    let mut lines: Vec<_> = verdicts.iter().map(|(one, verdict)| line(one, verdict)).collect();
    if verdicts.iter().all(|(_, verdict)| verdict.is_ok()) {
        lines.push(String::new());
        lines.push(SHOWS.into());
    }
    lines.join("\n")
}

fn line(one: &Value, verdict: &Result<(Value, PublicKey), NotSigned>) -> String {
    let field = |name: &str| out::within(one[name].as_str().unwrap_or("?")).into_owned();
    match verdict {
        Ok((_, key)) => {
            let (domain, at, environment) = (field("domain"), field("checked_at"), field("environment"));
            format!("good  {domain}, looked at {at} ({environment}), signed by key {}", key.id)
        }
        Err(fault) => format!("bad   {}: {}", field("domain"), words(*fault)),
    }
}

const fn words(fault: NotSigned) -> &'static str {
    match fault {
        NotSigned::NoFile => "this is no signed evidence",
        NotSigned::OtherKey => {
            "it names another key: fetch /.well-known/mailwright-keys.json from whoever said it, and give that with --key"
        }
        NotSigned::Changed => "it was changed since it was signed, or that key has not signed it",
    }
}

/// The key of this installation, whose server need not run.
fn own_key(common: &Common) -> Result<Vec<PublicKey>, Fail> {
    let path = common.read(Flags::default())?.key_file();
    let vault = Vault::open(&path).map_err(|error| {
        Fail::refused(format!("there is no key of this installation to check with, so give one with --key: {error}"))
    })?;
    Ok(vec![vault.public_key()])
}

fn named(said: &[String]) -> Result<Vec<PublicKey>, Fail> {
    let mut keys = vec![];
    for one in said {
        match PublicKey::read(one) {
            Some(key) => keys.push(key),
            None => keys.extend(of_file(Path::new(one))?),
        }
    }
    Ok(keys)
}

fn of_file(path: &Path) -> Result<Vec<PublicKey>, Fail> {
    let none = |why: String| Fail::refused(format!("{} is neither a key nor a file of keys: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| none(error.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|_| none("it is no JSON".into()))?;
    let all = value["keys"].as_array().cloned().unwrap_or_default();
    let keys: Vec<_> = all.iter().filter_map(|key| PublicKey::read(key["x"].as_str()?)).collect();
    if keys.is_empty() { Err(none("it has no Ed25519 key".into())) } else { Ok(keys) }
}

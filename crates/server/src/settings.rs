//! Reading the settings so that everything that is wrong with them is told together, with where it was said.

use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Profile, Provider as _, error};
use serde::Serialize;

use crate::config::{Config, DEFAULTS};

/// A setting that is further from what was written than this was not meant.
const FAR: usize = 3;

/// Tables of things that the operator gives names to, or of which there is one or another.
const OPEN: [&str; 4] = ["accounts", "dns.keys", "live.registrants", "probe.password"];

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The setting, when it is about one.
    pub key: Option<String>,
    /// Where it was said: a file, a variable of the environment or a flag.
    pub source: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The setting that may be meant by one that there is not.
    pub did_you_mean: Option<String>,
}

impl Problem {
    /// One that is about no setting.
    #[must_use]
    pub fn general(message: String) -> Self {
        Self { key: None, source: None, message, did_you_mean: None }
    }

    /// All of it in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let source = self.source.as_ref().map(|source| format!(" (from {source})")).unwrap_or_default();
        let meant = self.did_you_mean.as_ref().map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        format!("{}{source}{meant}", self.message)
    }
}

/// What a file says, or nothing and why it cannot be read.
#[must_use]
pub fn file(figment: Figment) -> (Figment, Vec<Problem>) {
    match figment.extract::<Dict>() {
        Ok(_) => (figment, vec![]),
        Err(errors) => (Figment::new(), errors.into_iter().map(|error| unreadable(&error)).collect()),
    }
}

/// Makes a configuration of what somebody has said and the defaults for the rest. `problems` are those that were found
/// before.
///
/// # Errors
/// Everything that is wrong: what is no setting, what has the wrong type, and what has the right type and cannot be.
pub fn read(said: &Figment, problems: Vec<Problem>) -> Result<Config, Vec<Problem>> {
    let mut reading = Reading { said, problems, fine: defaults() };
    reading.table(&dict(&defaults()), &dict(said), "");
    let extracted = reading.fine.extract::<Config>();
    let mut problems = match &extracted {
        Ok(config) => config.problems().into_iter().map(|text| reading.placed(text)).collect(),
        Err(error) => vec![unreadable(error)],
    };
    problems.splice(0..0, reading.problems);
    extracted.ok().filter(|_| problems.is_empty()).ok_or(problems)
}

fn defaults() -> Figment {
    Figment::from(Toml::string(DEFAULTS))
}

fn dict(figment: &Figment) -> Dict {
    figment.data().ok().and_then(|mut all| all.remove(&Profile::Default)).unwrap_or_default()
}

/// What was read so far.
struct Reading<'a> {
    said: &'a Figment,
    problems: Vec<Problem>,
    /// The defaults, and what was said that has the right type.
    fine: Figment,
}

impl Reading<'_> {
    /// Tries everything that is said in a table, each by itself: a reader stops at the first thing that it cannot read.
    fn table(&mut self, known: &Dict, said: &Dict, path: &str) {
        for (name, value) in said {
            let key = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match (known.get(name), value) {
                // Their names are the operator's, and what is in them their kind's.
                (Some(Value::Dict(..)), Value::Dict(_, named)) if OPEN.contains(&key.as_str()) => {
                    named.iter().for_each(|(name, value)| self.leaf(format!("{key}.{name}"), value));
                }
                (None, _) => self.unknown(key, value),
                (Some(Value::Dict(_, known)), Value::Dict(_, said)) => self.table(known, said, &key),
                (Some(Value::Dict(..)), _) => {
                    let message = format!("{key} is a table, and not one value; name a setting in it");
                    self.wrong(key, value, message);
                }
                (Some(_), _) => self.leaf(key, value),
            }
        }
    }

    fn leaf(&mut self, key: String, value: &Value) {
        let alone = defaults().merge(Serialized::default(&key, value));
        match alone.extract::<Config>() {
            Ok(_) => self.fine = std::mem::take(&mut self.fine).merge(Serialized::default(&key, value)),
            Err(error) => {
                let message = told(&key, &error);
                self.wrong(key, value, message);
            }
        }
    }

    /// Of a table that there is not, every setting in it.
    fn unknown(&mut self, key: String, value: &Value) {
        if let Value::Dict(_, inner) = value
            && !inner.is_empty()
        {
            return inner.iter().for_each(|(name, value)| self.unknown(format!("{key}.{name}"), value));
        }
        let message = format!("{key} is not a setting, `mailwright check-config --defaults` lists them all");
        let did_you_mean = meant(&key);
        let source = self.source(&key, value);
        self.problems.push(Problem { key: Some(key), source, message, did_you_mean });
    }

    fn wrong(&mut self, key: String, value: &Value, message: String) {
        let source = self.source(&key, value);
        self.problems.push(Problem { key: Some(key), source, message, did_you_mean: None });
    }

    /// Where something was said that begins with its key.
    fn placed(&self, message: String) -> Problem {
        let is_named =
            |key: &&str| OPEN.iter().any(|table| key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.')));
        let is_known = |key: &&str| is_named(key) || keys().iter().any(|known| known == key);
        let key = message.split_whitespace().next().filter(is_known).map(str::to_owned);
        let value = key.as_ref().and_then(|key| Some((key, self.said.find_value(key).ok()?)));
        let source = value.and_then(|(key, value)| self.source(key, &value));
        Problem { key, source, message, did_you_mean: None }
    }

    fn source(&self, key: &str, value: &Value) -> Option<String> {
        // A table, or a list, is where its first value is.
        let tag = match value {
            Value::Dict(_, inner) => inner.values().next().map_or_else(|| value.tag(), Value::tag),
            _ => value.tag(),
        };
        self.said.get_metadata(tag).map(|metadata| place(key, metadata))
    }
}

fn place(key: &str, metadata: &Metadata) -> String {
    match &metadata.source {
        Some(source) if source.file_path().is_some() => source.to_string(),
        _ if metadata.name.contains("environment") => format!("MAILWRIGHT_{}", key.replace('.', "__").to_uppercase()),
        _ => format!("--{}", key.replace('_', "-")),
    }
}

/// Every setting there is.
fn keys() -> Vec<String> {
    fn collect(table: &Dict, path: &str, into: &mut Vec<String>) {
        for (name, value) in table {
            let key = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match value {
                Value::Dict(_, inner) => collect(inner, &key, into),
                _ => into.push(key),
            }
        }
    }
    let mut keys = vec![];
    collect(&dict(&defaults()), "", &mut keys);
    keys
}

/// The setting that somebody has meant: the nearest one in its letters, or one of that name in another table.
fn meant(key: &str) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let away = |known: &String| match strsim::damerau_levenshtein(key, known) {
        _ if last(known) == last(key) => 0,
        distance => distance.min(strsim::damerau_levenshtein(&last(key), &last(known)) + 1),
    };
    let near = |known: &String| away(known) <= FAR.min(last(key).chars().count() / 2);
    keys().into_iter().filter(near).min_by_key(away)
}

fn unreadable(error: &figment::Error) -> Problem {
    let source = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(source) => source.to_string(),
        None => metadata.name.to_string(),
    });
    let key = Some(error.path.join(".")).filter(|key| !key.is_empty());
    let text = match &error.kind {
        error::Kind::MissingField(field) => format!("{field} is missing"),
        kind => one_line(&kind.to_string()),
    };
    let message = key.as_ref().map_or_else(|| text.clone(), |key| format!("{key}: {text}"));
    Problem { key, source, message, did_you_mean: None }
}

/// What is wrong with a value. What was said for an account or a key is not repeated: it may be a secret in the wrong place.
fn told(key: &str, error: &figment::Error) -> String {
    let whole = error.path.join(".");
    let key = if whole.starts_with(key) { &whole } else { key };
    let is_of_account = key.starts_with("accounts");
    match &error.kind {
        error::Kind::InvalidType(..) | error::Kind::InvalidValue(..) | error::Kind::Message(_)
            if key.starts_with("dns.keys") =>
        {
            format!(
                "{key} has a value of another kind than it takes: name and algorithm are texts, transfer is true or false, and secret is {{ file = \"…\" }}, {{ env = \"…\" }} or {{ credential = \"…\" }} and nothing else"
            )
        }
        _ if key.starts_with("probe.password") => {
            "probe.password is { file = \"…\" }, { env = \"…\" } or { credential = \"…\" } and nothing else".to_owned()
        }
        error::Kind::InvalidType(_, expected) | error::Kind::InvalidValue(_, expected) if is_of_account => {
            format!(
                "{key} has a value of another kind than {expected}; `mailwright accounts kinds` says what each field takes"
            )
        }
        error::Kind::Message(_) if is_of_account => format!(
            "{key} has a field that cannot be read: a value is a text, a number or a list, and a secret is {{ file = \"…\" }}, {{ env = \"…\" }} or {{ credential = \"…\" }} and nothing else"
        ),
        error::Kind::Message(text) if text.contains("Amount") => {
            format!("{key} is not an amount; write whole cents, such as 100000")
        }
        kind => format!("{key}: {}", one_line(&kind.to_string())),
    }
}

/// A parser's drawing of the place as one sentence.
fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|')).collect();
    lines.join(": ").replace("^: ", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(toml: &str) -> Vec<Problem> {
        read(&Figment::from(Toml::string(toml)), vec![]).expect_err("problems")
    }

    #[test]
    fn everything_is_told_together_and_a_wrong_value_hides_nothing() {
        let toml = "listenn = \"x\"\nlisten = 5\nengine = 7\n[rate_limit]\nper_minute = \"lots\"\n[sizing]\nmax_domains = 9999\n[databse]\nconnections = 1";
        let mut found: Vec<_> = problems(toml).into_iter().map(|one| (one.key.unwrap(), one.did_you_mean)).collect();
        found.sort();
        let keys =
            ["databse.connections", "engine", "listen", "listenn", "rate_limit.per_minute", "sizing.max_domains"];
        assert_eq!(found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), keys);
        assert_eq!((found[0].1.as_deref(), found[3].1.as_deref()), (Some("database.connections"), Some("listen")));
    }

    #[test]
    fn what_was_said_of_an_account_is_not_repeated() {
        for (toml, words) in [
            ("accounts = \"geheim\"", "accounts"),
            ("[accounts]\nnames = \"geheim\"", "accounts.names"),
            ("[accounts.names]\nkind = \"namecom\"\ntoken = { fil = \"geheim\" }", "a secret is { file"),
            ("[accounts.names]\nkind = \"namecom\"\nday_cap_cents = \"geheim\"", "accounts.names.day_cap_cents"),
            ("[dns]\nkeys = \"geheim\"", "dns.keys"),
            ("[dns.keys]\nsecond = \"geheim\"", "dns.keys.second"),
            ("[dns.keys.second]\nsecret = \"geheim\"", "secret is { file"),
            ("[dns.keys.second]\nsecret = { fil = \"geheim\" }", "fil"),
            ("[probe]\npassword = \"geheim\"", "probe.password"),
            ("[probe.password]\nfil = \"geheim\"", "probe.password is { file"),
            ("[probe.password]\nfile = 17", "probe.password is { file"),
        ] {
            let told: Vec<_> = problems(toml).iter().map(Problem::sentence).collect();
            assert!(told[0].contains(words) && !told[0].contains("geheim"), "{told:?}");
        }
        let told = problems("[live]\nday_cap_cents = 1.5")[0].sentence();
        assert!(told.contains("live.day_cap_cents is not an amount"), "{told}");
    }

    #[test]
    fn what_may_be_meant_is_near_or_has_the_same_name_elsewhere() {
        for (written, expected) in [
            ("listne", Some("listen")),
            ("engine.step", Some("engine.steps")),
            ("per_minute", Some("rate_limit.per_minute")),
            ("rate_limits.per_minute", Some("rate_limit.per_minute")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(meant(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn what_cannot_be_begins_with_its_setting() {
        let mut config = read(&Figment::new(), vec![]).unwrap();
        for text in [&mut config.listen, &mut config.operator_listen, &mut config.public_url, &mut config.log] {
            *text = "?".to_owned();
        }
        config.database_url = "?".into();
        config.trusted_proxies = vec!["?".into()];
        config.doctor.time_url = "?".into();
        config.traces.endpoint = "?".into();
        config.traces.sample_ratio = 7.0;
        let known = keys();
        for problem in config.problems() {
            let first = problem.split_whitespace().next().unwrap();
            assert!(known.iter().any(|key| key == first), "{problem}");
        }
    }
}

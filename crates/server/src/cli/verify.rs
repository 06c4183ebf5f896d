//! `mailwright webhooks verify`: says which mistake was made.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use engine::diagnosis::{Diagnosis, Received, diagnose};
use engine::signature::TOLERANCE;
use model::clock::{Clock as _, SystemClock};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{Common, Fail, out};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A header as it was received, such as "Peeker-Timestamp: 1778241600"; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// A file with all headers, one a line or as a JSON object
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
    /// The file with the raw body [default: standard input]
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// The endpoint's secret, whsec_…; repeat it to find out which of several it is
    #[arg(long, value_name = "SECRET", required_unless_present = "secret_file")]
    secret: Vec<String>,
    /// A file with the secret, or with several, one a line: what stands on the command line can be seen by others
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// How far the timestamp may be away from this machine's clock, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = TOLERANCE, value_parser = clap::value_parser!(i64).range(0..))]
    tolerance: i64,
}

pub(super) fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let mut headers = vec![];
    if let Some(file) = &options.headers_file {
        headers.extend(read_headers(&text_of(file)?)?);
    }
    for line in &options.headers {
        headers.extend(read_headers(line)?);
    }
    let received = Received { headers, body: body(options.body_file.as_deref())? };
    let mut secrets = options.secret.clone();
    if let Some(file) = &options.secret_file {
        secrets.extend(text_of(file)?.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()));
    }
    if secrets.is_empty() {
        secrets.push(String::new());
    }
    let secrets: Vec<_> = secrets.into_iter().map(SecretString::from).collect();
    let diagnosis = diagnose(&received, &secrets, SystemClock.now(), options.tolerance);
    out::either(common.format, &diagnosis, || in_words(&diagnosis))?;
    match (diagnosis.good, diagnosis.fresh) {
        (true, true) => Ok(()),
        (true, false) => Err(Fail::failed("the signature is good, the timestamp is not near enough")),
        (false, _) => Err(Fail::failed("the signature does not fit")),
    }
}

/// The verdict, as the last line.
fn verdict(diagnosis: &Diagnosis) -> String {
    let age = diagnosis.notes.iter().find_map(|note| match note.code {
        "timestamp_old" => Some(("too old", note)),
        "timestamp_ahead" => Some(("too far ahead", note)),
        _ => None,
    });
    match (diagnosis.good, age) {
        (true, None) => "good".into(),
        (true, Some((how, note))) => format!("the signature is good, the timestamp is {how}: {}", note.message),
        (false, _) => "not good".into(),
    }
}

fn in_words(diagnosis: &Diagnosis) -> String {
    let mut lines = vec![];
    for scheme in &diagnosis.schemes {
        if scheme.good {
            lines.push(format!("{}: good", scheme.header));
        }
        if !scheme.mistaken.is_empty() {
            lines.push("  if your code makes one of these, it makes this mistake:".into());
            lines.extend(scheme.mistaken.iter().map(|one| format!("  {}  {}", one.value, one.how)));
        }
        for mistake in &scheme.mistakes {
            lines.push(format!("{}: {} ({})", scheme.header, mistake.message, mistake.code));
        }
        if let Some(expected) = &scheme.expected {
            lines.push(format!("{}: with this secret, over this body, it would be {expected}", scheme.header));
        }
    }
    lines.extend(diagnosis.notes.iter().map(|note| format!("note: {} ({})", note.message, note.code)));
    lines.push(verdict(diagnosis));
    lines.join("\n")
}

/// The text of a file.
pub(super) fn text_of(file: &Path) -> Result<String, Fail> {
    std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Fail {
    Fail::refused(format!("{} cannot be read: {error}", file.display()))
}

fn body(file: Option<&Path>) -> Result<Vec<u8>, Fail> {
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => std::fs::read(file).map_err(|error| unreadable(file, &error)),
        None => {
            let mut body = vec![];
            std::io::stdin().lock().read_to_end(&mut body)?;
            Ok(body)
        }
    }
}

/// Headers as people have them: a line each, with or without the marks of `curl -v`, or a JSON object.
fn read_headers(text: &str) -> Result<Vec<(String, String)>, Fail> {
    if text.trim_start().starts_with('{') {
        let map: Map<String, Value> = serde_json::from_str(text)
            .map_err(|error| Fail::refused(format!("the headers are not a JSON object: {error}")))?;
        return Ok(map.iter().map(|(name, value)| (name.clone(), value_of(value))).collect());
    }
    let lines = text.lines().map(|line| line.trim_start_matches(['<', '>']).trim());
    let lines = lines.filter(|line| !line.is_empty() && !line.contains(" HTTP/") && !line.starts_with("HTTP/"));
    lines.map(header).collect()
}

/// Some frameworks keep a list of values for each header.
fn value_of(value: &Value) -> String {
    let first = value.as_array().and_then(|values| values.first()).unwrap_or(value);
    first.as_str().map_or_else(|| first.to_string(), str::to_owned)
}

fn header(line: &str) -> Result<(String, String), Fail> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| Fail::refused(format!("{line:?} is not a header; write it as \"Name: value\"")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_people_have_them() {
        let expected = [("Peeker-Timestamp".to_owned(), "7".to_owned()), ("X-Y".to_owned(), "a: b".to_owned())];
        for text in [
            "Peeker-Timestamp: 7\nX-Y: a: b",
            "POST /hooks HTTP/1.1\r\nPeeker-Timestamp:7\r\nX-Y:a: b\r\n\r\n",
            "> Peeker-Timestamp: 7\n> X-Y: a: b\n>\n",
            r#"{"Peeker-Timestamp": 7, "X-Y": ["a: b"]}"#,
        ] {
            assert_eq!(read_headers(text).unwrap(), expected, "{text}");
        }
        assert!(read_headers("nothing").is_err() && read_headers("{").is_err());
    }
}

//! Programs that ask: what they are told to, and what they understood.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// What a program understood of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Understood {
    /// `NOERROR` and so on; empty where there was no answer that it could read.
    pub(crate) status: String,
    /// Those of `aa tc ra ad cd` that are set.
    pub(crate) flags: Vec<String>,
    /// What it says about EDNS, without what each server decides for itself.
    pub(crate) edns: Option<String>,
    /// The records of the first two sections, without order and without the letters' size.
    pub(crate) records: Vec<String>,
}

/// Asks with a program in the manner of dig.
pub(crate) fn ask(program: &Path, server: SocketAddr, arguments: &[&str]) -> Understood {
    let mut command = Command::new(program);
    let is_drill = program.ends_with("drill");
    if is_drill {
        command.args(["-p", &server.port().to_string(), &format!("@{}", server.ip())]);
    } else {
        command.args([&format!("@{}", server.ip()), "-p", &server.port().to_string()]);
        command.args(["+norec", "+time=5", "+retry=0"]);
    }
    let output = command.args(arguments).output().expect("the program starts");
    understood(&String::from_utf8_lossy(&output.stdout))
}

fn understood(text: &str) -> Understood {
    let mut found = Understood::default();
    let mut section = "";
    for line in text.lines() {
        let lower = line.to_ascii_lowercase();
        if let Some((_, status)) = line.split_once("status: ").or_else(|| line.split_once("rcode: ")) {
            found.status = status.split([',', ';']).next().unwrap_or_default().trim().to_ascii_uppercase();
        }
        if let Some((_, flags)) = lower.split_once("flags: ").filter(|_| lower.contains("query: ")) {
            let flags = flags.split([';', ',']).next().unwrap_or_default().split_whitespace();
            let known = ["aa", "tc", "ra", "ad", "cd"];
            found.flags = flags.filter(|flag| known.contains(flag)).map(ToOwned::to_owned).collect();
        }
        if let Some((_, edns)) = lower.split_once("edns: version: ").or_else(|| lower.split_once("edns pseudosection"))
        {
            let is_do = lower.contains("flags: do") || lower.contains("flags: do;");
            found.edns = Some(format!(
                "{}{}",
                edns.split([',', ';']).next().unwrap_or_default(),
                if is_do { " do" } else { "" }
            ));
        }
        if line.starts_with(";;") {
            section = ["answer section", "authority section"].into_iter().find(|one| lower.contains(one)).unwrap_or("");
        } else if !section.is_empty() && !line.is_empty() && !line.starts_with(';') {
            found.records.push(record(line));
        }
    }
    found.records.sort();
    found
}

/// A record as all programs would write it: names in small letters, one blank between words.
fn record(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_text = words.get(3).is_some_and(|rtype| ["TXT", "CAA"].contains(rtype));
    let (head, rest) = words.split_at(if is_text { 4 } else { words.len() });
    [vec![head.join(" ").to_ascii_lowercase()], vec![rest.join(" ")]].concat().join(" ").trim_end().to_owned()
}

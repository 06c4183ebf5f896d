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

/// Asks with a program, once.
pub(crate) fn ask(program: &Path, server: SocketAddr, arguments: &[&str]) -> Understood {
    understood(&output(program, server, arguments))
}

/// Asks many things over TCP, in one process where the program can: one is started for a hundred questions as fast as for
/// one.
pub(crate) fn ask_all(program: &Path, server: SocketAddr, questions: &[(String, &str)]) -> Vec<Understood> {
    if program.ends_with("drill") {
        return questions.iter().map(|(name, rtype)| ask(program, server, &["-t", name, rtype])).collect();
    }
    let mut arguments = vec!["+tcp", "+noedns"];
    arguments.extend(questions.iter().flat_map(|(name, rtype)| [name.as_str(), rtype]));
    let text = output(program, server, &arguments);
    let all: Vec<_> = text.split(HEAD).skip(1).map(|one| understood(&format!("{HEAD}{one}"))).collect();
    assert_eq!(all.len(), questions.len(), "every question is answered: {text}");
    all
}

/// What an answer begins with.
const HEAD: &str = ";; ->>HEADER<<-";

fn output(program: &Path, server: SocketAddr, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    if program.ends_with("drill") {
        command.args(["-p", &server.port().to_string(), &format!("@{}", server.ip())]);
    } else {
        command.args([&format!("@{}", server.ip()), "-p", &server.port().to_string()]);
        command.args(["+norec", "+time=5", "+retry=0"]);
    }
    let output = command.args(arguments).output().expect("the program starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
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

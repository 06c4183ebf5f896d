//! dig, as a witness of what a server serves.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use async_trait::async_trait;
use model::dns::{Data, RrType, joined};
use providers::call::Call;
use providers::roles::{Fetched, Observer};
use providers::trouble::Trouble;

use super::program;

/// Asks one server.
pub(crate) struct Dig {
    dig: PathBuf,
    server: SocketAddr,
}

impl Dig {
    /// One that asks this server; `None` where it is not installed.
    pub(crate) fn of(server: SocketAddr) -> Option<Self> {
        Some(Self { dig: program("dig", "bind9-dnsutils")?, server })
    }

    /// The lines that it prints of an answer: owner, TTL, class, type, value.
    pub(crate) fn lines(&self, name: &str, rtype: &str) -> Vec<String> {
        let (ip, port) = (format!("@{}", self.server.ip()), self.server.port().to_string());
        let options = ["+norecurse", "+noall", "+answer", "+tries=2", "+time=5"];
        let mut dig = Command::new(&self.dig);
        let output = dig.args([&ip, "-p", &port]).args(options).args([name, rtype]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().filter(|line| !line.is_empty() && !line.starts_with(';')).map(str::to_owned).collect()
    }

    /// The values of a set, as this program writes them.
    pub(crate) fn values(&self, name: &str, rtype: RrType) -> Vec<String> {
        let lines = self.lines(name, rtype.as_str());
        let mut values: Vec<_> = lines.iter().filter_map(|line| of_type(line, rtype)).collect();
        values.sort();
        values
    }
}

/// The value in a line, where it is of this type.
fn of_type(line: &str, rtype: RrType) -> Option<String> {
    let (mut rest, mut words) = (line, vec![]);
    for _ in 0..4 {
        let (word, after) = rest.split_once(char::is_whitespace)?;
        words.push(word);
        rest = after.trim_start();
    }
    (words[3] == rtype.as_str()).then(|| plain(rtype, rest))
}

fn plain(rtype: RrType, value: &str) -> String {
    match Data::parse(rtype, value).unwrap() {
        Data::Txt(_) => joined(value),
        Data::Caa(flags, tag, value) => format!("{flags} {tag} \"{value}\""),
        _ => value.trim_end_matches('.').to_ascii_lowercase(),
    }
}

/// What the server says, as the suite of a DNS host looks at it: a server that does not serve a zone serves nothing of it.
#[async_trait]
impl Observer for Dig {
    async fn dns(&self, _call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        Ok(self.values(name, rtype))
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn fetch(&self, _call: &Call, _url: &str, _limit: usize) -> Result<Fetched, Trouble> {
        Err(Trouble::Later(None))
    }
}

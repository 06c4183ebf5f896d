//! What the configuration says of our own redirect servers, and of whoever makes their certificates.

use std::net::SocketAddr;
use std::path::PathBuf;

use edge::redirect::Manner;
use model::redirect::Status;
use providers::all::embedded_redirect;
use serde::Deserialize;
use url::{Host, Url};

/// See the table `redirect` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct RedirectConfig {
    pub http_listen: Vec<String>,
    pub https_listen: Vec<String>,
    pub status: u16,
    pub keep_path: bool,
    pub hsts_seconds: u32,
}

/// See the table `acme` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct AcmeConfig {
    pub directory: String,
    pub contact: String,
    pub terms_agreed: bool,
    pub root_file: PathBuf,
    pub in_flight: u32,
    pub orders: u32,
    pub per_minutes: i64,
}

impl RedirectConfig {
    /// How sites lead on.
    #[must_use]
    pub fn manner(&self) -> Manner {
        let status = if self.status == Status::Found.code() { Status::Found } else { Status::Moved };
        let hsts = Some(self.hsts_seconds).filter(|seconds| *seconds > 0);
        Manner { status, keeps_path: self.keep_path, hsts }
    }

    /// What is wrong with it, each sentence beginning with its setting; and whether any account has sites to be led on.
    pub(crate) fn problems(&self, mut kinds: impl Iterator<Item = String>, acme: &AcmeConfig) -> Vec<String> {
        let lists = [("redirect.http_listen", &self.http_listen), ("redirect.https_listen", &self.https_listen)];
        let wrong = lists.iter().flat_map(|(key, list)| list.iter().map(move |text| (key, text)));
        let wrong = wrong.filter(|(_, text)| text.parse::<SocketAddr>().is_err());
        let mut problems: Vec<_> = wrong
            .map(|(key, text)| {
                format!("{key} has {text:?}, which is not an address with a port; write it as 192.0.2.1:80")
            })
            .collect();
        let set = lists.iter().find(|(_, list)| !list.is_empty());
        if let Some((key, _)) = set.filter(|_| !kinds.any(|kind| kind == embedded_redirect::NAME)) {
            problems.push(format!(
                "{key} is set, and there is no account of kind {} whose sites could be led on there",
                embedded_redirect::NAME
            ));
        }
        if ![301, 302].contains(&self.status) {
            problems.push(format!("redirect.status = {} is neither 301 nor 302", self.status));
        }
        if !self.https_listen.is_empty() && acme.directory.is_empty() {
            problems.push(
                "redirect.https_listen is set, and acme.directory is not: there would be no certificate to show; set it, or leave out redirect.https_listen"
                    .into(),
            );
        }
        problems
    }
}

impl AcmeConfig {
    /// What is wrong with it, each sentence beginning with its setting.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = vec![];
        if !self.directory.is_empty() {
            if !is_https(&self.directory) {
                problems.push(
                    "acme.directory is not an address that begins with https://; write it as https://acme-v02.api.letsencrypt.org/directory"
                        .into(),
                );
            }
            if !self.terms_agreed {
                problems.push(
                    "acme.terms_agreed is false: the authority makes no certificates for whoever has not agreed to its terms; read them, and set it to true"
                        .into(),
                );
            }
        }
        if !self.contact.is_empty() && !self.contact.split_once('@').is_some_and(|(_, domain)| domain.contains('.')) {
            problems.push(format!(
                "acme.contact = {:?} is not an address of e-mail; write it as certificates@example.com",
                self.contact
            ));
        }
        let numbers = [
            ("acme.in_flight", i64::from(self.in_flight), 1, 1_000),
            ("acme.orders", i64::from(self.orders), 1, 1_000_000),
            ("acme.per_minutes", self.per_minutes, 1, 100_000),
        ];
        let wrong = numbers.into_iter().filter(|(_, value, least, most)| !(*least..=*most).contains(value));
        problems.extend(
            wrong.map(|(key, value, least, most)| format!("{key} = {value} is out of range; use {least} to {most}")),
        );
        problems
    }
}

/// What is wrong with where the sandbox's sites are led on, and with who makes their certificates: both are for whoever sits at this
/// machine.
pub(crate) fn sandbox_problems(http_listen: &str, https_listen: &str, directory: &str) -> Vec<String> {
    let lists = [
        ("sandbox.redirect_listen", http_listen, "127.0.0.1:8081"),
        ("sandbox.https_listen", https_listen, "127.0.0.1:8443"),
    ];
    let is_here = |text: &str| text.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    let wrong = lists.into_iter().filter(|(_, text, _)| !text.is_empty() && !is_here(text));
    let mut problems: Vec<_> = wrong
        .map(|(key, text, example)| {
            format!("{key} = {text:?} is not an address of this machine alone with a port; write it as {example}")
        })
        .collect();
    let is_own = is_https(directory) && is_of_this_machine(directory);
    if !directory.is_empty() && !is_own {
        problems.push(
            "sandbox.acme_directory is not an authority on this machine, and others make no certificates of names that nobody has bought; write it as https://localhost:14000/dir"
                .into(),
        );
    }
    problems
}

fn is_https(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.host().is_some())
}

fn is_of_this_machine(text: &str) -> bool {
    match Url::parse(text).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

//! At which authority certificates are ordered, and in which ways it may look.

use std::path::PathBuf;

use edge::redirect::{ChallengeKind, Settings};
use model::certificate::Limits;
use model::clock::MINUTE;

use crate::config::Config;

/// In the data folder, the certificate of who signs the sandbox's certificates, for those who are to trust them.
pub const ROOT_FILE: &str = "sandbox-root.pem";

/// What is asked of an authority on this machine: it has no budget, and bounds only what is under way.
pub(super) const ON_THIS_MACHINE: Limits = Limits { in_flight: 16, orders: 1_000_000, per: MINUTE };

/// Who makes certificates.
pub(super) enum Ordering {
    /// An authority.
    At(Box<Ordered>),
    /// We ourselves; who is to trust us finds our root in this file.
    Own(PathBuf),
}

/// At which authority certificates are ordered.
pub(super) struct Ordered {
    /// The setting that says so.
    pub(super) key: &'static str,
    /// How the authority gets to know us.
    pub(super) settings: Settings,
    /// What it allows.
    pub(super) limits: Limits,
}

impl Ordering {
    /// For the sites of accounts; `None` where nobody would be shown a certificate.
    pub(super) fn own(config: &Config) -> Result<Option<Self>, String> {
        let (said, redirect) = (&config.acme, &config.redirect);
        if said.directory.is_empty() || redirect.https_listen.is_empty() {
            return Ok(None);
        }
        let settings = Settings {
            directory: said.directory.clone(),
            contact: Some(said.contact.clone()).filter(|contact| !contact.is_empty()),
            terms_agreed: said.terms_agreed,
            challenges: ways(!redirect.http_listen.is_empty()),
            root: root("acme.root_file", &said.root_file)?,
        };
        let limits = Limits { in_flight: said.in_flight, orders: said.orders, per: said.per_minutes * MINUTE };
        Ok(Some(Self::At(Box::new(Ordered { key: "acme.directory", settings, limits }))))
    }

    /// For the sandbox's sites: an authority of this machine, which makes certificates of anything, or ourselves.
    pub(super) fn of_sandbox(config: &Config) -> Result<Option<Self>, String> {
        let said = &config.sandbox;
        if said.https_listen.is_empty() {
            return Ok(None);
        }
        if said.acme_directory.is_empty() {
            return Ok(Some(Self::Own(config.data.join(ROOT_FILE))));
        }
        let settings = Settings {
            directory: said.acme_directory.clone(),
            contact: None,
            terms_agreed: true,
            challenges: ways(!said.redirect_listen.is_empty()),
            root: root("sandbox.acme_root_file", &said.acme_root_file)?,
        };
        let limits = ON_THIS_MACHINE;
        Ok(Some(Self::At(Box::new(Ordered { key: "sandbox.acme_directory", settings, limits }))))
    }
}

/// What keeps certificates from being ordered, in a sentence that begins with its setting; the files that the configuration names are
/// looked at.
pub(crate) fn fault(config: &Config) -> Option<String> {
    [Ordering::own(config), Ordering::of_sandbox(config)].into_iter().find_map(Result::err)
}

/// Where nobody listens over HTTP, nobody looks there.
fn ways(has_http: bool) -> Vec<ChallengeKind> {
    if has_http { vec![ChallengeKind::Http01, ChallengeKind::TlsAlpn01] } else { vec![ChallengeKind::TlsAlpn01] }
}

fn root(key: &str, file: &std::path::Path) -> Result<Option<String>, String> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    let todo = "put there, in PEM, who has signed the authority's own certificate, or leave it out";
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{key} = {} cannot be read: {error}; {todo}", file.display()))?;
    match reqwest::Certificate::from_pem_bundle(text.as_bytes()) {
        Ok(found) if !found.is_empty() => Ok(Some(text)),
        _ => Err(format!("{key} = {} has no certificate; {todo}", file.display())),
    }
}

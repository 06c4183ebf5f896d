//! A site: one domain's web address, and where it leads.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::dns::hostname;
use crate::named::named;

/// The longest address that a site may lead to, in bytes: with a path that is kept it still is a header that everybody reads.
const LONGEST_TARGET: usize = 2_048;

named! {
    /// How it is said that an address leads on (RFC 9110 §15.4).
    pub enum Status {
        /// For good: 301.
        Moved "moved",
        /// For now: 302.
        Found "found",
    }
}

impl Status {
    /// The number, 301 or 302.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Moved => 301,
            Self::Found => 302,
        }
    }
}

/// A site: the web address of a domain and that of its `www`, which lead to the same place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The domain, in lower-case A-labels without the last dot. `www` before it is meant too.
    pub host: String,
    /// Where it leads: an absolute address, `http` or `https`, without a user.
    pub target: String,
    /// How that is said.
    pub status: Status,
    /// Whether the path and the query that somebody asked for go along.
    pub keeps_path: bool,
    /// For how many seconds browsers are told to come over HTTPS only (RFC 6797 §6.1.1); `None`: they are told nothing.
    pub hsts: Option<u32>,
}

/// Why a site cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFault {
    /// The site.
    pub host: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for SiteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.reason)
    }
}

impl std::error::Error for SiteFault {}

/// What is wrong with a site that nobody would ever get out of.
const ITSELF: &str = "the target is the site itself";

impl Site {
    /// Both of its names: the domain, and `www` before it.
    #[must_use]
    pub fn names(host: &str) -> [String; 2] {
        [host.to_owned(), format!("www.{host}")]
    }

    /// Whether an address leads from a domain's web address to that very address.
    #[must_use]
    pub fn leads_to_itself(host: &str, target: &str) -> bool {
        let target = Url::parse(target).ok();
        let target = target.as_ref().and_then(Url::host_str).map(|host| host.trim_end_matches('.'));
        Self::names(host).iter().any(|name| Some(name.as_str()) == target)
    }

    /// Where it leads, once it is certain that it can be served.
    ///
    /// # Errors
    /// What is wrong with it, first of all that it would lead to itself.
    pub fn check(&self) -> Result<Url, SiteFault> {
        self.target_of().map_err(|reason| SiteFault { host: self.host.clone(), reason })
    }

    fn target_of(&self) -> Result<Url, &'static str> {
        let names = Self::names(&self.host);
        if names.iter().any(|name| hostname(name).as_ref() != Some(name)) {
            return Err("the host is no name in lower-case letters, digits and hyphens that is short enough");
        }
        if self.target.len() > LONGEST_TARGET {
            return Err("the target is longer than 2048 bytes");
        }
        let target = Url::parse(&self.target).map_err(|_| "the target is no absolute address")?;
        if !matches!(target.scheme(), "http" | "https") {
            return Err("the target is not http or https");
        }
        if !target.username().is_empty() || target.password().is_some() {
            return Err("the target has a user in it");
        }
        let Some(host) = target.host_str() else { return Err("the target has no host") };
        if names.iter().any(|name| name == host.trim_end_matches('.')) {
            return Err(ITSELF);
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(host: &str, target: &str) -> Site {
        Site { host: host.into(), target: target.into(), status: Status::Moved, keeps_path: true, hsts: None }
    }

    #[test]
    fn a_site_that_leads_elsewhere_can_be_served() {
        for target in
            ["https://acme.com", "http://acme.com:8080/a?b=c#d", "https://xn--bcher-kva.example/", "https://[::1]/"]
        {
            assert!(site("team-acme.com", target).check().is_ok(), "{target}");
        }
        assert_eq!(
            site("team-acme.com", "https://bücher.example").check().unwrap().as_str(),
            "https://xn--bcher-kva.example/"
        );
    }

    #[test]
    fn a_site_that_cannot_be_served_is_refused_with_a_reason() {
        let long = format!("https://acme.com/{}", "a".repeat(LONGEST_TARGET));
        for (host, target, said) in [
            ("team-acme.com", "acme.com", "no absolute address"),
            ("team-acme.com", "javascript:alert(1)", "not http"),
            ("team-acme.com", "ftp://acme.com", "not http"),
            ("team-acme.com", "https://user:word@acme.com", "a user"),
            ("team-acme.com", "https://team-acme.com/elsewhere", "itself"),
            ("team-acme.com", "http://WWW.team-acme.com.", "itself"),
            ("team-acme.com", &long, "longer"),
            ("Team-Acme.com", "https://acme.com", "lower-case"),
            ("team-acme.com.", "https://acme.com", "lower-case"),
            ("*.team-acme.com", "https://acme.com", "lower-case"),
            ("team acme.com", "https://acme.com", "lower-case"),
            ("", "https://acme.com", "lower-case"),
        ] {
            let fault = site(host, target).check().unwrap_err();
            assert!(fault.reason.contains(said), "{host} to {target}: {fault}");
        }
    }
}

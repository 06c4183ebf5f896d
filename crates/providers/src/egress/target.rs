//! The check of a URL as written, when it is configured and again before each use.

use std::net::IpAddr;

use model::public_address::{Reach, is_public_name};
use model::world::Environment;
use url::{Host, Url};

/// Whose address it is, and so how far it may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A live key's: https to public addresses.
    Live,
    /// A test key's: plain http will do too.
    Sandbox,
    /// A test key's on a development server: this machine will do too.
    Development,
    /// The operator's own, written into the configuration: it may be anywhere.
    Operator,
}

impl Trust {
    /// What the addresses of an environment's keys may reach.
    #[must_use]
    pub const fn of(environment: Environment, development: bool) -> Self {
        match (environment, development) {
            (Environment::Live, _) => Self::Live,
            (Environment::Test, false) => Self::Sandbox,
            (Environment::Test, true) => Self::Development,
        }
    }

    pub(super) const fn reach(self) -> Reach {
        match self {
            Self::Live | Self::Sandbox => Reach::Public,
            Self::Development => Reach::PublicAndLoopback,
            Self::Operator => Reach::Anywhere,
        }
    }

    pub(super) const fn https_only(self) -> bool {
        matches!(self, Self::Live)
    }
}

/// The longest URL we take, in characters.
const MAX_CHARS: usize = 2048;

/// What is wrong with a URL, in words for the person who entered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// More than 2048 characters.
    #[error("the URL is longer than {MAX_CHARS} characters")]
    TooLong,
    /// Not a URL, or one without a host.
    #[error("the URL is not a valid absolute address with a host")]
    Malformed,
    /// Plain http, or something else altogether.
    #[error("the URL must begin with https://; for test keys http:// will do as well")]
    Scheme,
    /// A name or a password before the host: it would be stored and shown in clear.
    #[error("the URL must not contain a user name or a password")]
    UserInfo,
    /// This machine or a private network.
    #[error("the URL does not point to a public address")]
    NotPublic,
}

/// Checks a URL without any network; a name is looked up, and its addresses are checked, when it is used.
///
/// Keep the
/// URL that is returned: it is the one that was checked, with the odd spellings of hosts and addresses undone.
///
/// # Errors
/// The first fault found.
pub fn check_url(url: &str, trust: Trust) -> Result<Url, UrlFault> {
    if url.chars().count() > MAX_CHARS {
        return Err(UrlFault::TooLong);
    }
    let url = Url::parse(url).map_err(|_| UrlFault::Malformed)?;
    if url.scheme() != "https" && (trust.https_only() || url.scheme() != "http") {
        return Err(UrlFault::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::UserInfo);
    }
    let host = url.host().ok_or(UrlFault::Malformed)?;
    if !host_admitted(&host, trust.reach()) {
        return Err(UrlFault::NotPublic);
    }
    Ok(url)
}

fn host_admitted(host: &Host<&str>, reach: Reach) -> bool {
    match host {
        Host::Ipv4(ip) => reach.admits(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => reach.admits(IpAddr::V6(*ip)),
        // Where this machine may be meant, an inner name is looked up, and stopped when it leads elsewhere.
        Host::Domain(name) => reach != Reach::Public || is_public_name(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: [(&str, UrlFault); 24] = [
        ("", UrlFault::Malformed),
        ("example.com/hook", UrlFault::Malformed),
        ("https://", UrlFault::Malformed),
        ("https://exa mple.com/", UrlFault::Malformed),
        ("http://example.com/", UrlFault::Scheme),
        ("ftp://example.com/", UrlFault::Scheme),
        ("file:///etc/passwd", UrlFault::Scheme),
        ("https://user@example.com/", UrlFault::UserInfo),
        ("https://:secret@example.com/", UrlFault::UserInfo),
        ("https://example.com@127.0.0.1/", UrlFault::UserInfo),
        ("https://127.0.0.1/", UrlFault::NotPublic),
        ("https://127.0.0.1./", UrlFault::NotPublic),
        ("https://2130706433/", UrlFault::NotPublic),
        ("https://0x7f.1/", UrlFault::NotPublic),
        ("https://0177.0.0.1/", UrlFault::NotPublic),
        ("https://①②⑦.0.0.1/", UrlFault::NotPublic),
        ("https://[::1]/", UrlFault::NotPublic),
        ("https://[::ffff:10.0.0.1]/", UrlFault::NotPublic),
        ("https://169.254.169.254/latest/meta-data", UrlFault::NotPublic),
        ("https://localhost/", UrlFault::NotPublic),
        ("https://LOCALHOST.:8443/", UrlFault::NotPublic),
        ("https://api.localhost/", UrlFault::NotPublic),
        ("https://metadata.google.internal/", UrlFault::NotPublic),
        ("https://168.63.129.16/", UrlFault::NotPublic),
    ];

    #[test]
    fn each_fault_is_found() {
        for (url, fault) in REFUSED {
            assert_eq!(check_url(url, Trust::Live), Err(fault), "{url}");
        }
    }

    #[test]
    fn the_sandbox_takes_plain_http_to_public_addresses_only() {
        assert!(check_url("http://example.com/hook", Trust::Sandbox).is_ok());
        assert_eq!(check_url("http://127.0.0.1/", Trust::Sandbox), Err(UrlFault::NotPublic));
        assert_eq!(check_url("http://localhost/", Trust::Sandbox), Err(UrlFault::NotPublic));
        assert!(check_url("http://localhost/", Trust::Development).is_ok());
    }

    #[test]
    fn public_targets_pass() {
        for url in ["https://example.com/hook?x=1#y", "https://8.8.8.8:8443/", "https://bücher.example/"] {
            assert!(check_url(url, Trust::Live).is_ok(), "{url}");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        let url = |chars: usize| format!("https://example.com/{}", "ü".repeat(chars - 20));
        assert!(check_url(&url(MAX_CHARS), Trust::Live).is_ok());
        assert_eq!(check_url(&url(MAX_CHARS + 1), Trust::Live), Err(UrlFault::TooLong));
    }

    #[test]
    fn a_development_server_may_talk_to_itself_and_not_to_its_network() {
        for url in ["http://localhost:3000/", "http://127.0.0.1/", "https://[::1]:9/", "http://example.com/"] {
            assert!(check_url(url, Trust::Development).is_ok(), "{url}");
        }
        assert_eq!(check_url("http://10.0.0.1/", Trust::Development), Err(UrlFault::NotPublic));
        assert_eq!(check_url("ftp://localhost/", Trust::Development), Err(UrlFault::Scheme));
    }
}

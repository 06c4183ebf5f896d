//! Web addresses that partners send: only such as anybody on the internet could open.
//!
//! Only what stands in the address is looked at. What a name resolves to is looked at when it is opened.

use std::net::IpAddr;

use model::public_address::{Reach, is_public_name};
use model::shown::is_hidden;
use model::world::Environment;
use url::{Host, Url};

use crate::body::Spot;

/// The most characters of an address.
const LONGEST: usize = 2_048;

/// What to do with events on the machine that one develops on.
const ON_YOUR_MACHINE: &str = "Send a public address; this one leads to the server's own machine. On your own machine use `mailwright listen --forward-to` with this address, or start the server with development = true.";

/// What is said of another scheme where the answer is for its owner only.
const ONLY_HTTPS: &str =
    "Send an address that begins with https://: webhooks of live keys go over nothing else. Test keys may use http://.";

/// Reads an address; `loopback` also lets in those of this machine.
pub(crate) fn read(spot: &Spot<'_>, loopback: bool) -> Option<String> {
    let text = spot.text(1..=LONGEST)?;
    kept_or_refused(spot, text, check(text, loopback))
}

/// The same for an address that gets what only its owner may read: over plain http only in the sandbox.
pub(crate) fn read_private(spot: &Spot<'_>, environment: Environment, loopback: bool) -> Option<String> {
    let text = spot.any_text()?;
    kept_or_refused(spot, text, check_private(text, environment, loopback))
}

fn kept_or_refused(spot: &Spot<'_>, text: &str, checked: Result<(), &str>) -> Option<String> {
    match checked {
        Ok(()) => Some(text.to_owned()),
        Err(message) => spot.refuse(message),
    }
}

fn check(text: &str, loopback: bool) -> Result<(), &'static str> {
    if text.len() > LONGEST || text.contains(|letter: char| letter.is_whitespace() || is_hidden(letter)) {
        return Err("Send a web address of at most 2048 characters, without spaces and marks of writing direction.");
    }
    let url = Url::parse(text).map_err(|_| "Send a web address such as https://acme.com.")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("Send an address that begins with https:// or http://.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Send an address without user name and password.");
    }
    match url.host() {
        Some(host) if is_admitted(&host, loopback) => Ok(()),
        _ => Err("Send a public address; this one leads into a private network."),
    }
}

fn check_private(text: &str, environment: Environment, loopback: bool) -> Result<(), &'static str> {
    let is_here = Url::parse(text).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)));
    if is_here && environment == Environment::Test && !loopback {
        return Err(ON_YOUR_MACHINE);
    }
    let secure = Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    if environment == Environment::Live && !secure && text.contains("://") {
        return Err(ONLY_HTTPS);
    }
    check(text, loopback)
}

fn is_admitted(host: &Host<&str>, loopback: bool) -> bool {
    let reach = if loopback { Reach::PublicAndLoopback } else { Reach::Public };
    match host {
        Host::Domain(name) => is_public_name(name) || (loopback && is_loopback(host)),
        Host::Ipv4(ip) => reach.admits(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => reach.admits(IpAddr::V6(*ip)),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_pass() {
        for text in [
            "https://acme.com",
            "http://acme.com:8080/path?q=1#top",
            "https://bücher.de/é",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
        ] {
            assert_eq!(check(text, false), Ok(()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "acme.com",
            "//acme.com",
            "ftp://acme.com",
            "javascript:alert(1)",
            "https://user@acme.com",
            "https://user:pass@acme.com",
            "https://acme.com /x",
            "https://acme.com/\u{202e}gpj.exe",
            "https://\u{2066}acme.com",
            "http://localhost",
            "http://localhost.",
            "http://app.localhost",
            "http://intranet",
            "http://printer.local",
            "http://metadata.google.internal",
            "http://127.0.0.1",
            "http://0x7f.1",
            "http://2130706433",
            "http://10.1.2.3",
            "http://172.16.0.1",
            "http://192.168.1.1",
            "http://169.254.169.254",
            "http://100.64.0.1",
            "http://0.0.0.0",
            "http://[::1]",
            "http://[::ffff:10.0.0.1]",
            "http://[64:ff9b::7f00:1]",
            "http://[2002:7f00:1::]",
            "http://[fd00::1]",
            "http://[fe80::1]",
            "http://168.63.129.16",
            "http://192.88.99.1",
            "http://[3fff::1]",
            "http://[64:ff9b:1::1]",
            "http://[2001::1]",
        ] {
            assert!(check(text, false).is_err(), "{text}");
        }
        assert!(check(&format!("https://acme.com/{}", "x".repeat(LONGEST)), false).is_err());
    }

    #[test]
    fn what_is_private_goes_over_https_except_in_the_sandbox() {
        let check = |text, environment| check_private(text, environment, false).is_ok();
        assert!(check("https://acme.com/hooks", Environment::Live));
        assert!(!check("http://acme.com/hooks", Environment::Live));
        assert!(check("http://acme.com/hooks", Environment::Test));
        for text in ["http://acme.com/hooks", "ftp://acme.com/hooks"] {
            assert_eq!(check_private(text, Environment::Live, false), Err(ONLY_HTTPS), "{text}");
        }
        for text in ["https://127.0.0.1/hooks", "http://localhost:3000/hooks"] {
            assert_eq!(check_private(text, Environment::Test, false), Err(ON_YOUR_MACHINE), "{text}");
            assert_ne!(check_private(text, Environment::Live, false), Err(ON_YOUR_MACHINE), "{text}");
            assert_eq!(check_private(text, Environment::Test, true), Ok(()), "{text}");
        }
    }

    #[test]
    fn this_machine_is_let_in_only_when_asked_for() {
        for text in ["http://localhost:3000/hook", "http://127.0.0.1:1", "http://[::1]:1"] {
            assert_eq!(check(text, true), Ok(()), "{text}");
        }
        assert!(check("http://10.0.0.1", true).is_err());
    }
}

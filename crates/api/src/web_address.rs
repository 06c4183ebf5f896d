//! Web addresses that partners send: only such as anybody on the internet could open.
//!
//! Only what stands in the address is looked at. What a name resolves to is looked at when it is opened.

use std::net::Ipv4Addr;

use model::shown::is_hidden;
use model::world::Environment;
use url::{Host, Url};

use crate::body::Spot;

/// The most characters of an address.
const LONGEST: usize = 2_048;

/// What to do with events on the machine that one develops on.
const ON_YOUR_MACHINE: &str = "Send a public address; this one leads to the server's own machine. On your own machine use `mailwright listen --forward-to` with this address, or start the server with development = true.";

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
        Some(host) if is_public(&host) || (loopback && is_loopback(&host)) => Ok(()),
        _ => Err("Send a public address; this one leads into a private network."),
    }
}

fn check_private(text: &str, environment: Environment, loopback: bool) -> Result<(), &'static str> {
    let is_here = Url::parse(text).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)));
    if is_here && environment == Environment::Test && !loopback {
        return Err(ON_YOUR_MACHINE);
    }
    check(text, loopback)?;
    let plain = Url::parse(text).is_ok_and(|url| url.scheme() == "http");
    if plain && environment == Environment::Live { Err("Send an address that begins with https://.") } else { Ok(()) }
}

fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_public_name(name.strip_suffix('.').unwrap_or(name)),
        Host::Ipv4(ip) => is_public_v4(*ip),
        // Everything that is handed out begins with the bits 001; the rest is private, local, or an
        // IPv4 address in disguise. 2002::/16 and 2001::/23 carry IPv4 addresses too.
        Host::Ipv6(ip) => {
            let [first, second, ..] = ip.segments();
            first >> 13 == 1 && first != 0x2002 && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        }
    }
}

fn is_public_name(name: &str) -> bool {
    let local = ["localhost", "local", "internal", "home.arpa"];
    let ends_in = |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.ends_with('.'));
    name.contains('.') && !local.iter().any(ends_in)
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18);
    !special
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

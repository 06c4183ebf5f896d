//! Whole zones, fetched with dig and kdig.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::ours::{self, KEY, SECRET, WRONG};
use crate::same::are_same;
use crate::{judge, zone_file};

/// What a program says of a transfer, whole.
fn fetched(program: &Path, server: SocketAddr, key: Option<(&str, &str)>, rtype: &str) -> String {
    let mut command = Command::new(program);
    command.args([&format!("@{}", server.ip()), "-p", &server.port().to_string(), "acme.com", rtype]);
    if let Some((name, secret)) = key {
        command.args(["-y", &format!("hmac-sha256:{name}:{secret}")]);
    }
    let output = command.output().expect("the program starts");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// The records in it, each as a line, without the second SOA.
fn records(text: &str) -> String {
    let is_record =
        |line: &&str| !line.is_empty() && !line.starts_with(';') && line.split_whitespace().nth(3) != Some("TSIG");
    let mut lines: Vec<_> = text.lines().filter(is_record).collect();
    lines.pop();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_dig_and_kdig_fetch_is_the_zone() {
    let Some(compare) = judge("ldns-compare-zones", "ldnsutils") else { return };
    let zone = ours::zone();
    let ours = ours::start(std::slice::from_ref(&zone));
    let folder = tempfile::tempdir().unwrap();
    let [written, read, changed] = ["written", "read", "changed"].map(|name| folder.path().join(name));
    fs::write(&written, zone_file::of(&zone)).unwrap();
    for (program, package) in [("dig", "bind9-dnsutils"), ("kdig", "knot-dnsutils")] {
        let Some(program) = judge(program, package) else { continue };
        for rtype in ["AXFR", "IXFR=1"] {
            let text = fetched(&program, ours.address, Some((KEY, SECRET)), rtype);
            for complaint in ["verify", "TSIG error", "Transfer failed", "WARNING", "ERROR:"] {
                assert!(!text.contains(complaint), "{text}");
            }
            fs::write(&read, records(&text)).unwrap();
            assert!(are_same(&compare, &written, &read), "{}", records(&text));
            fs::write(&changed, records(&text).replacen("192.0.2.3", "192.0.2.4", 1)).unwrap();
            assert!(!are_same(&compare, &written, &changed), "it notices a changed address");
        }
        let known = format!("IXFR={}", zone.serial);
        let text = fetched(&program, ours.address, Some((KEY, SECRET)), &known);
        assert_eq!(text.matches("ns1.acme.com. hostmaster").count(), 1, "only the version: {text}");
    }
}

#[test]
fn without_the_key_nothing_is_fetched() {
    let ours = ours::start(&[ours::zone()]);
    for (program, package) in [("dig", "bind9-dnsutils"), ("kdig", "knot-dnsutils")] {
        let Some(program) = judge(program, package) else { continue };
        for (key, words) in [
            (None, ["REFUSED", "Transfer failed"]),
            (Some((KEY, WRONG)), ["BADSIG", "NOTAUTH"]),
            (Some(("other.example", SECRET)), ["BADKEY", "NOTAUTH"]),
        ] {
            let text = fetched(&program, ours.address, key, "AXFR");
            assert!(words.iter().any(|word| text.contains(word)), "{text}");
            assert!(!text.contains("192.0.2.3"), "{text}");
        }
    }
}

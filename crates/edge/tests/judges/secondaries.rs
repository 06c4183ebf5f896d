//! Knot and BIND as secondaries: they fetch our zones by themselves, and again when they are told.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use edge::dns::Notified;
use model::dns::Zone;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::askers::ask;
use crate::judge;
use crate::ours::{self, KEY, Ours, SECRET, WRONG};
use crate::support::{Running, free_address};

/// How long a secondary may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who can be a secondary: a program, its package, and how it is started at an address with the address of its primary and a secret.
type Second = (&'static str, &'static str, fn(&Path, SocketAddr, SocketAddr, &str) -> Running);

const BOTH: [Second; 2] = [("knotd", "knot", knot), ("named", "bind9", bind)];

fn knot(folder: &Path, address: SocketAddr, primary: SocketAddr, secret: &str) -> Running {
    let path = folder.display();
    let config = format!(
        "server:\n  rundir: {path}\n  listen: {}@{}\nlog:\n- target: stdout\n  any: info\ndatabase:\n  storage: {path}\n\
         key:\n- id: {KEY}\n  algorithm: hmac-sha256\n  secret: {secret}\n\
         remote:\n- id: primary\n  address: {}@{}\n  key: {KEY}\n\
         acl:\n- id: told\n  key: {KEY}\n  action: notify\n\
         zone:\n- domain: acme.com\n  storage: {path}\n  master: primary\n  acl: told\n  semantic-checks: on\n",
        address.ip(),
        address.port(),
        primary.ip(),
        primary.port(),
    );
    let file = folder.join("knot.conf");
    fs::write(&file, config).unwrap();
    let mut command = Command::new(judge("knotd", "knot").unwrap());
    command.arg("--config").arg(file);
    Running::start(command, address, "server started").unwrap()
}

fn bind(folder: &Path, address: SocketAddr, primary: SocketAddr, secret: &str) -> Running {
    let path = folder.display();
    let config = format!(
        "options {{ directory \"{path}\"; pid-file none; session-keyfile \"{path}/session.key\"; \
         listen-on port {} {{ {}; }}; listen-on-v6 {{ none; }}; dnssec-validation no; notify no; recursion no; \
         managed-keys-directory \"{path}\"; }};\ncontrols {{ }};\n\
         key \"{KEY}\" {{ algorithm hmac-sha256; secret \"{secret}\"; }};\n\
         zone \"acme.com\" {{ type secondary; file \"acme.com.zone\"; \
         primaries {{ {} port {} key {KEY}; }}; allow-notify {{ key {KEY}; }}; }};\n",
        address.port(),
        address.ip(),
        primary.ip(),
        primary.port(),
    );
    let file = folder.join("named.conf");
    fs::write(&file, config).unwrap();
    let mut command = Command::new("/bin/sh");
    // It speaks on its standard error.
    command.args(["-c", "exec \"$0\" -g -n 1 -c \"$1\" 2>&1"]).arg(judge("named", "bind9").unwrap()).arg(file);
    Running::start(command, address, " running").unwrap()
}

/// Our server with a secondary.
struct Pair {
    ours: Ours,
    second: Running,
    _folder: TempDir,
}

impl Pair {
    fn of(start: fn(&Path, SocketAddr, SocketAddr, &str) -> Running, zones: &[Zone], secret: &str) -> Self {
        let (folder, address) = (tempfile::tempdir().unwrap(), free_address().unwrap());
        let ours = ours::start_at(&["127.0.0.1:0".parse().unwrap()], zones, &[address]);
        let second = start(folder.path(), address, ours.address, secret);
        Self { ours, second, _folder: folder }
    }

    /// Asks the secondary until its answer is the one that is wanted.
    fn until(&self, dig: &Path, question: &[&str], is_it: impl Fn(&str, &[String]) -> bool) {
        let begun = Instant::now();
        loop {
            let told = ask(dig, self.second.address, question);
            if is_it(&told.status, &told.records) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{question:?}: {told:?}");
        }
    }
}

fn has(records: &[String], part: &str) -> bool {
    records.iter().any(|record| record.contains(part))
}

#[test]
fn they_fetch_a_zone_and_follow_its_changes() {
    let Some(dig) = judge("dig", "bind9-dnsutils") else { return };
    for (name, package, start) in BOTH {
        if judge(name, package).is_none() {
            continue;
        }
        let zone = ours::zone();
        let pair = Pair::of(start, std::slice::from_ref(&zone), SECRET);
        pair.until(&dig, &["mail.acme.com", "A"], |_, records| has(records, "192.0.2.3"));
        // It would look by itself after an hour.
        assert_eq!(zone.soa.refresh, 3600);
        for (serial, address) in [(1, "192.0.2.33"), (2, "192.0.2.34")] {
            let mut changed = Zone { serial: zone.serial + serial, ..zone.clone() };
            let mail = changed.sets.iter_mut().find(|set| set.name == "mail.acme.com");
            mail.expect("an address").values = vec![address.into()];
            pair.ours.put(&changed);
            pair.until(&dig, &["mail.acme.com", "A"], |_, records| has(records, address));
            pair.until(&dig, &["acme.com", "SOA"], |_, records| has(records, &changed.serial.to_string()));
        }
        assert!(pair.ours.counts.told(Notified::Answered) >= 2, "{name} has answered what it was told");
        assert_eq!(pair.ours.counts.told(Notified::Refused), 0, "{name}");
    }
}

#[test]
fn a_large_zone_arrives_whole() {
    let Some(dig) = judge("dig", "bind9-dnsutils") else { return };
    for (name, package, start) in BOTH {
        if judge(name, package).is_none() {
            continue;
        }
        let mut zone = ours::zone();
        let mail = zone.sets.iter().find(|set| set.name == "mail.acme.com").expect("an address").clone();
        zone.sets.extend((0..20_000).map(|n| model::dns::RrSet { name: format!("h{n}.acme.com"), ..mail.clone() }));
        let pair = Pair::of(start, &[zone], SECRET);
        for n in [0, 9_999, 19_999] {
            pair.until(&dig, &[&format!("h{n}.acme.com"), "A"], |_, records| has(records, "192.0.2.3"));
        }
    }
}

#[test]
fn whoever_has_another_key_gets_nothing() {
    const NOT_AUTHORIZED: u16 = 9;
    let Some(dig) = judge("dig", "bind9-dnsutils") else { return };
    for (name, package, start) in BOTH {
        if judge(name, package).is_none() {
            continue;
        }
        let pair = Pair::of(start, &[ours::zone()], WRONG);
        let begun = Instant::now();
        while pair.ours.counts.of(NOT_AUTHORIZED) == 0 {
            assert!(begun.elapsed() < PATIENCE, "{name} has never asked");
            std::thread::yield_now();
        }
        pair.until(&dig, &["mail.acme.com", "A"], |status, records| status == "SERVFAIL" && records.is_empty());
        assert_eq!(pair.ours.counts.told(Notified::Answered), 0, "{name} does not believe us either");
    }
}

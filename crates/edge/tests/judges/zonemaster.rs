//! Zonemaster, which registries judge delegations with: <https://github.com/zonemaster/zonemaster>.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;

use model::dns::{RrType, Soa, Zone};

use crate::{above, judge, namespace, ours};

/// Addresses of the root and of `com.`, and of our two name servers: public ones, because others are found fault with. They are
/// only in the network of the test.
const ROOT: &str = "198.41.0.4";
const COM: &str = "192.5.6.30";
const ONE: &str = "45.76.1.53";
const TWO: &str = "80.94.2.53";

fn zone() -> Zone {
    Zone {
        name: "acme.com".into(),
        serial: 2_026_112_901,
        nameservers: vec!["ns1.acme.com".into(), "ns2.acme.com".into()],
        // As zones have it that we serve.
        soa: Soa {
            contact: "hostmaster.acme.com".into(),
            refresh: 3600,
            retry: 600,
            expire: 1_209_600,
            minimum: 300,
            ttl: 3600,
        },
        sets: vec![
            ours::set("", RrType::A, &["45.76.1.80"]),
            ours::set("", RrType::Mx, &["10 mail.acme.com"]),
            ours::set("", RrType::Txt, &["v=spf1 mx -all"]),
            ours::set("mail", RrType::A, &["45.76.1.25"]),
            ours::set("ns1", RrType::A, &[ONE]),
            ours::set("ns2", RrType::A, &[TWO]),
        ],
    }
}

/// What it finds, from a notice upwards, where `com.` delegates like that: `LEVEL TAG`.
fn found(zonemaster: &Path, zone: &Zone, delegation: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let at = |ip: &str| SocketAddr::from((ip.parse::<IpAddr>().unwrap(), 53));
    let _above = above::start(folder.path(), at(ROOT), at(COM), delegation).expect("Knot is installed");
    let _ours = ours::start_at(&[at(ONE), at(TWO)], std::slice::from_ref(zone), &[]);
    let hints = folder.path().join("hints");
    fs::write(&hints, format!(". 3600000 NS a.root.\na.root. 3600000 A {ROOT}\n")).unwrap();
    let mut command = Command::new(zonemaster);
    command.args(["--no-ipv6", "--level", "NOTICE", "--raw", "--no-time", "--hints"]).arg(&hints).arg("acme.com");
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(message).collect()
}

/// What a line says, `LEVEL TAG`; before that stands when it was said.
fn message(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let level = words.find(|word| ["NOTICE", "WARNING", "ERROR", "CRITICAL"].contains(word))?;
    Some(format!("{level} {}", words.next()?))
}

const DELEGATION: &str =
    "acme IN NS ns1.acme\nacme IN NS ns2.acme\nns1.acme IN A 45.76.1.53\nns2.acme IN A 80.94.2.53\n";

/// What it finds with zones as we serve them, and that stays.
const EXPECTED: [&str; 7] = [
    // It is decided (docs/decisions/0012-zones-are-not-signed.md).
    "NOTICE NEITHER_DNSKEY_NOR_DS",
    "NOTICE NOT_SIGNED",
    // The network of the test has neither IPv6 nor names of addresses.
    "NOTICE NO_IPV6_NS_CHILD",
    "NOTICE NO_IPV6_NS_DEL",
    "WARNING NAMESERVER_IP_WITHOUT_REVERSE",
    // Secondaries that were not reached look by themselves after an hour, and not after four.
    "NOTICE REFRESH_MINIMUM_VALUE_LOWER",
    "NOTICE RETRY_MINIMUM_VALUE_LOWER",
];

#[test]
fn it_finds_what_is_expected_and_what_is_planted() {
    let Some(zonemaster) = judge("zonemaster-cli", "zonemaster-cli") else { return };
    if judge("knotd", "knot").is_none()
        || !namespace::is_inside("zonemaster::it_finds_what_is_expected_and_what_is_planted")
    {
        return;
    }
    namespace::has(&[ROOT, COM, ONE, TWO]);
    let fine = found(&zonemaster, &zone(), DELEGATION);
    assert_eq!(fine, EXPECTED.map(str::to_owned).into_iter().collect());

    // The parent has a name server that the zone does not have.
    let mut other = zone();
    other.nameservers[1] = "ns3.acme.com".into();
    other.sets.push(ours::set("ns3", RrType::A, &[TWO]));
    let wrong = found(&zonemaster, &other, DELEGATION);
    assert!(wrong.contains("ERROR EXTRA_NAME_PARENT"), "{wrong:?}");

    // A name server that is an alias.
    let mut other = zone();
    other.sets.retain(|set| set.name != "ns2.acme.com");
    other.sets.push(ours::set("ns2", RrType::Cname, &["ns1.acme.com"]));
    let wrong = found(&zonemaster, &other, DELEGATION);
    assert!(wrong.contains("ERROR NS_IS_CNAME"), "{wrong:?}");
}

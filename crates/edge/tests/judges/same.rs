//! The same questions to Knot and to us, and to us by several programs: the same answers.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::dns::Zone;

use crate::askers::{ask, ask_all};
use crate::{judge, ours};
use crate::{knot, zone_file};

/// Names of the zone of these tests, there and not, and types.
const NAMES: [&str; 24] = [
    "",
    "www",
    "out",
    "lost",
    "far",
    "mail",
    "nomail",
    "many",
    "between",
    "a.between",
    "b.between",
    "_sip._tcp",
    "_tcp",
    "wild",
    "a.wild",
    "a.b.wild",
    "there.wild",
    "below.there.wild",
    "x.alias",
    "sub",
    "www.sub",
    "ns.sub",
    "nobody",
    "a.nobody",
];
const TYPES: [&str; 11] = ["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SOA", "SRV", "CAA", "DS", "HTTPS"];

fn questions() -> impl Iterator<Item = (String, &'static str)> {
    let name = |name: &str| format!("{name}.acme.com").trim_start_matches('.').to_owned();
    NAMES.into_iter().flat_map(move |one| TYPES.map(|rtype| (name(one), rtype)))
}

/// Questions that two servers answer differently.
fn differences(dig: &Path, ours: SocketAddr, others: SocketAddr) -> Vec<String> {
    let questions: Vec<_> = questions().collect();
    let [ours, others] = [ours, others].map(|server| ask_all(dig, server, &questions));
    let pairs = questions.iter().zip(ours.iter().zip(&others)).filter(|(_, (one, other))| one != other);
    pairs.map(|(question, (one, other))| format!("{question:?}\n  ours  {one:?}\n  other {other:?}")).collect()
}

#[test]
fn knot_answers_the_same() {
    let (Some(dig), Some(_)) = (judge("dig", "bind9-dnsutils"), judge("knotd", "knot")) else { return };
    let zone = ours::zone();
    let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ours = ours::start(std::slice::from_ref(&zone));
    let knot = knot::start(folder.path(), [&zone].into_iter()).unwrap();
    let found = differences(&dig, ours.address, knot.address);
    assert!(found.is_empty(), "{}", found.join("\n"));

    // And it is noticed when it does not: one letter of one record.
    let mut other = zone;
    other.sets[3].values[0] = "v=spf1 ~all".into();
    let knot = knot::start(other_folder.path(), [&other].into_iter()).unwrap();
    let found = differences(&dig, ours.address, knot.address);
    assert!(!found.is_empty() && found.iter().all(|one| one.contains("spf1")), "{}", found.join("\n"));
}

#[test]
fn every_program_understands_the_same() {
    let askers = [("dig", "bind9-dnsutils"), ("kdig", "knot-dnsutils"), ("drill", "ldnsutils")];
    let askers: Vec<PathBuf> = askers.iter().filter_map(|(name, package)| judge(name, package)).collect();
    let ours = ours::start(&[ours::zone()]);
    // Not every program knows the newest type.
    let questions: Vec<_> = questions().filter(|(_, rtype)| *rtype != "HTTPS").collect();
    let told: Vec<_> = askers
        .iter()
        .map(|program| {
            let mut told = ask_all(program, ours.address, &questions);
            for one in &mut told {
                // Each writes bytes of a text that are no letters in its own way.
                one.records.retain(|record| !record.contains("quotes"));
            }
            told
        })
        .collect();
    for (program, others) in askers.iter().zip(&told).skip(1) {
        for (question, (one, other)) in questions.iter().zip(told[0].iter().zip(others)) {
            assert!(!one.status.is_empty(), "{question:?}");
            assert_eq!(one, other, "{question:?} by {}", program.display());
        }
    }
}

/// The zone as it is answered, a record a line.
fn rebuilt(dig: &Path, server: SocketAddr, zone: &Zone) -> String {
    let apex = ["SOA", "NS"].map(|rtype| (zone.name.clone(), rtype));
    let sets = zone.sets.iter().filter(|set| !set.name.contains("sub.acme.com"));
    let asked = sets.map(|set| (set.name.clone(), set.rtype.as_str()));
    let all = apex.into_iter().chain(asked);
    let lines = all.flat_map(|(name, rtype)| {
        let answer = ask(dig, server, &[&name, rtype, "+tcp", "+noedns"]);
        let is_it = move |line: &String| line.starts_with(&format!("{name}. "));
        answer.records.into_iter().filter(is_it)
    });
    lines.map(|line| line + "\n").collect()
}

/// Whether the tools of ldns say that two zone files are the same.
pub(crate) fn are_same(judge: &Path, one: &Path, other: &Path) -> bool {
    let output = Command::new(judge).args(["-e", "-s"]).args([one, other]).output().expect("the judge starts");
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.code() == Some(0) && text.contains("+0") && text.contains("-0") && text.contains("~0")
}

#[test]
fn ldns_finds_the_whole_zone_in_our_answers() {
    let (Some(dig), Some(compare)) = (judge("dig", "bind9-dnsutils"), judge("ldns-compare-zones", "ldnsutils")) else {
        return;
    };
    let mut zone = ours::zone();
    // What is below a delegation is not answered.
    zone.sets.retain(|set| !set.name.ends_with("sub.acme.com"));
    let ours = ours::start(std::slice::from_ref(&zone));
    let folder = tempfile::tempdir().unwrap();
    let [written, read, changed] = ["written", "read", "changed"].map(|name| folder.path().join(name));
    fs::write(&written, zone_file::of(&zone)).unwrap();
    let answers = rebuilt(&dig, ours.address, &zone);
    fs::write(&read, &answers).unwrap();
    assert!(are_same(&compare, &written, &read), "{answers}");

    fs::write(&changed, answers.replacen("192.0.2.3", "192.0.2.4", 1)).unwrap();
    assert!(!are_same(&compare, &written, &changed), "it notices a changed address");
}

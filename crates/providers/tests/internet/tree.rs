//! What the observer sees in a tree that Knot and BIND serve.

use std::net::SocketAddr;

use model::dns::RrType;
use model::domain::DomainName;
use model::world::World;
use providers::all::internet::{Internet, InternetSettings, Resolvers};
use providers::call::Call;
use providers::egress::Egress;
use providers::roles::Observer as _;
use tempfile::TempDir;

use crate::servers::{Running, bind, free_port, knot, local, zone_file};
use crate::support::start;

/// Who serves the root, the top-level domains, and the names below: by Knot, and by BIND.
const PLACES: [u8; 4] = [2, 3, 4, 1];

/// The tree: `.`, `test.` and `other.`, and `acme.test`, `far.test` and `shops.other` at two servers each.
pub(crate) struct Tree {
    pub(crate) port: u16,
    _servers: Vec<Running>,
    _folder: TempDir,
}

const TOP: &str = "test. IN NS ns.test.\nns.test. IN A 127.0.0.3\nother. IN NS ns.test.\n";
const TEST: &str = "acme IN DS 4242 13 2 abababababababababababababababababababababababababababababababab\nns IN A 127.0.0.3\nns1.host IN A 127.0.0.4\nns2.host IN A 127.0.0.1\n\
    acme IN NS ns1.acme\nns1.acme IN A 127.0.0.4\nacme IN NS ns2.host\n\
    far IN NS ns.shops.other.\n";
const OTHER: &str = "shops IN NS ns.shops\nns.shops IN A 127.0.0.4\n";
const ACME: &str = "ns1 IN A 127.0.0.4\n@ IN TXT \"v=spf1 -all\"\n@ IN MX 10 MX.Acme.test.\n\
    mixed IN TXT \"Kept Case\"\nnull IN MX 0 .\n*.wild IN A 192.0.2.7\nv6 IN AAAA 2001:db8::1\n\
    www IN CNAME shop\nshop IN CNAME www.shops.other.\nalias IN CNAME mixed\nround IN CNAME about\nabout IN CNAME round\n\
    _sip._tcp IN SRV 0 5 443 Sip\n@ IN CAA 0 issue \"ca.example; a=B\"\nlatin IN TXT \"\\233\"\n";

impl Tree {
    /// The tree; `None` where a server is not installed.
    pub(crate) fn grow() -> Option<Self> {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port(&PLACES));
        let at = |last| SocketAddr::from((local(last), port));
        let inside = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let long = format!("{}\" \"{}", "Ab".repeat(120), "cD".repeat(120));
        let acme =
            format!("{ACME}long IN TXT \"{}\"\nlong IN TXT \"{long}\"\n", vec!["x".repeat(250); 8].join("\" \""));
        let (one, two) = (format!("{acme}some IN TXT both\nsome IN TXT knot\n"), format!("{acme}some IN TXT both\n"));
        let shops = "ns IN A 127.0.0.4\nwww IN A 192.0.2.9\n";
        let top = [(".", zone_file(".", &["ns.root"], &format!("{TOP}ns.root. IN A 127.0.0.2\n")))];
        let below =
            [("test", zone_file("test", &["ns.test"], TEST)), ("other", zone_file("other", &["ns.test"], OTHER))];
        let servers = ["ns1.acme.test", "ns2.host.test"];
        let zones = [
            ("acme.test", zone_file("acme.test", &servers, &one)),
            ("far.test", zone_file("far.test", &["ns.shops.other"], "@ IN TXT far\n")),
            ("shops.other", zone_file("shops.other", &["ns.shops.other"], shops)),
        ];
        let bind_folder = inside("bind");
        let zone = bind::zone(&bind_folder, "acme.test", &zone_file("acme.test", &servers, &two), "");
        let running = [
            knot::start(&inside("root"), at(2), &top, "")?,
            knot::start(&inside("top"), at(3), &below, "")?,
            knot::start(&inside("knot"), at(4), &zones, "")?,
            bind::start(&bind_folder, at(1), &zone)?,
        ];
        Some(Self { port, _servers: running.into(), _folder: folder })
    }

    /// An observer that begins at its root, and asks these resolvers too.
    pub(crate) fn observer(&self, resolvers: Vec<SocketAddr>) -> Internet {
        observer(SocketAddr::from((local(2), self.port)), resolvers)
    }
}

/// An observer that begins there.
pub(crate) fn observer(root: SocketAddr, resolvers: Vec<SocketAddr>) -> Internet {
    let settings = InternetSettings {
        roots: Some(vec![root]),
        port: root.port(),
        is_local: true,
        resolvers: Resolvers::At(resolvers),
        rdap: None,
        development: true,
    };
    Internet::new(&settings, Egress::new(true).unwrap()).unwrap()
}

pub(crate) fn call() -> Call {
    Call {
        world: World::stored("live"),
        now: start(),
        reference: "run_acme.test/confirm_ready".into(),
        nudges: 0,
        subject: DomainName::stored("acme.test"),
        registrant: None,
        asked_at: None,
        customer: None,
        by_hand: None,
    }
}

async fn seen(observer: &Internet, name: &str, rtype: RrType) -> Vec<String> {
    let mut seen = observer.dns(&call(), name, rtype).await.unwrap_or_else(|trouble| panic!("{name}: {trouble:?}"));
    seen.sort();
    seen
}

#[tokio::test]
async fn what_is_served_is_seen_in_its_own_form() {
    let Some(tree) = Tree::grow() else { return };
    let observer = tree.observer(vec![]);
    for (name, rtype, values) in [
        ("acme.test", RrType::Txt, &["v=spf1 -all"][..]),
        ("ACME.test.", RrType::Mx, &["10 mx.acme.test"]),
        ("mixed.acme.test", RrType::Txt, &["Kept Case"]),
        ("null.acme.test", RrType::Mx, &["0 ."]),
        ("a.wild.acme.test", RrType::A, &["192.0.2.7"]),
        ("v6.acme.test", RrType::Aaaa, &["2001:db8::1"]),
        ("_sip._tcp.acme.test", RrType::Srv, &["0 5 443 sip.acme.test"]),
        ("acme.test", RrType::Caa, &["0 issue \"ca.example; a=B\""]),
        ("latin.acme.test", RrType::Txt, &["\u{e9}"]),
    ] {
        assert_eq!(seen(&observer, name, rtype).await, values, "{name} {}", rtype.as_str());
    }
    let long = seen(&observer, "long.acme.test", RrType::Txt).await;
    let plain = format!("{}{}", "Ab".repeat(120), "cD".repeat(120));
    assert_eq!(long, [plain, "x".repeat(2_000)], "more than goes over UDP, joined, with its case");
}

#[tokio::test]
async fn nothing_is_an_answer_where_all_say_so() {
    let Some(tree) = Tree::grow() else { return };
    let observer = tree.observer(vec![]);
    for (name, rtype) in [
        ("nobody.test", RrType::Ns),
        ("nobody.test", RrType::Txt),
        ("a.b.nobody.test", RrType::Mx),
        ("nobody", RrType::A),
        ("none.acme.test", RrType::Txt),
        ("mixed.acme.test", RrType::Mx),
        ("wild.acme.test", RrType::A),
    ] {
        assert!(seen(&observer, name, rtype).await.is_empty(), "{name} {}", rtype.as_str());
    }
}

#[tokio::test]
async fn only_what_every_server_gives_is_seen() {
    let Some(tree) = Tree::grow() else { return };
    let seen = seen(&tree.observer(vec![]), "some.acme.test", RrType::Txt).await;
    assert_eq!(seen, ["both"], "one of them has another value too");
}

#[tokio::test]
async fn a_delegation_is_what_those_above_say() {
    let Some(tree) = Tree::grow() else { return };
    let observer = tree.observer(vec![]);
    assert_eq!(seen(&observer, "acme.test", RrType::Ns).await, ["ns1.acme.test", "ns2.host.test"]);
    assert_eq!(seen(&observer, "far.test", RrType::Ns).await, ["ns.shops.other"]);
    assert_eq!(seen(&observer, "test", RrType::Ns).await, ["ns.test"]);
}

#[tokio::test]
async fn aliases_are_followed_to_another_top_level_domain_and_not_for_ever() {
    let Some(tree) = Tree::grow() else { return };
    let observer = tree.observer(vec![]);
    assert_eq!(seen(&observer, "www.acme.test", RrType::A).await, ["192.0.2.9"]);
    assert_eq!(seen(&observer, "www.acme.test", RrType::Cname).await, ["shop.acme.test"]);
    assert!(seen(&observer, "www.acme.test", RrType::Txt).await.is_empty());
    let round = observer.dns(&call(), "round.acme.test", RrType::A).await;
    assert!(round.is_err(), "{round:?}");
}

#[tokio::test]
async fn a_server_whose_address_did_not_come_along_is_looked_for() {
    let Some(tree) = Tree::grow() else { return };
    assert_eq!(seen(&tree.observer(vec![]), "far.test", RrType::Txt).await, ["far"]);
}

#[tokio::test]
async fn what_cannot_be_a_name_is_refused() {
    let observer = observer(SocketAddr::from((local(2), 9)), vec![]);
    for name in ["", ".", "a..b", &"a".repeat(64), "a b\u{0}.com"] {
        let told = observer.dns(&call(), name, RrType::A).await;
        assert!(told.is_err(), "{name:?}: {told:?}");
    }
}

#[tokio::test]
async fn whether_a_zone_is_signed_say_those_above_it() {
    let Some(tree) = Tree::grow() else { return };
    let observer = tree.observer(vec![]);
    assert_eq!(observer.is_signed(&call(), "acme.test").await, Ok(true));
    assert_eq!(observer.is_signed(&call(), "far.test").await, Ok(false));
    assert_eq!(observer.is_signed(&call(), "nobodys.test").await, Ok(false));
    assert!(observer.is_signed(&call(), "no name").await.is_err());
}

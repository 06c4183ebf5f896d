//! The table of EDNS compliance, asked with dig, with Knot as the column beside ours.

use crate::askers::ask;
use crate::knot;
use crate::{judge, ours};

/// What dig is told; what we answer; what Knot does, where that is something else.
const TABLE: [(&str, &str, Option<&str>); 24] = [
    ("acme.com SOA +noedns", "NOERROR aa", None),
    ("acme.com SOA +edns=0 +nocookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +edns=1 +noednsneg +nocookie", "BADVERS edns 0", None),
    ("acme.com SOA +edns=0 +ednsopt=100 +nocookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +edns=1 +noednsneg +ednsopt=100 +nocookie", "BADVERS edns 0", None),
    ("acme.com SOA +edns=0 +ednsflags=0x80 +nocookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +edns=1 +noednsneg +ednsflags=0x80 +nocookie", "BADVERS edns 0", None),
    ("acme.com SOA +dnssec +nocookie", "NOERROR aa edns 0 do", None),
    ("acme.com SOA +cookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +nsid +nocookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +subnet=192.0.2.0/24 +nocookie", "NOERROR aa edns 0", None),
    ("acme.com SOA +noedns +zflag", "NOERROR aa", None),
    ("acme.com SOA +noedns +adflag +cdflag", "NOERROR aa", None),
    ("+noedns +header-only", "FORMERR", None),
    ("+noedns +header-only +opcode=15", "NOTIMP", None),
    ("many.acme.com TXT +noedns +ignore", "NOERROR aa tc", None),
    ("many.acme.com TXT +bufsize=512 +ignore +nocookie", "NOERROR aa tc edns 0", None),
    ("many.acme.com TXT +bufsize=4096 +ignore +nocookie", "NOERROR aa tc edns 0", None),
    ("many.acme.com TXT +tcp +nocookie", "NOERROR aa edns 0", None),
    ("nobody.acme.com A +nocookie", "NXDOMAIN aa edns 0", None),
    ("example.org A +nocookie", "REFUSED edns 0", None),
    ("acme.com SOA +noedns -y hmac-sha256:key.example:c2VjcmV0c2VjcmV0", "NOTAUTH", None),
    ("acme.com SOA +noedns +opcode=NOTIFY", "NOTIMP", Some("NOTAUTH")),
    ("acme.com SOA +noedns +opcode=UPDATE", "NOTIMP", Some("NOTAUTH")),
];

#[test]
fn edns_is_answered_as_knot_answers_it() {
    let (Some(dig), Some(_)) = (judge("dig", "bind9-dnsutils"), judge("knotd", "knot")) else { return };
    let zone = ours::zone();
    let folder = tempfile::tempdir().unwrap();
    let (ours, knot) =
        (ours::start(std::slice::from_ref(&zone)), knot::start(folder.path(), [&zone].into_iter()).unwrap());
    let mut wrong = vec![];
    for (arguments, expected, knots) in TABLE {
        let arguments: Vec<_> = arguments.split(' ').collect();
        for (who, server, expected) in
            [("we", ours.address, expected), ("Knot", knot.address, knots.unwrap_or(expected))]
        {
            let told = ask(&dig, server, &arguments);
            let edns = told.edns.map(|edns| format!(" edns {edns}")).unwrap_or_default();
            let flags: String = told.flags.iter().map(|flag| format!(" {flag}")).collect();
            let told = format!("{}{flags}{edns}", told.status);
            if told != expected {
                wrong.push(format!("{arguments:?}: {who} answer {told}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

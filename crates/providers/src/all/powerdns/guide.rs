//! What to know before zones are hosted at a PowerDNS server.

use crate::descriptor::Guide;

/// See <https://doc.powerdns.com/authoritative/http-api/>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://doc.powerdns.com/authoritative/http-api/",
    example: &[("nameservers", "\"ns1.acme.net, ns2.acme.net\"")],
    credentials: &[
        "Set `api=yes`, `api-key=…` (long and random), `webserver=yes` and `webserver-address=…` in `pdns.conf`, and let only this \
         machine in with `webserver-allow-from`.",
        "Write the same key into a file of its own.",
        "Where the web server is not at `http://127.0.0.1:8081`, say where with `base_url`, without a path.",
        "`nameservers` are the names under which the world reaches the servers that serve these zones. They need addresses, and where \
         they lie below a name of yours glue records at its registry.",
    ],
    limits: &[
        "It is your own server: it costs what it runs on, and allows what it can.",
        "One server cannot serve the internet well. Have two, in different networks: `zone_kind = \"Native\"` where the database is \
         copied between them, `\"Master\"` where secondaries transfer the zones.",
    ],
    traps: &[
        "With `\"Master\"` secondaries have to learn of new zones, which PowerDNS does by itself only with autoprimary or a catalog \
         zone.",
        "The key may do everything on the server. Do not let the API be reached from outside.",
        "Zones that are there already are taken as they are, with their name servers; records that are none of ours stay.",
        "A zone that is not needed any more is deleted with all that is in it.",
    ],
    sandbox: "None is needed: install `pdns-server` and `pdns-backend-sqlite3` and try it on your own machine. The tests do.",
};

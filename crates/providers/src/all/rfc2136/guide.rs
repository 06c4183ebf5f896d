//! What to know before zones are hosted at a server that takes signed updates.

use crate::descriptor::Guide;

/// See RFC 2136, RFC 8945, and the manuals of BIND and Knot.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://www.rfc-editor.org/rfc/rfc2136",
    example: &[("server", "\"192.0.2.53\""), ("key_name", "\"mailwright\"")],
    credentials: &[
        "Make a key: `tsig-keygen -a hmac-sha256 mailwright` (BIND) or `keymgr -t mailwright hmac-sha256` (Knot). It prints the name, \
         the algorithm and the secret, and the text for the server's configuration.",
        "Allow the key to update **and** to transfer each zone: `allow-update` and `allow-transfer` (BIND), or an `acl` with \
         `action: [update, transfer]` (Knot).",
        "Write the secret alone, in base64, into a file of its own.",
        "`server` is the primary's address in numbers: a name would have to be resolved by what is being set up.",
    ],
    limits: &["It is your own server: it costs what it runs on, and allows what it can."],
    traps: &[
        "**Updates cannot make zones.** Each zone has to be there before a domain gets there; until then its step waits and says so. \
         Where zones are to come by themselves, use a host that can make them: PowerDNS, or \
         Mailwright's own name server.",
        "The clocks of both machines have to agree within five minutes, or every request is refused. `mailwright doctor` compares \
         them.",
        "A zone that is not needed any more is emptied and gets a record `_closed`; deleting it is yours.",
        "Records that are changed by two at once are not lost: a change is made only to what was read, and read again otherwise.",
    ],
    sandbox: "None is needed: BIND, Knot and PowerDNS run on your own machine. The tests start them.",
};

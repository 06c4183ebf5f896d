//! What goes wrong at vendors on a walk.

use doubles::{Fault, Server};

use super::stage::Live;
use crate::support::lottery::Lottery;

/// What may be asked of both of them.
const ASKED: [(&str, &str); 12] = [
    ("POST", "/domains"),
    ("POST", "/domains"),
    ("POST", "/registrations"),
    ("POST", "/registrations"),
    ("POST", ":renew"),
    ("POST", "/renewals"),
    ("POST", "/batch"),
    ("POST", ":setNameservers"),
    ("PUT", "/delegation"),
    ("GET", ".com"),
    ("GET", ".org"),
    ("GET", "/orders"),
];

/// What stays wrong for a while.
#[derive(Default)]
pub(crate) struct Troubles {
    /// How many more times something befalls until all ends.
    lasts: u64,
}

impl Troubles {
    /// Something goes wrong, or what did has an end; answers what, in words.
    pub(crate) fn befall(&mut self, live: &Live, lottery: &mut Lottery) -> String {
        if self.lasts == 1 {
            self.end(live);
            return "what went wrong has ended".into();
        }
        self.lasts = self.lasts.saturating_sub(1);
        let is_first = lottery.draw(2) == 0;
        let (server, who) = server(live, is_first);
        match lottery.draw(12) {
            0 | 1 => {
                let fault = *lottery.pick(&Fault::PASSING).unwrap();
                server.fail_always(Some(fault));
                self.lasts = 1 + lottery.draw(2);
                format!("{who}: everything meets {fault:?}")
            }
            2 => {
                self.lasts = 1 + lottery.draw(2);
                slow(live, is_first);
                format!("{who}: the registry takes its time")
            }
            3 if is_first => {
                live.namecom.limit(30);
                "first: the next request is one too many".into()
            }
            4 if is_first => {
                live.namecom.refuse(402, "Payment required");
                "first: there is no money".into()
            }
            5 if is_first => {
                live.namecom.reject();
                "first: the registry says no".into()
            }
            _ => {
                let (method, ending) = *lottery.pick(&ASKED).unwrap();
                let fault = *lottery.pick(&Fault::PASSING).unwrap();
                server.fail(method, ending, fault);
                format!("{who}: the next {method} {ending} meets {fault:?}")
            }
        }
    }

    /// Nothing is wrong any more, and what was under way is done.
    pub(crate) fn end(&mut self, live: &Live) {
        self.lasts = 0;
        live.namecom.finish();
        live.dnsimple.finish();
        for is_first in [true, false] {
            server(live, is_first).0.fail_no_more();
        }
    }
}

fn server(live: &Live, is_first: bool) -> (&Server, &'static str) {
    if is_first { (&live.namecom.server, "first") } else { (&live.dnsimple.server, "second") }
}

fn slow(live: &Live, is_first: bool) {
    match is_first {
        true => live.namecom.be_slow(),
        false => live.dnsimple.be_slow(),
    }
}

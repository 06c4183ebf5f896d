//! A registry that says something of its names (RDAP), and the list that leads to it (RFC 9224). It has every name below `com`
//! that it was told of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::server::{Asked, Said, Server};

type Names = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// The registry.
pub struct Rdap {
    /// Where it is asked, and what goes wrong there.
    pub server: Server,
    names: Names,
}

impl Rdap {
    /// A registry without names.
    ///
    /// # Panics
    /// When this machine has no port to give.
    pub async fn new() -> Self {
        let names = Names::default();
        let known = names.clone();
        Self { server: Server::new(move |asked| answer(asked, &known)).await, names }
    }

    /// Where the list is.
    #[must_use]
    pub fn list(&self) -> String {
        format!("{}/rdap/dns.json", self.server.base())
    }

    /// A name has these statuses now, spelled as RDAP does.
    pub fn says(&self, name: &str, statuses: &[&str]) {
        let statuses = statuses.iter().map(|one| (*one).to_owned()).collect();
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), statuses);
    }
}

fn answer(asked: &Asked, names: &Names) -> Said {
    if asked.path == "/rdap/dns.json" {
        let base = format!("http://{}/com/v1/", asked.header("host").unwrap_or_default());
        return said(
            200,
            json!({ "version": "1.0", "services": [[["com"], [base]], [["net"], ["http://127.0.0.1:1/"]]] }),
        );
    }
    let name = asked.path.strip_prefix("/com/v1/domain/").unwrap_or_default();
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    match names.get(name) {
        Some(statuses) => said(200, domain(name, statuses)),
        None => said(404, json!({ "rdapConformance": ["rdap_level_0"], "errorCode": 404, "title": "Not Found" })),
    }
}

/// As the example of RFC 9083 §5.3 has it, without persons.
fn domain(name: &str, statuses: &[String]) -> Value {
    json!({
        "objectClassName": "domain",
        "handle": "XXXX",
        "ldhName": name.to_uppercase(),
        "nameservers": [{ "objectClassName": "nameserver", "ldhName": "ns1.example.com", "status": ["active"] }],
        "secureDNS": { "delegationSigned": false },
        "status": statuses,
        "events": [{ "eventAction": "registration", "eventDate": "1990-12-31T23:59:59Z" }],
        "rdapConformance": ["rdap_level_0"],
    })
}

const fn said(status: u16, body: Value) -> Said {
    Said { status, headers: vec![], body: Some(body) }
}

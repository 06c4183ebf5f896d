//! PowerDNS Authoritative, by its HTTP API: <https://doc.powerdns.com/authoritative/http-api/>.
//!
//! It replaces record sets whole, so writing one again changes nothing, and refuses a change as a whole when a part of it will
//! not do. Zones that are there already are taken as they are.

mod account;
mod dns_host;
mod guide;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use model::dns::hostname;
use model::role::Role;
use secrecy::SecretString;

use crate::descriptor::{Descriptor, Field};
use crate::kind::{Kind, Opened, Said};
use crate::vendor::{Answer, Auth, Form, Meaning, Method, Request, Vendor, VendorSettings, by_status};

/// What PowerDNS is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: "powerdns",
    title: "PowerDNS Authoritative",
    roles: &[Role::Dns],
    fields: &[
        Field::plain("nameservers", "The name servers that serve its zones, with commas between them"),
        Field::plain("zone_kind", "Native where its database is copied, Master where secondaries transfer its zones")
            .or_none(),
        Field::secret("api_key", "Its api-key"),
    ],
    max_in_flight: MAX_IN_FLIGHT,
    guide: guide::GUIDE,
};

/// Where its web server listens unless it was told otherwise.
pub const BASE_URL: &str = "http://127.0.0.1:8081";

/// How accounts at PowerDNS are made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

const MAX_IN_FLIGHT: usize = 8;
/// What it writes where it has no more to say than a status.
const WORDS: [&str; 5] = ["Bad Request", "Not Found", "Method Not Allowed", "Conflict", "Unprocessable Entity"];

fn open(said: &Said) -> Result<Opened, String> {
    let host = |text: &str| hostname(text.trim()).ok_or_else(|| format!("nameservers has {text}, which is no host"));
    let nameservers = said.value("nameservers").split(',').map(host).collect::<Result<Vec<_>, _>>()?;
    let kind = match said.value("zone_kind") {
        "" | "Native" => "Native",
        // Newer versions call it Primary, and know the old word too.
        "Master" | "Primary" => "Master",
        other => return Err(format!("zone_kind is Native or Master, and not {other}")),
    };
    let base_url = said.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned());
    let settings = Powerdns::settings(said.name, base_url, said.secret("api_key"));
    let account = Arc::new(Powerdns::new(said.client(settings)?, nameservers, kind));
    Ok(Opened { dns: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// A PowerDNS server.
pub struct Powerdns {
    vendor: Arc<Vendor>,
    nameservers: Vec<String>,
    kind: &'static str,
}

impl Powerdns {
    /// How the client of such a server is to be.
    #[must_use]
    pub fn settings(name: impl Into<String>, base_url: impl Into<String>, api_key: SecretString) -> VendorSettings {
        VendorSettings {
            max_in_flight: MAX_IN_FLIGHT,
            deadline: Duration::from_secs(20),
            form: Form::Any,
            meaning,
            ..VendorSettings::new(name, base_url, Auth::Headers(vec![("x-api-key", api_key)]))
        }
    }

    /// The server that this client asks; new zones are of this kind and served by these, in lower case.
    #[must_use]
    pub const fn new(vendor: Arc<Vendor>, nameservers: Vec<String>, kind: &'static str) -> Self {
        Self { vendor, nameservers, kind }
    }

    fn request(&self, operation: &'static str, method: Method, path: &[&str]) -> Request {
        Request::new(operation, method, &[&["api", "v1", "servers", "localhost"], path].concat())
    }
}

/// It says "not found" in plain words; a page that somebody in between put there says it otherwise.
fn meaning(answer: &Answer) -> Meaning {
    let text = answer.text();
    let text = text.trim();
    let is_its_own = text.is_empty() || text.starts_with(['{', '[']) || WORDS.contains(&text);
    match by_status(answer) {
        Meaning::Clear if !is_its_own => Meaning::Unclear,
        meant => meant,
    }
}

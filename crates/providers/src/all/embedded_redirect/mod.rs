//! Our own redirect server: it leads on whoever opens a site as our row says, so that nothing is ever to be made equal to it.
//!
//! What a zone has to have to lead here is only known here: the addresses at which the world reaches `redirect.http_listen` and
//! `redirect.https_listen`, whatever stands before them.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use model::dns::{RrSet, RrType};
use model::role::Role;

use crate::call::Call;
use crate::descriptor::{Descriptor, Field, Guide};
use crate::kind::{Kind, Opened, Said};
use crate::outside;
use crate::roles::{Account, Examined, Redirector};
use crate::trouble::Trouble;

/// What it is.
pub const DESCRIPTOR: Descriptor = Descriptor {
    name: NAME,
    title: "Our own redirect server",
    roles: &[Role::Redirect],
    fields: &[Field::plain(
        "addresses",
        "The addresses that web addresses lead to, as 192.0.2.1 2001:db8::1: the world reaches [redirect] there, at ports 80 and 443",
    )],
    max_in_flight: MAX_IN_FLIGHT,
    guide: Guide {
        docs: "https://www.rfc-editor.org/rfc/rfc9110#section-15.4",
        example: &[("addresses", "\"192.0.2.1 2001:db8::1\"")],
        credentials: &[
            "Take a machine, or several, whose ports 80 and 443 the world reaches.",
            "Set `redirect.http_listen` and `redirect.https_listen` to their addresses, and run `mailwright serve --role redirect` on each \
             (several processes need PostgreSQL). Write the same addresses here as the world sees them.",
            "For HTTPS set `acme.directory` to a certificate authority's, such as `https://acme-v02.api.letsencrypt.org/directory`, read \
             its terms, and say so with `acme.terms_agreed`.",
        ],
        limits: &[
            "It costs what it runs on. Let's Encrypt makes 300 certificates in three hours for an account, and none costs anything.",
        ],
        traps: &[
            "The records of names lead to these addresses: whoever moves the machine sets the new ones before it lets go of the old.",
            "A site redirects over HTTP at once, and over HTTPS when its certificate is made, which takes a minute or a few.",
            "A CAA record that names other authorities keeps ours from making a certificate.",
        ],
        sandbox: "`sandbox.redirect_listen` redirects the sites of sandboxes on this machine, without any account.",
    },
};

/// How such accounts are called in the configuration.
pub const NAME: &str = "embedded_redirect";

/// How such an account is made.
pub const KIND: Kind = Kind { descriptor: DESCRIPTOR, open };

/// Nobody is asked.
const MAX_IN_FLIGHT: usize = 128;
/// How many addresses of each kind a site may have: more do not come through in one small answer.
const MOST: usize = 8;
/// How long they may be kept, in seconds: short, so that a machine can be moved.
const TTL: u32 = 300;

fn open(said: &Said) -> Result<Opened, String> {
    if said.base_url.is_some() {
        return Err(
            "base_url means nothing here: where it listens is redirect.http_listen and redirect.https_listen".into()
        );
    }
    let account = Arc::new(EmbeddedRedirect::new(said.value("addresses"))?);
    Ok(Opened { redirector: Some(account.clone()), account: Some(account), ..Opened::default() })
}

/// Our own redirect server.
#[derive(Debug)]
pub struct EmbeddedRedirect {
    addresses: BTreeSet<IpAddr>,
}

impl EmbeddedRedirect {
    /// The one that is reached at these addresses, with blanks or commas between them.
    ///
    /// # Errors
    /// A sentence that begins with `addresses`.
    pub fn new(addresses: &str) -> Result<Self, String> {
        let named = addresses.split([' ', ',']).filter(|text| !text.is_empty());
        let address = |text: &str| {
            let address =
                text.parse::<IpAddr>().ok().filter(|address| !address.is_unspecified() && !address.is_multicast());
            address.ok_or_else(|| format!("addresses has {text}, which is no address that the world could reach"))
        };
        let addresses = named.map(address).collect::<Result<BTreeSet<_>, _>>()?;
        let of_each = [true, false].map(|old| addresses.iter().filter(|address| address.is_ipv4() == old).count());
        if of_each == [0, 0] || of_each.iter().any(|count| *count > MOST) {
            return Err(format!("addresses has to name one or more addresses, and {MOST} of IPv4 and of IPv6 at most"));
        }
        Ok(Self { addresses })
    }

    fn set(&self, name: &str, rtype: RrType) -> Option<RrSet> {
        let of_type = self.addresses.iter().filter(|address| address.is_ipv4() == (rtype == RrType::A));
        let values: Vec<_> = of_type.map(ToString::to_string).collect();
        (!values.is_empty()).then(|| RrSet { name: name.to_owned(), rtype, ttl: TTL, values })
    }
}

/// The ports that the world opens: only the first has to be there.
const PORTS: [u16; 2] = [80, 443];

#[async_trait]
impl Account for EmbeddedRedirect {
    /// Opens the addresses as the world does, as far as this machine's network lets it.
    async fn examine(&self) -> Result<Examined, Trouble> {
        let mut seen = vec![];
        for address in &self.addresses {
            if let Some(fault) = outside::unreachable(*address) {
                let todo = "write the address that web addresses lead to, as the world sees it".into();
                return Ok(Examined { remarks: vec![fault, todo], ..Examined::default() });
            }
            let [http, https] = PORTS.map(|port| SocketAddr::new(*address, port));
            if !outside::listens(http).await {
                let fault = format!("nobody listens at {http}");
                return Ok(Examined { remarks: vec![fault, outside::TODO.into()], ..Examined::default() });
            }
            let with = if outside::listens(https).await { "and HTTPS" } else { "and not HTTPS" };
            seen.push(format!("{address} takes HTTP {with}"));
        }
        Ok(Examined { reached: Some(seen.join(", ")), ..Examined::default() })
    }
}

#[async_trait]
impl Redirector for EmbeddedRedirect {
    async fn ensure_redirect(&self, call: &Call, _target: &str) -> Result<Vec<RrSet>, Trouble> {
        let names = [call.subject.to_string(), format!("www.{}", call.subject)];
        let of_name = |name: &String| [RrType::A, RrType::Aaaa].map(|rtype| self.set(name, rtype));
        Ok(names.iter().flat_map(of_name).flatten().collect())
    }

    /// With its zone's row goes the site.
    async fn ensure_no_redirect(&self, _call: &Call) -> Result<(), Trouble> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_addresses_are_told_apart_and_checked() {
        let account = EmbeddedRedirect::new("2001:db8::1, 192.0.2.2 192.0.2.1").unwrap();
        let values = |rtype| account.set("www.acme.com", rtype).map(|set| set.values);
        assert_eq!(values(RrType::A), Some(vec!["192.0.2.1".into(), "192.0.2.2".into()]));
        assert_eq!(values(RrType::Aaaa), Some(vec!["2001:db8::1".into()]));
        assert_eq!(EmbeddedRedirect::new("192.0.2.1").unwrap().set("acme.com", RrType::Aaaa), None);
        let many: Vec<_> = (1..=9).map(|n| format!("192.0.2.{n}")).collect();
        for wrong in ["", "acme.com", "0.0.0.0", "192.0.2.1:80", "[2001:db8::1]", &many.join(" ")] {
            assert!(EmbeddedRedirect::new(wrong).unwrap_err().starts_with("addresses has"), "{wrong}");
        }
    }
}

//! What a PowerDNS server says of itself.

use async_trait::async_trait;

use super::Powerdns;
use super::wire::Server;
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::Method;

#[async_trait]
impl Account for Powerdns {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let server = self.server().await?;
        let remarks = match server.daemon_type.as_str() {
            "authoritative" => vec![],
            other => vec![format!(
                "This is a PowerDNS {other}, which hosts no zones: set base_url to the authoritative server."
            )],
        };
        let known_as = Some(format!("PowerDNS {}", server.version));
        Ok(Examined { known_as, limits: self.vendor.limits(), remarks, ..Examined::default() })
    }
}

impl Powerdns {
    /// The server that answers.
    pub(super) async fn server(&self) -> Result<Server, Trouble> {
        let answer = self.vendor.call(self.request("look_at_server", Method::Get, &[])).await?;
        match answer.status {
            404 => Err(Trouble::Misconfigured(format!(
                "The account {} answers, and has no API of PowerDNS: set base_url to the address of its web server, without a \
                 path, and api=yes in its configuration.",
                self.vendor.account()
            ))),
            _ if answer.is_success() => answer.json(),
            _ => Err(answer.unclear()),
        }
    }
}

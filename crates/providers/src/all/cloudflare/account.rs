//! How it is with the account.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;

use super::wire::{Envelope, No, read};
use super::zone::Zone;
use super::{Cloudflare, Right};
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

/// As many names as an account may have, see <https://developers.cloudflare.com/registrar/>.
const MOST_NAMES: usize = 500;

#[derive(Debug, Deserialize)]
struct Known {
    name: String,
}

/// A token need not be allowed everything: what it is not allowed is said, and only a token that is allowed nothing is
/// trouble.
#[async_trait]
impl Account for Cloudflare {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.call(Request::new("look_at_account", Method::Get, &["accounts", &self.account])).await?;
        let mut examined = Examined { clock: answer.date(), limits: self.vendor.limits(), ..Examined::default() };
        if let Ok(Ok(known)) = read::<Known>(&answer) {
            examined.known_as = known.only().ok().map(|known| known.name);
        }
        let names = self.ask::<Vec<Value>>(self.registrar("look_at_names", Method::Get, &["registrations"])).await?;
        let zones = if self.is_sandbox { None } else { Some(self.some_zones().await?) };
        if let (Err(no), None | Some(Err(_))) = (&names, &zones) {
            return Err(self.refused(no, Right::Names));
        }
        if names.is_err() {
            examined.remarks.push(lacks("buys no names", Right::Names));
        }
        match zones {
            Some(Ok(zones)) => {
                let count = zones.result_info.total_count.unwrap_or(0);
                examined.remarks.push(format!(
                    "It hosts {count} zones; how many it may have is not published. It may have {MOST_NAMES} names."
                ));
                let name = zones.only().ok().and_then(|zones| zones.into_iter().next()).and_then(Zone::account_name);
                examined.known_as = examined.known_as.or(name);
            }
            Some(Err(_)) => examined.remarks.push(lacks("hosts no zones", Right::Zones)),
            None => {}
        }
        Ok(examined)
    }
}

fn lacks(what: &str, right: Right) -> String {
    format!("It {what}: its token has not the permission {}.", right.words())
}

impl Cloudflare {
    async fn some_zones(&self) -> Result<Result<Envelope<Vec<Zone>>, No>, Trouble> {
        let request = Request::new("look_at_zones", Method::Get, &["zones"]);
        self.ask(request.query("account.id", self.account.as_str()).query("per_page", "5")).await
    }
}

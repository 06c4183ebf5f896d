//! How it is with the account.

use async_trait::async_trait;

use super::wire::{Data, WhoAmI};
use super::{Dnsimple, done};
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

#[async_trait]
impl Account for Dnsimple {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.call(Request::new("who_am_i", Method::Get, &["whoami"])).await?;
        let known = done::<Data<WhoAmI>>(&answer)?.data.account;
        let mut examined = Examined { clock: answer.date(), limits: self.vendor.limits(), ..Examined::default() };
        match known {
            Some(known) if known.id.to_string() == self.account => examined.known_as = Some(known.email),
            Some(known) => examined.remarks.push(format!(
                "The token belongs to the account {}, and not to {}: set `account` to it, or make a token there.",
                known.id, self.account
            )),
            None => examined.remarks.push("The token belongs to a person: make one of the account.".into()),
        }
        Ok(examined)
    }
}

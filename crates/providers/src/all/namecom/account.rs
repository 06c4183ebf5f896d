//! How it is with the account.

use async_trait::async_trait;

use super::wire::{Balance, Hello, Unverified, cents};
use super::{Namecom, done};
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::Method;

#[async_trait]
impl Account for Namecom {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.call(Self::request("who_am_i", Method::Get, &["hello"])).await?;
        let hello: Hello = done(&answer)?;
        let balance = self.call(Self::request("balance", Method::Get, &["accountinfo", "balance"])).await?;
        let balance_cents = cents(&done::<Balance>(&balance)?.balance);
        let remarks = self.unverified().await?;
        Ok(Examined {
            known_as: Some(hello.username),
            balance_cents,
            clock: answer.date(),
            remarks,
            ..Examined::default()
        })
    }
}

impl Namecom {
    /// Whose names the registry may take out of the zone because nobody has answered its mail.
    async fn unverified(&self) -> Result<Vec<String>, Trouble> {
        let path = ["contacts", "unverified"];
        let answer = self.call(Self::request("list_unverified", Method::Get, &path)).await?;
        let contacts = done::<Unverified>(&answer)?.unverified_contacts;
        let remark = |contact: &super::wire::Contact| {
            format!(
                "The registrant of {} has to answer the mail that asks for confirmation before {}, or the registry may \
                 suspend it.",
                contact.domains.join(", "),
                contact.verify_by.date()
            )
        };
        Ok(contacts.iter().map(remark).collect())
    }
}

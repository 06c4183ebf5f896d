//! How it is with the account.

use async_trait::async_trait;

use super::wire::{Balance, Contact, Hello, Unverified, cents};
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
        let remarks = self.unverified_contacts().await?.iter().map(remark).collect();
        let known_as = Some(hello.username);
        Ok(Examined {
            known_as,
            balance_cents,
            clock: answer.date(),
            remarks,
            limits: self.vendor.limits(),
            ..Examined::default()
        })
    }
}

impl Namecom {
    /// Whose names the registry may take out of the zone because nobody has answered its mail.
    pub(super) async fn unverified_contacts(&self) -> Result<Vec<Contact>, Trouble> {
        let path = ["contacts", "unverified"];
        let answer = self.call(Self::request("list_unverified", Method::Get, &path)).await?;
        Ok(done::<Unverified>(&answer)?.unverified_contacts)
    }
}

fn remark(contact: &Contact) -> String {
    format!(
        "The registrant of {} has to answer the mail that asks for confirmation before {}, or the registry may suspend it.",
        contact.domains.join(", "),
        contact.verify_by.date()
    )
}

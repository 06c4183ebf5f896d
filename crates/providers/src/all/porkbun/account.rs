//! How it is with the account.

use async_trait::async_trait;

use super::wire::{Balance, Nothing, Spending};
use super::{Heard, Porkbun, heard};
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

#[async_trait]
impl Account for Porkbun {
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.call(Request::new("ping", Method::Get, &["ping"])).await?;
        heard::<Nothing>(&answer)?.done()?;
        let balance: Heard<Balance> = self.look("balance", &["account", "balance"]).await?;
        let spending: Heard<Spending> = self.look("limits", &["account", "apiSettings"]).await?;
        let mut remarks = vec!["Names are registered for the contact of the account itself.".to_owned()];
        if let Some(left) = spending.done()?.left() {
            remarks.push(format!(
                "It may spend {}.{:02} USD more in this month: the limit is set at https://porkbun.com/account/api.",
                left.max(0) / 100,
                left.max(0) % 100
            ));
        }
        let balance_cents = balance.done()?.cents();
        let limits = self.vendor.limits();
        Ok(Examined { balance_cents, clock: answer.date(), limits, remarks, ..Examined::default() })
    }
}

//! How it is with the vendor: there is no account of the operator's to look at.

use async_trait::async_trait;

use super::Instantly;
use crate::roles::{Account, Examined};
use crate::trouble::Trouble;
use crate::vendor::{Method, Request};

#[async_trait]
impl Account for Instantly {
    /// Whoever comes without a key is told so by the vendor itself.
    async fn examine(&self) -> Result<Examined, Trouble> {
        let answer = self.keyed.without().call(Request::new("look", Method::Get, &["accounts"])).await?;
        if answer.status != 401 {
            return Err(Trouble::Misconfigured(format!(
                "The base address of the account {} is not Instantly's: it answers somebody without a key.",
                self.keyed.account()
            )));
        }
        let remarks = vec!["Keys are your resellers' and come with their orders: none was tried.".to_owned()];
        Ok(Examined { clock: answer.date(), limits: self.keyed.limits(), remarks, ..Examined::default() })
    }
}

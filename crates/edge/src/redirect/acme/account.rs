//! Our account at an authority: the one that is kept, or a new one.

use instant_acme::{Account, AccountCredentials, Error, NewAccount};
use secrecy::{ExposeSecret as _, SecretString};

use super::authority::Authority;
use super::keeper::Keeper;
use super::trouble::{Trouble, is_no_account};

/// An account that is in use, with its credentials as they are kept.
pub(super) struct Opened {
    account: Account,
    credentials: SecretString,
}

impl Authority {
    /// Our account. It is opened once for each process, and made where nobody has made it.
    pub(super) async fn account(&self, keeper: &dyn Keeper) -> Result<Account, Trouble> {
        let mut opened = self.opened.lock().await;
        if let Some(opened) = &*opened {
            return Ok(opened.account.clone());
        }
        if !self.settings.terms_agreed {
            return Err(Trouble::Ours("nobody has agreed to the terms of the certificate authority".into()));
        }
        let kept = keeper.account(&self.settings.directory).await.map_err(Trouble::Kept)?;
        let now = match kept {
            Some(credentials) => self.open(credentials).await?,
            None => self.make(keeper, None).await?,
        };
        Ok(opened.insert(now).account.clone())
    }

    /// Has a new account where the authority does not know `old` any more: it has forgotten it, or somebody has closed it. Of several
    /// who find that out at once the first makes it. Answers whether that was in the way.
    pub(super) async fn forget(&self, keeper: &dyn Keeper, error: &Trouble, old: &Account) -> Result<bool, Trouble> {
        if !is_no_account(error) {
            return Ok(false);
        }
        let mut opened = self.opened.lock().await;
        let Some(known) = opened.take_if(|known| known.account.id() == old.id()) else { return Ok(true) };
        let new = self.make(keeper, Some(&known.credentials)).await?;
        tracing::warn!(
            directory = self.settings.directory,
            "the certificate authority did not know our account; there is a new one"
        );
        *opened = Some(new);
        Ok(true)
    }

    async fn open(&self, credentials: SecretString) -> Result<Opened, Trouble> {
        let read: AccountCredentials = serde_json::from_str(credentials.expose_secret()).map_err(|_| {
            Trouble::Ours("the credentials of the account at the certificate authority cannot be read".into())
        })?;
        let builder = Account::builder_with_http(Box::new(self.client.clone()));
        Ok(Opened { account: builder.from_credentials(read).await?, credentials })
    }

    async fn make(&self, keeper: &dyn Keeper, instead_of: Option<&SecretString>) -> Result<Opened, Trouble> {
        let directory = &self.settings.directory;
        let contact = self.settings.contact.as_ref().map(|contact| format!("mailto:{contact}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let wanted = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let builder = Account::builder_with_http(Box::new(self.client.clone()));
        let (account, credentials) = builder.create(&wanted, directory.clone(), None).await?;
        let credentials = SecretString::from(serde_json::to_string(&credentials).map_err(Error::Json)?);
        let kept = keeper.keep_account(directory, credentials.clone(), instead_of).await.map_err(Trouble::Kept)?;
        if kept.expose_secret() == credentials.expose_secret() {
            return Ok(Opened { account, credentials });
        }
        // Somebody else was first. The account that is not kept has no orders, and is nobody's.
        self.open(kept).await
    }
}

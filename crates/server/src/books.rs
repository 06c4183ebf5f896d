//! Our rows of names and purchases, and what the accounts at vendors say that they have: what is held against each other.

use model::reconcile::{Books, Charge, HeldZone, Holding};
use model::world::World;
use providers::kind::Opened;
use providers::trouble::Trouble;
use store::{Store, StoreError, domains, intents};

/// What is in the books, and who did not say what they have.
pub(crate) struct Heard {
    pub(crate) books: Books,
    /// In sentences.
    pub(crate) silent: Vec<String>,
    /// The registrars' accounts that list nothing of what they charge.
    pub(crate) unlisted: Vec<String>,
}

impl Heard {
    /// Asks each account what it has charged for names, too.
    pub(crate) async fn hear_charges<'a>(&mut self, accounts: impl Iterator<Item = (&'a str, &'a Opened)> + Send) {
        for (account, opened) in accounts {
            let Some(registrar) = &opened.registrar else { continue };
            match registrar.charges(&World::live()).await {
                Ok(None) => self.unlisted.push(account.to_owned()),
                Ok(Some(charged)) => self.books.charges.extend(charged.into_iter().map(|one| Charge {
                    account: account.to_owned(),
                    name: one.name,
                    kind: one.kind,
                    cents: one.cents,
                    at: one.at,
                    vendor_id: one.vendor_id,
                })),
                Err(Trouble::Misconfigured(words)) => self.silent.push(format!("{account}: {words}")),
                Err(trouble) => {
                    self.silent.push(format!("{account} does not say what it has charged ({})", trouble.name()));
                }
            }
        }
    }
}

/// Reads our rows, then asks each account: what was bought meanwhile is found later, and not taken for unknown.
pub(crate) async fn hear<'a>(
    store: &Store,
    accounts: impl Iterator<Item = (&'a str, &'a Opened)> + Send,
) -> Result<Heard, StoreError> {
    let (mut books, mut silent) = (Books::default(), vec![]);
    for (name, opened) in accounts {
        let heard = ask(&mut books, name, opened).await;
        silent.extend(heard.err().map(|trouble| format!("{name} does not say what lies in it ({trouble})")));
    }
    // Afterwards, so that whatever an account has by then is known here, if it is ours.
    let mut db = store.read().await?;
    books.domains = domains::living(&mut db, &World::live()).await?;
    books.intents = intents::certain(&mut db).await?;
    Ok(Heard { books, silent, unlisted: vec![] })
}

async fn ask(books: &mut Books, account: &str, opened: &Opened) -> Result<(), &'static str> {
    if let Some(registrar) = &opened.registrar {
        let held = registrar.portfolio(&World::live()).await.map_err(|trouble| trouble.name())?;
        books.asked.insert(account.to_owned());
        books.holdings.extend(held.into_iter().map(|one| Holding {
            account: account.to_owned(),
            name: one.name,
            expires_at: one.expires_at,
            renews_itself: one.renews_itself,
        }));
    }
    if let Some(dns) = &opened.dns {
        let zones = dns.zones(&World::live()).await.map_err(|trouble| trouble.name())?;
        let of = |name| HeldZone { account: account.to_owned(), name };
        books.zones.extend(zones.unwrap_or_default().into_iter().map(of));
    }
    Ok(())
}

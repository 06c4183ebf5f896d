//! Handing out how inboxes are logged in to.

use async_trait::async_trait;
use model::access::{Row, Shown, sheet};
use model::audit::Act;
use model::id::{InboxId, OrderId};
use model::inbox::Inbox;
use model::view::HandedAccess;
use model::world::Scope;
use secrecy::SecretString;
use store::{Db, Failure, Halt, domains, inboxes, orders};

use super::Ways;
use crate::acting::{Acting, Done};
use crate::case::UseCase;
use crate::core::Core;
use crate::missing::not_found;

/// Hands out how inboxes are logged in to. It is put down before anybody sees it.
pub struct HandOut {
    subject: String,
    inboxes: Vec<HandedInbox>,
}

/// An inbox, and its password where it is known.
#[derive(Clone)]
pub struct HandedInbox {
    inbox: Inbox,
    domain: String,
    password: Option<SecretString>,
    is_consented: bool,
}

/// What is handed out.
pub struct Handed(Vec<HandedInbox>);

impl HandedInbox {
    /// As partners see it.
    #[must_use]
    pub fn view(&self) -> HandedAccess {
        HandedAccess::of(&self.inbox, self.password.clone(), self.is_consented)
    }
}

impl Handed {
    /// As partners see them.
    #[must_use]
    pub fn views(&self) -> Vec<HandedAccess> {
        self.0.iter().map(HandedInbox::view).collect()
    }

    /// The same as a sheet.
    #[must_use]
    pub fn sheet(&self) -> SecretString {
        let views = self.views();
        let rows = self.0.iter().zip(&views).map(|(one, view)| Row {
            inbox: &one.inbox,
            domain: &one.domain,
            password: view.password.as_ref(),
            note: view.message.as_deref().unwrap_or_default(),
        });
        sheet(rows, Shown::PasswordsAndNotes)
    }
}

impl HandOut {
    /// One inbox's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn of_inbox(core: &Core, scope: &Scope, id: &InboxId) -> Result<Self, Failure> {
        let mut db = core.store.read().await?;
        let inbox = inboxes::get(&mut db, scope, id).await?.ok_or_else(|| not_found("inbox", id))?;
        let ways = Ways::of(&mut db, &inbox.domain).await?;
        Ok(Self { subject: id.to_string(), inboxes: vec![handed(inbox, &ways)] })
    }

    /// Those of an order, but for deleted ones.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn of_order(core: &Core, scope: &Scope, id: &OrderId) -> Result<Self, Failure> {
        let mut db = core.store.read().await?;
        orders::get(&mut db, scope, id).await?.ok_or_else(|| not_found("order", id))?;
        Ok(Self { subject: id.to_string(), inboxes: of_order(&mut db, id).await? })
    }
}

async fn of_order(db: &mut Db, id: &OrderId) -> Result<Vec<HandedInbox>, Failure> {
    let mut all = vec![];
    for domain in domains::of_order(db, id).await? {
        let living = inboxes::of_domain(db, &domain.id).await?;
        if living.is_empty() {
            continue;
        }
        let ways = Ways::of(db, &domain.id).await?;
        all.extend(living.into_iter().map(|inbox| handed(inbox, &ways)));
    }
    Ok(all)
}

fn handed(inbox: Inbox, ways: &Ways) -> HandedInbox {
    let (password, is_consented) = (ways.password(&inbox), ways.is_consented(&inbox));
    HandedInbox { inbox, domain: ways.domain.clone(), password, is_consented }
}

#[async_trait]
impl UseCase for HandOut {
    type Output = Handed;
    const ACT: Act = Act::LoginsHandOut;

    fn subject(&self, _: &Handed) -> Option<String> {
        Some(self.subject.clone())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Handed>, Halt> {
        let present = acting.present().await?;
        Ok(present.done(Handed(self.inboxes.clone())))
    }
}

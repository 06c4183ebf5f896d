//! Coming back: what a mail host sends somebody with.

use std::sync::Arc;

use async_trait::async_trait;
use model::audit::Act;
use model::consent::{self, Answer, ConsentStatus, NotNow};
use model::id::InboxId;
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use store::{Db, Failure, Halt, StoreError, actions, consents, inboxes, runs};

use super::Visitor;
use crate::acting::{Acting, Done};
use crate::case::{UseCase, perform};
use crate::core::Core;

/// Where somebody goes who has come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// To the page of their link, which says how it stands.
    To(String),
    /// There is nothing left to do for this inbox.
    Done(String),
    /// What was given for this inbox is being looked at.
    Checking(String),
    /// Nobody asks any more.
    Over,
    /// We have sent nobody there with this.
    Unknown,
}

/// Takes what somebody has come back with: once. What is not taken is not written down.
///
/// # Errors
/// What goes wrong in the store.
pub async fn answer(core: &Core, visitor: Visitor, state: &str, answer: Answer) -> Result<Back, Failure> {
    let Some((inbox, round)) = consents::read_state(core.store.vault(), state) else { return Ok(Back::Unknown) };
    let mut db = core.store.read().await?;
    let Some(inbox) = inboxes::load(&mut db, &inbox).await? else { return Ok(Back::Unknown) };
    let known = consents::get(&mut db, &inbox.id).await?;
    let now = visitor.now().server;
    let is_taken = known.is_some_and(|known| consent::answer(&known, round, &answer, &[], now).is_ok());
    if is_taken && inbox.status != InboxStatus::Deleted {
        drop(db);
        let case = Arc::new(AnswerConsent { inbox: inbox.id.clone(), round, answer });
        // Whoever was faster has answered the same round: the page says how it stands.
        let _ = perform(core, &Arc::new(visitor.actor(&inbox)), &case).await?.value;
        db = core.store.read().await?;
    }
    link(core, &mut db, &inbox).await.map_err(Failure::from)
}

async fn link(core: &Core, db: &mut Db, inbox: &Inbox) -> Result<Back, StoreError> {
    if let Some(asked) = actions::open_of_domain(db, &inbox.domain).await? {
        return Ok(Back::To(consents::link(core.store.vault(), &inbox.id, &asked.id)));
    }
    // It may have been linked meanwhile, and the question answered by that.
    let Some(inbox) = inboxes::load(db, &inbox.id).await? else { return Ok(Back::Over) };
    let status = consents::get(db, &inbox.id).await?.map(|consent| consent.status);
    Ok(match (inbox.status, inbox.link, status) {
        (InboxStatus::Deleted, ..) => Back::Over,
        (_, LinkStatus::Linked, _) | (_, LinkStatus::Waiting, Some(ConsentStatus::Granted)) => Back::Done(inbox.email),
        (_, _, Some(ConsentStatus::Checking)) => Back::Checking(inbox.email),
        _ => Back::Over,
    })
}

/// Takes an answer to a round.
struct AnswerConsent {
    inbox: InboxId,
    round: i64,
    answer: Answer,
}

#[async_trait]
impl UseCase for AnswerConsent {
    type Output = Result<(), NotNow>;
    const ACT: Act = Act::ConsentAnswer;
    const WAKES: bool = true;

    fn subject(&self, _: &Self::Output) -> Option<String> {
        Some(self.inbox.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Self::Output>, Halt> {
        let mut present = acting.present().await?;
        let known = consents::get(&mut present.tx, &self.inbox).await?.ok_or(Halt::Lost)?;
        let runs = runs::of_domain(&mut present.tx, &known.domain).await?;
        match consent::answer(&known, self.round, &self.answer, &runs, present.now.server) {
            Ok(change) => {
                present.apply(change).await?;
                Ok(present.done(Ok(())))
            }
            Err(not_now) => Ok(present.done(Err(not_now))),
        }
    }
}

//! Beginning: where somebody who has followed a link is sent.

use std::sync::Arc;

use async_trait::async_trait;
use model::audit::Act;
use model::change::Change;
use model::consent::{self, Consent, NotNow};
use model::id::InboxId;
use store::{Failure, Halt, consents, inboxes};

use super::{Told, Visit, Visitor};
use crate::acting::{Acting, Done};
use crate::case::{UseCase, perform};
use crate::core::Core;

/// The page of the mail host for a visit. A round that is open is gone on with, without anything being written.
///
/// # Errors
/// What goes wrong in the store.
pub async fn begin(core: &Core, visitor: Visitor, visit: &Visit) -> Result<Result<String, NotNow>, Failure> {
    if !visit.is_asked(core) {
        return Ok(Err(NotNow::NotNeeded));
    }
    let redirect_uri = core.consents.redirect_uri();
    let known = visit.consent.as_ref();
    let is_shut = visit.is_shut();
    let begun = match consent::begin(&visit.inbox, known, is_shut, &redirect_uri, visitor.now().server) {
        Err(not_now) => return Ok(Err(not_now)),
        Ok(begun) if begun.change == Default::default() => begun.consent,
        Ok(_) => {
            let case = Arc::new(BeginConsent { inbox: visit.inbox.id.clone(), is_shut, redirect_uri });
            match perform(core, &Arc::new(visitor.actor(&visit.inbox)), &case).await?.value {
                Ok(consent) => consent,
                Err(not_now) => return Ok(Err(not_now)),
            }
        }
    };
    let vault = core.store.vault();
    let (state, challenge) = (consents::state(vault, &begun), consents::challenge(vault, &begun));
    let told =
        Told { email: &visit.inbox.email, redirect_uri: &begun.redirect_uri, state: &state, challenge: &challenge };
    Ok(core.consents.page(&visit.domain, told).ok_or(NotNow::NotNeeded))
}

/// Begins a round.
struct BeginConsent {
    inbox: InboxId,
    is_shut: bool,
    redirect_uri: String,
}

#[async_trait]
impl UseCase for BeginConsent {
    type Output = Result<Consent, NotNow>;
    const ACT: Act = Act::ConsentBegin;

    fn subject(&self, _: &Self::Output) -> Option<String> {
        Some(self.inbox.to_string())
    }

    async fn run(&self, acting: Acting<'_>) -> Result<Done<Self::Output>, Halt> {
        let mut present = acting.present().await?;
        let inbox = inboxes::get(&mut present.tx, &present.scope, &self.inbox).await?.ok_or(Halt::Lost)?;
        let known = consents::get(&mut present.tx, &self.inbox).await?;
        let now = present.now.server;
        let begun = match consent::begin(&inbox, known.as_ref(), self.is_shut, &self.redirect_uri, now) {
            Ok(begun) => begun,
            Err(not_now) => return Ok(present.done(Err(not_now))),
        };
        present.apply(Change { consents: begun.change, ..Change::default() }).await?;
        Ok(present.done(Ok(begun.consent)))
    }
}

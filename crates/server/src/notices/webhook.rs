//! Tells the operator's webhook: what is written down, and what could not be.

use std::sync::Arc;
use std::time::Duration;

use engine::{Courier, signature};
use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::Clock;
use model::id::{EventId, Id as _, Ids, NoticeId};
use model::notice::{Message, MessageKind, Sighting, TIMEOUT};
use providers::egress::Trust;
use secrecy::SecretString;
use store::{Failure, Kind, Store, StoreError, notices, on_behalf_of};

use super::board::Board;

/// So many messages are looked at together.
const SOME: i64 = 20;

/// The operator's webhook.
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: SecretString,
    pub(super) courier: Arc<dyn Courier>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Ids,
}

impl Webhook {
    /// Sends everything that is due, the older first. What fails is put down and tried again.
    pub(super) async fn tell(&self, board: &Board) {
        for sighting in board.untold() {
            self.tell_from_memory(&sighting, board).await;
        }
        loop {
            match self.tell_some().await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "what the operator's webhook is to be told could not be read or written now");
                    return;
                }
            }
        }
    }

    /// Nobody remembers it yet: it is sent again until it arrives or can be written down.
    async fn tell_from_memory(&self, sighting: &Sighting, board: &Board) {
        let (ids, now): ((NoticeId, EventId), _) = ((self.ids.next(), self.ids.next()), self.clock.now());
        let notice = sighting.notice(ids.0.clone(), now);
        let message = notice.message(ids.1.clone(), MessageKind::Opened, now);
        match self.send(&message).await {
            None => board.told(sighting, &ids),
            Some(error) => {
                tracing::warn!(error, "the operator's webhook could not be told of what cannot be written down")
            }
        }
    }

    /// Answers how many were sent or taken by others.
    async fn tell_some(&self) -> Result<usize, Failure> {
        let due = notices::due_messages(&mut self.store.read().await?, self.clock.now(), SOME).await?;
        for message in &due {
            // Of several processes one gets it.
            let taken = match self.write(message.taken(self.clock.now())).await {
                Ok(taken) => taken,
                Err(Failure::Broken(StoreError::Contention)) => continue,
                Err(failure) => return Err(failure),
            };
            let error = self.send(&taken).await;
            if let Some(error) = &error {
                let (event, notice) = (taken.id.as_str(), taken.notice.as_str());
                tracing::warn!(event, notice, error, "the operator's webhook did not take what it was sent");
            }
            self.write(taken.tried(error, self.clock.now())).await?;
        }
        Ok(due.len())
    }

    /// Answers the row as it is now.
    async fn write(&self, message: Message) -> Result<Message, Failure> {
        let (ids, now, row) = (self.ids.clone(), self.clock.now(), message.clone());
        let writing = self.store.settle(move |tx| {
            let (ids, row) = (ids.clone(), row.clone());
            async move {
                let mut change = Change::default();
                change.messages.update.push(row);
                tx.apply(change, &ids, now).await
            }
            .boxed()
        });
        on_behalf_of(Kind::Housekeeping, None, writing).await?;
        Ok(Message { version: message.version + 1, ..message })
    }

    /// Signed as partners' webhooks are. Answers why it did not arrive.
    async fn send(&self, message: &Message) -> Option<String> {
        let (timestamp, secrets) = (self.clock.wall().seconds(), std::slice::from_ref(&self.secret));
        let headers = signature::headers(message.id.as_str(), timestamp, &message.body, secrets);
        let timeout = Duration::from_micros(TIMEOUT.unsigned_abs());
        let body = message.body.clone().into_bytes();
        match self.courier.post(&self.url, headers, body, timeout, Trust::Operator).await {
            Ok(reply) if (200..300).contains(&reply.status) => None,
            Ok(reply) => Some(format!("it answered {}.", reply.status)),
            Err(error) => Some(format!("{error}.")),
        }
    }
}

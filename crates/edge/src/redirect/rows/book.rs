//! What orders of certificates need, in our rows: every process asks the same.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use model::certificate::Limits;
use model::clock::{Clock, Time};
use model::id::{Id as _, Ids, LeaseId};
use secrecy::SecretString;
use store::zones::Served;
use store::{Store, acme};

use super::super::{Answers, Challenge, ChallengeKind, Claim, Held, Keeper, Settled};

type Trouble = Box<dyn Error + Send + Sync>;

/// How many sites are told at once that they are wanted.
const AT_ONCE: usize = 100;

/// What orders at one authority need, in our rows.
pub struct Book {
    store: Store,
    which: Served,
    directory: String,
    clock: Arc<dyn Clock>,
    ids: Ids,
}

impl Book {
    /// The book of the sites of these rows, and of the authority with this directory.
    #[must_use]
    pub fn new(store: Store, which: Served, directory: impl Into<String>, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self { store, which, directory: directory.into(), clock, ids }
    }
}

/// The names of RFC 8555 §8.3 and RFC 8737 §3.
const fn name_of(kind: ChallengeKind) -> &'static str {
    match kind {
        ChallengeKind::Http01 => "http-01",
        ChallengeKind::TlsAlpn01 => "tls-alpn-01",
    }
}

#[async_trait]
impl Answers for Book {
    async fn answer(&self, name: &str, kind: ChallengeKind, token: Option<&str>) -> Result<Option<Challenge>, Trouble> {
        let mut db = self.store.read().await?;
        let about = (name, name_of(kind), token);
        let found = acme::answer(&mut db, &self.directory, about, self.clock.now()).await?;
        Ok(found.map(|found| {
            let acme::Answer { name, token, answer: authorization, until, .. } = found;
            Challenge { name, kind, token, authorization, until }
        }))
    }
}

#[async_trait]
impl Keeper for Book {
    async fn account(&self, directory: &str) -> Result<Option<SecretString>, Trouble> {
        Ok(acme::account(&mut self.store.read().await?, directory).await?)
    }

    async fn keep_account(
        &self,
        directory: &str,
        credentials: SecretString,
        instead_of: Option<&SecretString>,
    ) -> Result<SecretString, Trouble> {
        let (directory, instead_of) = (directory.to_owned(), instead_of.cloned());
        let kept = self.store.settle(move |tx| {
            let (directory, credentials, instead_of) = (directory.clone(), credentials.clone(), instead_of.clone());
            async move { acme::keep_account(tx, &directory, &credentials, instead_of.as_ref()).await }.boxed()
        });
        Ok(kept.await?)
    }

    async fn want(&self, hosts: &[String]) -> Result<bool, Trouble> {
        let missing = acme::missing(&mut self.store.read().await?, &self.directory, &self.which, hosts).await?;
        for some in missing.chunks(AT_ONCE) {
            let (directory, some, now) = (self.directory.clone(), some.to_vec(), self.clock.now());
            let environment = self.which.environment();
            let wanted = self.store.settle(move |tx| {
                let (directory, some) = (directory.clone(), some.clone());
                async move { acme::want(tx, (&directory, environment), &some, now).await }.boxed()
            });
            wanted.await?;
        }
        Ok(!missing.is_empty())
    }

    async fn claim(&self, directory: &str, limits: &Limits, now: Time, until: Time) -> Result<Claim, Trouble> {
        // Most often nothing is due: then nothing is written.
        let next = acme::next_due(&mut self.store.read().await?, directory, now).await?;
        if next.is_none_or(|at| at > now) {
            return Ok(Claim::Later(next));
        }
        let (directory, which, limits, token) = (directory.to_owned(), self.which.clone(), *limits, self.ids.next());
        let own: LeaseId = token;
        let told = own.clone();
        let claimed = self.store.settle(move |tx| {
            let (directory, which, token) = (directory.clone(), which.clone(), own.clone());
            async move { acme::claim(tx, (&directory, &which), &limits, (now, until), &token).await }.boxed()
        });
        Ok(match claimed.await? {
            acme::Claimed::Later(at) => Claim::Later(at),
            acme::Claimed::Now(held) => {
                let acme::Held { certificate, chain } = *held;
                Claim::Now(Box::new(Held { certificate, chain, until, token: told.as_str().to_owned() }))
            }
        })
    }

    async fn settle(&self, directory: &str, held: &Held, settled: Settled) -> Result<bool, Trouble> {
        let (directory, token) = (directory.to_owned(), LeaseId::opaque(held.token.as_str()));
        let Settled { certificate, kept, paused_until } = settled;
        let settled = acme::Settled { certificate, kept: kept.map(|kept| (kept.chain, kept.key)), paused_until };
        let written = self.store.settle(move |tx| {
            let (directory, token, settled) = (directory.clone(), token.clone(), settled.clone());
            async move { acme::settle(tx, &directory, &token, &settled).await }.boxed()
        });
        Ok(written.await?)
    }

    async fn keep_answer(&self, challenge: Challenge) -> Result<(), Trouble> {
        let Challenge { name, kind, token, authorization: answer, until } = challenge;
        let (directory, now) = (self.directory.clone(), self.clock.now());
        let kept = acme::Answer { name, kind: name_of(kind).to_owned(), token, answer, until };
        let written = self.store.settle(move |tx| {
            let (directory, kept) = (directory.clone(), kept.clone());
            async move { acme::keep_answer(tx, &directory, &kept, now).await }.boxed()
        });
        Ok(written.await?)
    }
}

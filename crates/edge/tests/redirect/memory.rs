//! Keeps everything in memory, as the store does in rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use edge::redirect::{Answers, Challenge, ChallengeKind, Changes, Claim, Held, Keeper, Kept, Settled, Source};
use model::certificate::{Account, Certificate, Limits, Room, room};
use model::clock::{Clock, HandClock, Time};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;

type Trouble = Box<dyn Error + Send + Sync>;

/// Keeps everything in memory.
pub(crate) struct Memory {
    state: Mutex<State>,
    clock: Arc<HandClock>,
    changed: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) credentials: HashMap<String, SecretString>,
    pub(crate) rows: BTreeMap<String, Row>,
    /// How many were ordered at once at most.
    pub(crate) most_held: usize,
    pub(crate) orders: usize,
    /// How often credentials were kept.
    pub(crate) accounts_kept: usize,
    /// Sites that are none any more.
    pub(crate) gone: BTreeSet<String>,
    account: Account,
    answers: Vec<Challenge>,
    mark: i64,
}

pub(crate) struct Row {
    pub(crate) certificate: Certificate,
    pub(crate) kept: Option<Kept>,
    held: Option<(Time, String)>,
    mark: i64,
}

impl State {
    /// The right to order what is due first.
    fn claim(&mut self, limits: &Limits, now: Time, until: Time) -> Result<Claim, Trouble> {
        let held = self.rows.values().filter(|row| row.held.as_ref().is_some_and(|(until, _)| *until > now)).count();
        let gone = &self.gone;
        self.rows.retain(|host, row| row.certificate.due_at > Some(now) || !gone.contains(host));
        let free = self.rows.values_mut().filter(|row| row.held.as_ref().is_none_or(|(until, _)| *until <= now));
        let Some(row) = free.filter(|row| row.certificate.due_at.is_some()).min_by_key(|row| row.certificate.due_at)
        else {
            return Ok(Claim::Later(None));
        };
        if row.certificate.due_at > Some(now) {
            return Ok(Claim::Later(row.certificate.due_at));
        }
        match room(&self.account, u32::try_from(held)?, limits, now) {
            Room::Later(at) => Ok(Claim::Later(at)),
            Room::Now(account) => {
                (self.account, self.orders) = (account, self.orders + 1);
                self.most_held = self.most_held.max(held + 1);
                let token = format!("{}", self.orders);
                row.held = Some((until, token.clone()));
                let chain = row.kept.as_ref().map(|kept| kept.chain.clone());
                Ok(Claim::Now(Box::new(Held { certificate: row.certificate.clone(), chain, until, token })))
            }
        }
    }
}

impl Memory {
    pub(crate) fn new(clock: Arc<HandClock>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), clock, changed: Notify::new() })
    }

    /// From now on somebody wants a certificate.
    pub(crate) fn want(&self, host: &str) {
        let certificate = Certificate::wanted(host, self.clock.now());
        self.lock().rows.insert(host.into(), Row { certificate, kept: None, held: None, mark: 0 });
    }

    /// The same, and a process has the order at once: no other can have been before it.
    pub(crate) fn want_held(&self, host: &str, until: Time) -> Held {
        let now = self.clock.now();
        let row = Row { certificate: Certificate::wanted(host, now), kept: None, held: None, mark: 0 };
        let mut state = self.lock();
        state.rows.insert(host.into(), row);
        match state.claim(&Limits::default(), now, until) {
            Ok(Claim::Now(held)) => *held,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody has died with it")
    }

    /// Waits until something is as it should be.
    pub(crate) async fn until<T>(&self, mut there: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            if let Some(found) = there(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    /// How the certificate of a site stands when an order about it has ended after `orders` have begun in all.
    pub(crate) async fn settled(&self, host: &str, is_settled: impl Fn(&Certificate) -> bool) -> Certificate {
        self.until(|state| {
            let row = &state.rows[host];
            (row.held.is_none() && is_settled(&row.certificate)).then(|| row.certificate.clone())
        })
        .await
    }
}

#[async_trait]
impl Answers for Memory {
    async fn answer(&self, name: &str, kind: ChallengeKind, token: Option<&str>) -> Result<Option<Challenge>, Trouble> {
        let is_it =
            |one: &&Challenge| one.name == name && one.kind == kind && token.is_none_or(|token| token == one.token);
        Ok(self.lock().answers.iter().rfind(is_it).cloned())
    }
}

#[async_trait]
impl Keeper for Memory {
    async fn account(&self, directory: &str) -> Result<Option<SecretString>, Trouble> {
        Ok(self.lock().credentials.get(directory).cloned())
    }

    async fn keep_account(
        &self,
        directory: &str,
        credentials: SecretString,
        instead_of: Option<&SecretString>,
    ) -> Result<SecretString, Trouble> {
        let mut state = self.lock();
        if let Some(kept) = state.credentials.get(directory)
            && instead_of.is_none_or(|old| old.expose_secret() != kept.expose_secret())
        {
            return Ok(kept.clone());
        }
        state.accounts_kept += 1;
        state.credentials.insert(directory.into(), credentials.clone());
        Ok(credentials)
    }

    async fn want(&self, hosts: &[String]) -> Result<bool, Trouble> {
        hosts.iter().for_each(|host| Self::want(self, host));
        Ok(!hosts.is_empty())
    }

    async fn claim(&self, _: &str, limits: &Limits, now: Time, until: Time) -> Result<Claim, Trouble> {
        let claim = self.lock().claim(limits, now, until)?;
        self.changed.notify_waiters();
        Ok(claim)
    }

    async fn settle(&self, _: &str, held: &Held, settled: Settled) -> Result<bool, Trouble> {
        let state = &mut *self.lock();
        let Some(row) = state.rows.get_mut(&held.certificate.host) else { return Ok(false) };
        if row.held.take_if(|(_, token)| *token == held.token).is_none() {
            return Ok(false);
        }
        row.certificate = settled.certificate;
        if let Some(kept) = settled.kept {
            state.mark += 1;
            (row.kept, row.mark) = (Some(kept), state.mark);
        }
        state.account.paused_until = settled.paused_until;
        self.changed.notify_waiters();
        Ok(true)
    }

    async fn keep_answer(&self, challenge: Challenge) -> Result<(), Trouble> {
        let state = &mut *self.lock();
        state.answers.retain(|one| one.name != challenge.name || one.kind != challenge.kind);
        state.answers.push(challenge);
        Ok(())
    }
}

impl Source<Kept> for Memory {
    async fn changes(&self, since: i64) -> Result<Changes<Kept>, Trouble> {
        let state = self.lock();
        let put = state.rows.values().filter(|row| row.mark > since).filter_map(|row| row.kept.clone()).collect();
        Ok(Changes { mark: state.mark, put, ..Changes::default() })
    }
}

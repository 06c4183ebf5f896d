//! Signed messages to a server and back, over TCP: nobody sends them in its place, and no length is too long.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::TSigVerifier;
use model::clock::{Clock, SECOND, Time};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::MAX_IN_FLIGHT;
use super::key::Key;
use super::verdict::Speaker;
use crate::dns::tcp::Connection;
use crate::trouble::Trouble;
use crate::vendor::asking::{ANSWERED, HELD, NO, SILENT, count, tell_silence};
use crate::vendor::breaker::{Breaker, Pass};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// The end of an exchange, the last message of a transfer included.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long a call may wait here for its turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most that is read of a transfer, in bytes: far more than a zone of ours has.
const LARGEST: usize = 32 * 1024 * 1024;

/// A server, and how it knows us.
pub(super) struct Client {
    pub(super) account: String,
    server: SocketAddr,
    key: Key,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    breaker: Mutex<Breaker>,
}

/// What was asked, and what came back.
pub(super) struct Told {
    /// All messages of the answer, one at least.
    pub(super) messages: Vec<Message>,
    /// The server's clock; `None` where it has not signed the answer.
    pub(super) clock: Option<Time>,
}

/// Something that is asked.
pub(super) struct Question {
    /// What it is for, as in metrics.
    pub(super) operation: &'static str,
    pub(super) message: Message,
    /// Whether it may change something.
    pub(super) writes: bool,
    /// Whether these messages are the whole answer.
    pub(super) is_whole: fn(&[Message]) -> bool,
}

/// How an exchange ended that has no answer.
enum Silence {
    /// Nothing was sent.
    Unsent,
    /// Something was, and nobody knows.
    Unclear(&'static str),
    /// The server says why, and that is it.
    No(Trouble),
}

impl Client {
    pub(super) fn new(account: String, server: SocketAddr, key: Key, clock: Arc<dyn Clock>) -> Self {
        let (places, breaker) = (Semaphore::new(MAX_IN_FLIGHT), Mutex::new(Breaker::new()));
        Self { account, server, key, clock, places, breaker }
    }

    pub(super) fn speaker(&self) -> Speaker<'_> {
        Speaker { account: &self.account, key: &self.key.name, algorithm: self.key.algorithm }
    }

    /// The key's name.
    pub(super) fn key_name(&self) -> &str {
        &self.key.name
    }

    /// Asks, once; the answer is signed by the server, whatever it says. Of a zone that it does not have a server may sign
    /// nothing: that is an answer to a look too.
    ///
    /// # Errors
    /// `Later` when it is certain that nothing was done, `Unknown` when something may have been, `Misconfigured` when the server
    /// does not accept the signature.
    pub(super) async fn ask(&self, question: Question) -> Result<Told, Trouble> {
        let (operation, writes) = (question.operation, question.writes);
        let Some(turn) = self.turn().await else {
            count(&self.account, operation, HELD);
            return Err(Trouble::Later(None));
        };
        let asked = timeout(DEADLINE, self.exchange(question)).await;
        let silence = match asked.unwrap_or(Err(Silence::Unclear("it takes too long"))) {
            Ok(told) => {
                self.note(turn.pass, true);
                count(&self.account, operation, ANSWERED);
                return Ok(told);
            }
            Err(silence) => silence,
        };
        self.note(turn.pass, matches!(silence, Silence::No(_)));
        count(&self.account, operation, if matches!(silence, Silence::No(_)) { NO } else { SILENT });
        let (account, why) = (&self.account, silence.why());
        tracing::warn!(account, operation, why, "a name server did not do what it was asked");
        Err(match silence {
            Silence::No(trouble) => trouble,
            Silence::Unclear(_) if writes => Trouble::Unknown,
            Silence::Unclear(_) | Silence::Unsent => Trouble::Later(None),
        })
    }

    /// Leave to ask; nobody stands in line for somebody who does not answer.
    async fn turn(&self) -> Option<Turn<'_>> {
        if !locked(&self.breaker).would_let(self.clock.now()) {
            return None;
        }
        let place = timeout(PATIENCE, self.places.acquire()).await.ok()?.ok()?;
        let pass = locked(&self.breaker).let_through(self.clock.now())?;
        Some(Turn { pass, _place: place })
    }

    async fn exchange(&self, question: Question) -> Result<Told, Silence> {
        let mut message = question.message;
        let ours = u64::try_from(self.clock.wall().0 / SECOND).unwrap_or(0);
        let signed = message.finalize(&self.key.signer, ours);
        let mut verifier = signed.ok().flatten().ok_or(Silence::Unsent)?;
        let bytes = message.to_vec().map_err(|_| Silence::Unsent)?;
        let connection = timeout(CONNECT, Connection::open(self.server)).await;
        let mut connection = connection.ok().and_then(Result::ok).ok_or(Silence::Unsent)?;
        let broke = |_| Silence::Unclear("the connection broke");
        connection.send(&bytes).await.map_err(broke)?;
        let (mut messages, mut length, mut clock) = (vec![], 0, None);
        while messages.is_empty() || !(question.is_whole)(&messages) {
            let bytes = connection.receive().await.map_err(broke)?;
            length += bytes.len();
            if length > LARGEST {
                return Err(Silence::Unclear("it has no end"));
            }
            let answer = Message::from_vec(&bytes).map_err(|_| Silence::Unclear("it cannot be read"))?;
            if answer.id != message.id {
                return Err(Silence::Unclear("it answers something else"));
            }
            clock = self.verify(&mut verifier, &bytes, &answer, ours, question.writes)?;
            messages.push(answer);
        }
        Ok(Told { messages, clock })
    }

    /// Whether an answer is the server's; tells its clock.
    fn verify(
        &self,
        verifier: &mut TSigVerifier,
        bytes: &[u8],
        answer: &Message,
        ours: u64,
        writes: bool,
    ) -> Result<Option<Time>, Silence> {
        let Some(signature) = answer.signature() else {
            return match answer.response_code {
                // Whoever knows nothing of signatures does not sign that.
                ResponseCode::NotImp | ResponseCode::FormErr => Err(Silence::No(self.speaker().unsigned())),
                ResponseCode::Refused | ResponseCode::NotAuth if !writes => Ok(None),
                _ => Err(Silence::Unclear("its answer is not signed")),
            };
        };
        if let Some(error) = signature.data.error {
            return Err(Silence::No(self.speaker().signature(error, &signature.data, ours)));
        }
        verifier.verify(bytes).map_err(|_| Silence::Unclear("its answer is signed by somebody else"))?;
        Ok(i64::try_from(signature.data.time).ok().map(|seconds| Time(seconds.saturating_mul(SECOND))))
    }

    fn note(&self, pass: Pass, did_answer: bool) {
        let now = self.clock.now();
        let mut breaker = locked(&self.breaker);
        let was_silent = breaker.is_silent();
        match did_answer {
            true => breaker.answered(),
            false => breaker.failed(pass, now),
        }
        let is_silent = breaker.is_silent();
        drop(breaker);
        if is_silent != was_silent {
            tell_silence(&self.account, is_silent);
        }
    }
}

/// Leave to send one message.
struct Turn<'a> {
    pass: Pass,
    _place: SemaphorePermit<'a>,
}

impl Silence {
    const fn why(&self) -> &'static str {
        match self {
            Self::Unsent => "no connection stands",
            Self::Unclear(why) => why,
            Self::No(_) => "it does not accept the signature",
        }
    }
}

/// Nobody who holds it waits for anything, and what panics leaves it whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

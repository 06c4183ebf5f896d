//! What is done once however often it is sent: how a repeat is recognised, and what it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::clock::Now;
use model::id::{Id as _, OrderId};
use model::idempotency::{Handle, Remembered, Said};
use model::order::OrderStatus;
use model::refusal::{Code, Fault, Refusal};
use model::secret::Secret;
use model::world::Scope;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use store::{Backend, Db, Failure, Halt, Store, StoreError, Tx, idempotency, orders};

use crate::acting::{Acting, Done};
use crate::actor::Actor;
use crate::case::{UseCase, perform_in};
use crate::core::Core;

/// The status of an answer that is not complete yet (102). Nobody is sent it.
pub const BEGUN: u16 = 102;

/// What a call is told when it was done now.
#[derive(Debug)]
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub said: Said,
    /// Whether an equal call was answered before.
    pub again: bool,
}

/// What a call is answered.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status; [`BEGUN`] when the answer is still to be completed.
    pub status: u16,
    /// The body, JSON text.
    pub body: String,
    /// Whether the call changed nothing, because an equal one was accepted before.
    pub replayed: bool,
    /// Whether an equal call was answered before.
    pub again: bool,
    /// How the order stands now that the body tells of, on a repeat.
    pub order: Option<OrderStatus>,
}

impl Reply {
    /// One that is not a repeat.
    #[must_use]
    pub const fn new(status: u16, body: String) -> Self {
        Self { status, body, replayed: false, again: false, order: None }
    }

    fn marked(self, replayed: bool) -> Self {
        Self { replayed, again: replayed, ..self }
    }
}

impl From<Told> for Reply {
    fn from(told: Told) -> Self {
        let body = match told.said {
            Said::Open(text) | Said::Sealed(Secret::Sealed(text)) => text,
            Said::Sealed(Secret::Plain(text)) => text.expose_secret().to_owned(),
        };
        Self { again: told.again, ..Self::new(told.status, body) }
    }
}

/// Does it, unless an equal call was accepted meanwhile, and remembers its answer with what it wrote: both are there,
/// or neither. Refusals are not remembered. Without a handle nothing is.
///
/// # Errors
/// As for [`crate::perform`], and `idempotency_conflict`.
pub async fn perform_once<U, F>(
    core: &Core,
    actor: &Arc<Actor>,
    handle: Option<&Handle>,
    case: &Arc<U>,
    tell: F,
) -> Result<Reply, Failure>
where
    U: UseCase,
    F: Fn(Done<U::Output>) -> Told + Send + Sync + 'static,
{
    let Some(handle) = handle else {
        return Ok(tell(crate::case::perform(core, actor, case).await?).into());
    };
    let shared = Arc::new((actor.clone(), handle.clone(), case.clone(), tell, AtomicBool::new(false)));
    let writing = core.store.write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (actor, handle, case, tell, has_run) = &*shared;
            // Whoever calls has looked before. On PostgreSQL another look is a journey, and an equal call that was accepted meanwhile is met
            // where the key is taken; on SQLite it costs less than what is taken back then.
            let looks = has_run.swap(true, Ordering::Relaxed) || tx.backend() == Backend::Sqlite;
            if looks && let Some(reply) = accepted_meanwhile(tx, actor, handle).await? {
                return Ok(reply);
            }
            once(tx, actor, handle, &**case, tell).await
        })
    });
    let reply = writing.await?;
    if U::WAKES && !reply.replayed {
        core.wake.nudge();
    }
    Ok(reply)
}

/// What an equal call was answered that was accepted since this one has begun.
async fn accepted_meanwhile(tx: &mut Tx, actor: &Actor, handle: &Handle) -> Result<Option<Reply>, Halt> {
    let kept = idempotency::peek(tx, &actor.scope, &handle.keys().collect::<Vec<_>>()).await?;
    if kept.is_empty() {
        return Ok(None);
    }
    let now = actor.recheck(tx).await?;
    repeated(tx, &actor.scope, handle, (kept, now)).await
}

/// The last thing that the transaction does is to take the key: two at the same instant both get here, one waits for
/// the other there, and begins again to find its answer.
async fn once<U, F>(tx: &mut Tx, actor: &Arc<Actor>, handle: &Handle, case: &U, tell: &F) -> Result<Reply, Halt>
where
    U: UseCase,
    F: Fn(Done<U::Output>) -> Told,
{
    let done = perform_in(tx, actor, case).await?;
    let (scope, now) = (done.scope.clone(), done.now);
    let told = tell(done);
    let kept = handle.remember(&scope, told.status, &told.said, now.partner());
    tx.apply(kept, &actor.ids, now.server).await?;
    Ok(told.into())
}

/// Asks again who calls, as [`Actor::recheck`] does, and for the answer to the call that this one repeats.
///
/// # Errors
/// `idempotency_conflict` when the key came with something else, and those of [`Actor::recheck`].
pub async fn find(db: &mut Db, actor: &Actor, handle: &Handle) -> Result<(Now, Option<Reply>), Halt> {
    let (now, kept) = actor.recheck_with(db, &handle.keys().collect::<Vec<_>>()).await?;
    let reply = repeated(db, &actor.scope, handle, (kept, now)).await?;
    Ok((now, reply))
}

/// The answer to the likeliest of the calls with its keys that still counts.
async fn repeated(
    db: &mut Db,
    scope: &Scope,
    handle: &Handle,
    (mut kept, now): (Vec<Remembered>, Now),
) -> Result<Option<Reply>, Halt> {
    kept.retain(|one| one.is_fresh(now.partner()));
    let likeliest = handle.keys().find_map(|key| kept.iter().find(|one| one.key == key));
    match likeliest {
        Some(kept) => remembered(db, scope, handle, kept).await.map(Some),
        None => Ok(None),
    }
}

async fn remembered(db: &mut Db, scope: &Scope, handle: &Handle, kept: &Remembered) -> Result<Reply, Halt> {
    if !handle.is_of(kept) {
        let message = "This Idempotency-Key came with another call or body before. Send that again, or a new key.";
        return Err(Refusal::from(Fault::new(Code::IdempotencyConflict, message).at("Idempotency-Key")).into());
    }
    let body = idempotency::answer(db, kept)?.into_owned();
    let order = order_now(db, scope, &body).await?;
    Ok(Reply { order, ..Reply::new(kept.status, body).marked(true) })
}

/// How the order stands that an answer tells of.
async fn order_now(db: &mut Db, scope: &Scope, body: &str) -> Result<Option<OrderStatus>, StoreError> {
    match id_in(body) {
        Some(id) if id.starts_with("ord_") => {
            let order = orders::get(db, scope, &OrderId::opaque(id)).await?;
            Ok(order.map(|order| order.status))
        }
        _ => Ok(None),
    }
}

/// The id of what an answer shows.
#[must_use]
pub fn id_in(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Shown {
        data: Identified,
    }
    #[derive(Deserialize)]
    struct Identified {
        id: Option<String>,
    }
    serde_json::from_str::<Shown>(body).ok().and_then(|shown| shown.data.id)
}

/// Completes an answer that was [`BEGUN`] with this body. Of several that repeat each other the first one says what
/// all say.
///
/// # Errors
/// What goes wrong in the store.
pub async fn complete(
    store: &Store,
    actor: &Arc<Actor>,
    handle: Handle,
    body: String,
    replayed: bool,
) -> Result<Reply, Failure> {
    let shared = Arc::new((actor.clone(), handle, body));
    let writing = store.write(move |tx| {
        let shared = shared.clone();
        Box::pin(async move {
            let (actor, handle, body) = &*shared;
            completed(tx, actor, handle, body, replayed).await
        })
    });
    writing.await
}

async fn completed(
    tx: &mut Tx,
    actor: &Arc<Actor>,
    handle: &Handle,
    body: &str,
    replayed: bool,
) -> Result<Reply, Halt> {
    let mut present = Acting::new(tx, actor.clone()).present().await?;
    let own = Reply::new(200, body.to_owned()).marked(replayed);
    match idempotency::lock(&mut present.tx, &present.scope, &handle.key, present.now.partner()).await? {
        Some(kept) if handle.is_of(&kept) && kept.status == BEGUN => {
            present.apply(kept.completed(own.status, Said::Open(body.to_owned()))).await?;
            Ok(own)
        }
        Some(kept) => Ok(remembered(&mut present.tx, &present.scope, handle, &kept).await?.marked(replayed)),
        // A day of the sandbox's clock has gone by.
        None => Ok(own),
    }
}

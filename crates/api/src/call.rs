//! A call that writes: who calls, what was sent, and the one way to decide, write and answer it.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use model::clock::Now;
use model::idempotency::{Handle, Said};
use model::view;
use serde::Serialize;
use store::{Halt, Tx, idempotency};

use crate::answer::{Answer, Data};
use crate::app::App;
use crate::body::Payload;
use crate::caller::{Caller, Permission};
use crate::present::Answered;
use crate::problem::Problem;
use crate::repeat::{self, BEGUN, By, Reply};

/// A call that changes something, read to its end by a caller who may make it and whose key is still good then.
pub(crate) struct Call<P> {
    /// The parts that the API is made of.
    pub(crate) app: Arc<App>,
    /// Who called when the headers came.
    pub(crate) caller: Arc<Caller<P>>,
    /// Both times when the body was there.
    pub(crate) now: Now,
    /// What was sent.
    pub(crate) body: Payload,
    handle: Option<Handle>,
}

/// A call that is answered only once for an `Idempotency-Key`: a repeat never reaches the handler.
pub(crate) struct Once<P>(pub(crate) Call<P>);

/// The same, and without a key it is answered only once for a body.
pub(crate) struct OncePerBody<P>(pub(crate) Call<P>);

impl<P: Permission> FromRequest<Arc<App>> for Call<P> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        Self::open(request, app, By::Nothing).await
    }
}

impl<P: Permission> FromRequest<Arc<App>> for Once<P> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        Call::open(request, app, By::Key).await.map(Self)
    }
}

impl<P: Permission> FromRequest<Arc<App>> for OncePerBody<P> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        Call::open(request, app, By::KeyOrBody).await.map(Self)
    }
}

impl<P: Permission> Call<P> {
    /// Reads a call. What is answered already, a refusal or a repeat, is the error.
    async fn open(request: Request, app: &Arc<App>, by: By) -> Result<Self, Response> {
        let mut call = Self::read(request, app, by).await.map_err(Problem::into_response)?;
        match call.look().await {
            Ok((_, Some(reply))) if reply.status != BEGUN => Err(reply.into_response()),
            Ok((now, _)) => {
                // The body may have come long after the headers.
                call.now = now;
                Ok(call)
            }
            Err(problem) => Err(problem.into_response()),
        }
    }

    async fn read(request: Request, app: &Arc<App>, by: By) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::<P>::from_request_parts(&mut parts, app).await?;
        let key = if by == By::Nothing { None } else { repeat::key(&parts.headers)? };
        let name = format!("{} {}", parts.method, parts.uri.path());
        let body = Payload::from_request(Request::from_parts(parts, body), app).await?;
        let handle = repeat::handle(app.store.vault(), by, key.as_deref(), &name, &body);
        Ok(Self { app: app.clone(), now: caller.now, caller: Arc::new(caller), body, handle })
    }

    /// Asks again who calls: both times of now, and what the call that this one repeats was answered.
    async fn look(&self) -> Result<(Now, Option<Reply>), Problem> {
        let mut db = self.app.store.read().await?;
        let now = self.caller.recheck(&mut db).await?;
        let reply = match &self.handle {
            Some(handle) => repeat::find(&mut db, &self.caller.scope, handle, now).await?,
            None => None,
        };
        Ok((now, reply))
    }

    /// Runs a decision in a writing transaction, unless an equal call was accepted meanwhile, and remembers its
    /// answer with what it wrote: both are there, or neither. Refusals are not remembered.
    pub(crate) async fn decide<W>(&self, work: W) -> Result<Reply, Problem>
    where
        W: for<'t> Fn(&'t mut Tx, Arc<Caller<P>>) -> BoxFuture<'t, Result<Answered, Halt>> + Send + Sync + 'static,
    {
        let shared = Arc::new((self.caller.clone(), self.handle.clone(), work));
        let writing = self.app.store.write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (caller, handle, work) = &*shared;
                match handle {
                    Some(handle) => once(tx, caller, handle, work).await,
                    None => work(tx, caller.clone()).await.map(Reply::from),
                }
            })
        });
        match writing.await {
            Ok(reply) => Ok(reply),
            Err(failure) => self.repeats(failure.into()).await,
        }
    }

    /// What stands in the way of a call may be the very call that it repeats, accepted on another connection
    /// meanwhile; and when we do not know whether a commit went through, this tells.
    async fn repeats(&self, problem: Problem) -> Result<Reply, Problem> {
        match &self.handle {
            Some(_) => self.look().await?.1.ok_or(problem),
            None => Err(problem),
        }
    }

    /// The answer to a call that something is in the way of before it is decided.
    pub(crate) async fn unless_repeated(&self, problem: Problem) -> Answer {
        Ok(self.repeats(problem).await?.into_response())
    }

    /// Decides, writes and answers.
    pub(crate) async fn write<W>(&self, work: W) -> Answer
    where
        W: for<'t> Fn(&'t mut Tx, Arc<Caller<P>>) -> BoxFuture<'t, Result<Answered, Halt>> + Send + Sync + 'static,
    {
        Ok(self.decide(work).await?.into_response())
    }

    /// The same, and tells the workers that there is something to do.
    pub(crate) async fn start<W>(&self, work: W) -> Answer
    where
        W: for<'t> Fn(&'t mut Tx, Arc<Caller<P>>) -> BoxFuture<'t, Result<Answered, Halt>> + Send + Sync + 'static,
    {
        let reply = self.decide(work).await?;
        if !reply.replayed {
            self.app.wake.nudge();
        }
        Ok(reply.into_response())
    }

    /// Answers a call whose answer was [`BEGUN`]. Of several that repeat each other the first one says what all say.
    pub(crate) async fn complete(&self, begun: &Reply, data: impl Serialize) -> Answer {
        let (body, replayed) = (view::text(&Data { data }), begun.replayed);
        let Some(handle) = self.handle.clone() else {
            return Ok(Reply::new(StatusCode::OK, body).into_response());
        };
        let shared = Arc::new((self.caller.clone(), handle, body));
        let writing = self.app.store.write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (caller, handle, body) = &*shared;
                completed(tx, caller, handle, body, replayed).await
            })
        });
        Ok(writing.await?.into_response())
    }
}

/// The last thing that the transaction does is to take the key: two at the same instant both get here, one waits for
/// the other there, and begins again to find its answer.
async fn once<P, W>(tx: &mut Tx, caller: &Arc<Caller<P>>, handle: &Handle, work: &W) -> Result<Reply, Halt>
where
    P: Permission,
    W: for<'t> Fn(&'t mut Tx, Arc<Caller<P>>) -> BoxFuture<'t, Result<Answered, Halt>>,
{
    let now = caller.recheck(tx).await?;
    if let Some(reply) = repeat::find(tx, &caller.scope, handle, now).await? {
        return Ok(reply);
    }
    let answered = work(tx, caller.clone()).await?;
    let (status, decided) = (answered.status.as_u16(), answered.now);
    let kept = handle.remember(&answered.scope, status, &answered.said, decided.partner());
    tx.apply(kept, &caller.ids, decided.server).await?;
    Ok(answered.into())
}

async fn completed<P: Permission>(
    tx: &mut Tx,
    caller: &Caller<P>,
    handle: &Handle,
    body: &str,
    replayed: bool,
) -> Result<Reply, Halt> {
    let present = caller.renew(tx).await?;
    let own = Reply::new(StatusCode::OK, body.to_owned()).marked(replayed);
    match idempotency::lock(tx, &present.scope, &handle.key, present.now.partner()).await? {
        Some(kept) if kept.fingerprint == handle.fingerprint && kept.status == BEGUN.as_u16() => {
            let change = kept.completed(own.status.as_u16(), Said::Open(body.to_owned()));
            present.apply(tx, change).await?;
            Ok(own)
        }
        Some(kept) => Ok(repeat::told(tx, &present.scope, handle, &kept).await?.marked(replayed)),
        // A day of the sandbox's clock has gone by.
        None => Ok(own),
    }
}

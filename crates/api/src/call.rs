//! A call that writes: who calls, what was sent, and the one way to decide, write and answer it.

use std::sync::Arc;

use app::{Actor, Done, Reply, Told, UseCase};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use model::clock::Now;
use model::idempotency::Handle;
use model::view;
use serde::Serialize;
use store::Failure;
use tracing::Span;

use crate::answer::{Answer, Data};
use crate::body::Payload;
use crate::caller::{Caller, Permission};
use crate::problem::Problem;
use crate::repeat::{self, By, respond};
use crate::request_id::mention;
use crate::state::App;

/// A call that changes something, read to its end by a caller who may make it and whose key is still good then.
pub(crate) struct Call<P> {
    /// The parts that the API is made of.
    pub(crate) app: Arc<App>,
    /// Who called when the headers came.
    pub(crate) caller: Caller<P>,
    /// The same, as use cases know it.
    pub(crate) actor: Arc<Actor>,
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
            Ok((_, Some(reply))) if reply.status != app::BEGUN => Err(respond(reply)),
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
        let actor = Arc::new(caller.actor());
        Ok(Self { app: app.clone(), now: caller.now, caller, actor, body, handle })
    }

    /// Asks again who calls: both times of now, and what the call that this one repeats was answered.
    async fn look(&self) -> Result<(Now, Option<Reply>), Problem> {
        let mut db = self.app.store.read().await?;
        match &self.handle {
            Some(handle) => Ok(app::find(&mut db, &self.actor, handle).await?),
            None => Ok((self.actor.recheck(&mut db).await?, None)),
        }
    }

    /// Does it in a writing transaction, unless an equal call was accepted meanwhile.
    pub(crate) async fn decide<U: UseCase>(
        &self,
        case: U,
        tell: impl Fn(Done<U::Output>) -> Told + Send + Sync + 'static,
    ) -> Result<Reply, Problem> {
        let case = Arc::new(case);
        let reply = match app::perform_once(&self.app, &self.actor, self.handle.as_ref(), &case, tell).await {
            Ok(reply) => reply,
            Err(failure) => self.repeats(failure.into()).await?,
        };
        if let Some(id) = app::id_in(&reply.body) {
            mention(&Span::current(), &id);
        }
        Ok(reply)
    }

    /// What stands in the way of a call may be the very call that it repeats, accepted on another connection
    /// meanwhile; and when we do not know whether a commit went through, this tells.
    async fn repeats(&self, problem: Problem) -> Result<Reply, Problem> {
        match &self.handle {
            Some(_) => self.look().await?.1.ok_or(problem),
            None => Err(problem),
        }
    }

    /// Does it, and answers.
    pub(crate) async fn perform<U: UseCase>(
        &self,
        case: U,
        tell: impl Fn(Done<U::Output>) -> Told + Send + Sync + 'static,
    ) -> Answer {
        Ok(respond(self.decide(case, tell).await?))
    }

    /// The same, when what came before any transaction has gone well.
    pub(crate) async fn perform_prepared<U: UseCase>(
        &self,
        prepared: Result<U, Failure>,
        tell: impl Fn(Done<U::Output>) -> Told + Send + Sync + 'static,
    ) -> Answer {
        match prepared {
            Ok(case) => self.perform(case, tell).await,
            Err(failure) => Ok(respond(self.repeats(failure.into()).await?)),
        }
    }

    /// Answers a call whose answer was [`app::BEGUN`].
    pub(crate) async fn complete(&self, begun: &Reply, data: impl Serialize) -> Answer {
        let body = view::text(&Data { data });
        let Some(handle) = self.handle.clone() else {
            return Ok(respond(Reply::new(StatusCode::OK.as_u16(), body)));
        };
        let completing = app::complete(&self.app.store, &self.actor, handle, body, begun.replayed);
        Ok(respond(completing.await?))
    }
}

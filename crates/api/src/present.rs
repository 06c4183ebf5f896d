//! Who calls at the moment of the decision. A request can be held open for long after its headers: meanwhile
//! its key may be revoked, its sandbox reset, its clock moved, and the month may end.

use axum::http::StatusCode;
use model::change::Change;
use model::clock::Now;
use model::id::Ids;
use model::idempotency::Said;
use model::refusal::{Code, Fault, Refusal};
use model::secret::Secret;
use model::view;
use model::world::{Environment, Scope};
use serde::Serialize;
use store::{Db, Halt, Tx, keys, partners};

use crate::answer::Data;
use crate::caller::{Caller, Permission, permitted, unknown};

/// A caller as it stands in the writing transaction, and stays until the commit. Only it can give a call's
/// answer, so that no call is decided by what was true when its headers came.
pub(crate) struct Present {
    /// Whose rows the decision sees.
    pub(crate) scope: Scope,
    /// Both times of the decision.
    pub(crate) now: Now,
    /// Makes every id.
    pub(crate) ids: Ids,
}

/// How a partner's row is held while something is written for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Others may write for it too, but nobody moves its clock or resets its sandbox.
    Shared,
    /// Nobody else writes for it.
    Alone,
}

impl<P: Permission> Caller<P> {
    /// Asks again, without holding anything: for what only reads. Answers both times.
    ///
    /// # Errors
    /// As for [`Caller::renew`].
    pub(crate) async fn recheck(&self, db: &mut Db) -> Result<Now, Halt> {
        let known = keys::of_id(db, &self.key).await?;
        let (key, partner) = known.ok_or_else(|| Refusal::from(unknown()))?;
        permitted::<P>(key.preset).map_err(Refusal::from)?;
        self.same_world(&partner.scope(self.environment))?;
        Ok(Now { server: self.clock.now(), offset: partner.offset(self.environment) })
    }

    /// Asks again who calls, and holds it until the commit: whoever revokes the key, resets the sandbox or moves
    /// its clock waits, or was waited for. It comes after the turn and the spend limits, and before every other
    /// lock.
    ///
    /// # Errors
    /// `unauthorized` when the key was revoked, `forbidden` when it may no longer do this, `conflict` when the
    /// sandbox was reset.
    pub(crate) async fn renew(&self, tx: &mut Tx) -> Result<Present, Halt> {
        let present = self.held(tx, Hold::Shared).await?;
        self.same_world(&present.scope)?;
        Ok(present)
    }

    /// The same for what counts the partner's rows or changes its own: nobody else writes for it meanwhile.
    ///
    /// # Errors
    /// As for [`Caller::renew`].
    pub(crate) async fn renew_alone(&self, tx: &mut Tx) -> Result<Present, Halt> {
        let present = self.held(tx, Hold::Alone).await?;
        self.same_world(&present.scope)?;
        Ok(present)
    }

    /// The same in whichever world the partner has now: for what ends a world.
    ///
    /// # Errors
    /// As for [`Caller::renew`], but for the `conflict`.
    pub(crate) async fn renew_anywhere(&self, tx: &mut Tx) -> Result<Present, Halt> {
        self.held(tx, Hold::Alone).await
    }

    async fn held(&self, tx: &mut Tx, hold: Hold) -> Result<Present, Halt> {
        let key = keys::hold(tx, &self.key).await?.ok_or_else(|| Refusal::from(unknown()))?;
        permitted::<P>(key.preset).map_err(Refusal::from)?;
        let partner = match (self.environment, hold) {
            (_, Hold::Alone) => partners::lock(tx, &key.partner).await?,
            (Environment::Test, Hold::Shared) => partners::hold(tx, &key.partner).await?,
            // There is one live world, and its clock is the server's.
            (Environment::Live, Hold::Shared) => None,
        };
        let scope = partner.as_ref().map_or_else(|| self.scope.clone(), |partner| partner.scope(self.environment));
        let offset = partner.map_or(0, |partner| partner.offset(self.environment));
        Ok(Present { scope, now: Now { server: self.clock.now(), offset }, ids: self.ids.clone() })
    }

    fn same_world(&self, now: &Scope) -> Result<(), Refusal> {
        if *now == self.scope {
            return Ok(());
        }
        let message = "The sandbox was reset while this request was on its way; nothing of it was done. Send it again.";
        Err(Fault::new(Code::Conflict, message).with("reason", "sandbox_reset").into())
    }
}

impl Present {
    /// Writes what was decided.
    ///
    /// # Errors
    /// As for [`Tx::apply`].
    pub(crate) async fn apply(&self, tx: &mut Tx, change: Change) -> Result<(), Halt> {
        tx.apply(change, &self.ids, self.now.server).await
    }

    /// 200 with a view.
    pub(crate) fn ok(&self, data: impl Serialize) -> Answered {
        self.says(StatusCode::OK, data)
    }

    /// 201 with a view.
    pub(crate) fn created(&self, data: impl Serialize) -> Answered {
        self.says(StatusCode::CREATED, data)
    }

    /// 202 with a view: it is written, and will be done.
    pub(crate) fn accepted(&self, data: impl Serialize) -> Answered {
        self.says(StatusCode::ACCEPTED, data)
    }

    /// A view with a status.
    pub(crate) fn says(&self, status: StatusCode, data: impl Serialize) -> Answered {
        self.text(status, view::text(&Data { data }))
    }

    /// A body that is JSON text already.
    pub(crate) fn text(&self, status: StatusCode, body: String) -> Answered {
        Answered { scope: self.scope.clone(), now: self.now, status, said: Said::Open(body), again: false }
    }
}

/// What a call is answered, once it is committed.
pub(crate) struct Answered {
    /// Whose call it was.
    pub(crate) scope: Scope,
    /// When it was decided.
    pub(crate) now: Now,
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The body.
    pub(crate) said: Said,
    /// Whether an equal call was answered before.
    pub(crate) again: bool,
}

impl Answered {
    /// The same, with a secret in it: it is remembered sealed.
    pub(crate) fn secret(self) -> Self {
        let said = match self.said {
            Said::Open(text) => Said::Sealed(Secret::plain(text)),
            sealed @ Said::Sealed(_) => sealed,
        };
        Self { said, ..self }
    }

    /// The same, when an equal call was answered before.
    pub(crate) fn again(self, again: bool) -> Self {
        Self { again, ..self }
    }
}

//! Who acts.

use std::sync::Arc;

use model::audit::{Act, Entry, Origin, Who};
use model::clock::{Clock, Now};
use model::id::{Ids, KeyId};
use model::idempotency::Remembered;
use model::partner::{ApiKey, Partner, Preset};
use model::refusal::{Code, Fault, Refusal};
use model::world::{Environment, Scope};
use store::{Db, Halt, idempotency, keys, partners};

/// Who acts, as it was known when the call began. A call can be held open for long after that: meanwhile its key may be
/// revoked, its sandbox reset, its clock moved, and the month may end. What is written is decided for the
/// [`crate::Present`] one.
#[derive(Clone)]
pub struct Actor {
    /// By what it was let in.
    pub by: By,
    /// Whose rows it sees.
    pub scope: Scope,
    /// The environment that it acts in.
    pub environment: Environment,
    /// Whether there may be a limit that a purchase counts against.
    pub limited: bool,
    /// Which presets of a key let it do this.
    pub presets: &'static [Preset],
    /// From where.
    pub origin: Origin,
    /// Server time.
    pub clock: Arc<dyn Clock>,
    /// Makes every id.
    pub ids: Ids,
}

/// By what somebody was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An API key.
    Key(KeyId),
    /// The machine itself: whoever can read the data folder.
    Operator,
    /// A link of ours: whoever holds it.
    Visitor,
}

impl Actor {
    /// The key that it acts with, when it does.
    #[must_use]
    pub const fn key(&self) -> Option<&KeyId> {
        match &self.by {
            By::Key(key) => Some(key),
            By::Operator | By::Visitor => None,
        }
    }

    /// What it did, for the audit trail.
    pub(crate) fn entry(&self, act: Act, subject: Option<String>, now: Now) -> Entry {
        Entry {
            id: self.ids.next(),
            at: now.server,
            act,
            who: match self.by {
                By::Key(_) => Who::Key,
                By::Operator => Who::Operator,
                By::Visitor => Who::Visitor,
            },
            key: self.key().cloned(),
            partner: Some(self.scope.partner.clone()),
            environment: Some(self.environment),
            subject,
            origin: self.origin.clone(),
        }
    }

    /// Asks again, without holding anything: for what only reads. Answers both times.
    ///
    /// # Errors
    /// As for [`crate::Acting::present`].
    pub async fn recheck(&self, db: &mut Db) -> Result<Now, Halt> {
        match &self.by {
            By::Key(key) => {
                let known = keys::of_id(db, key).await?;
                let (key, partner) = known.ok_or_else(|| Refusal::from(unknown_key()))?;
                Ok(self.let_in(&key, &partner)?)
            }
            By::Operator | By::Visitor => {
                let partner = partners::get(db, &self.scope.partner).await?.ok_or(Halt::Lost)?;
                Ok(self.at(&partner)?)
            }
        }
    }

    /// The same, and the calls that were accepted with any of some idempotency keys.
    ///
    /// # Errors
    /// As for [`Self::recheck`].
    pub(crate) async fn recheck_with(&self, db: &mut Db, keys: &[String]) -> Result<(Now, Vec<Remembered>), Halt> {
        let By::Key(key) = &self.by else {
            let now = self.recheck(db).await?;
            return Ok((now, idempotency::peek(db, &self.scope, keys).await?));
        };
        let known = idempotency::peek_by(db, key, &self.scope, keys).await?;
        let (key, partner, calls) = known.ok_or_else(|| Refusal::from(unknown_key()))?;
        Ok((self.let_in(&key, &partner)?, calls))
    }

    /// Both times, for a key that may still do this.
    fn let_in(&self, key: &ApiKey, partner: &Partner) -> Result<Now, Refusal> {
        permitted(key.preset, self.presets)?;
        self.at(partner)
    }

    /// Both times, as long as it is the same world.
    fn at(&self, partner: &Partner) -> Result<Now, Refusal> {
        self.same_world(&partner.scope(self.environment))?;
        Ok(Now { server: self.clock.now(), offset: partner.offset(self.environment) })
    }

    pub(crate) fn same_world(&self, now: &Scope) -> Result<(), Refusal> {
        if *now == self.scope {
            return Ok(());
        }
        let message = "The sandbox was reset while this request was on its way; nothing of it was done. Send it again.";
        Err(Fault::new(Code::Conflict, message).with("reason", "sandbox_reset").into())
    }
}

/// The refusal of a key that is none, or is one no longer.
#[must_use]
pub fn unknown_key() -> Fault {
    Fault::new(Code::Unauthorized, "This API key is not known, or it was revoked. Ask the operator for another.")
}

/// Whether a key with this preset may do what needs one of some.
///
/// # Errors
/// `forbidden` when it may not.
pub fn permitted(has: Preset, needed: &[Preset]) -> Result<(), Fault> {
    if needed.contains(&has) {
        return Ok(());
    }
    let needed: Vec<_> = needed.iter().map(|preset| format!("`{}`", preset.as_str())).collect();
    let message = format!(
        "This key's preset is `{}`; the call needs {}. Use a key that has it.",
        has.as_str(),
        needed.join(" or ")
    );
    Err(Fault::new(Code::Forbidden, message))
}

//! A token that is good for a while: kept for as long as it is, and renewed before it ends.

use model::clock::{SECOND, Time};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::trouble::Trouble;

/// So long before its end a token is renewed, in microseconds.
const AHEAD: i64 = 600 * SECOND;
/// So long before its end a token is not used any more: a request takes its time.
const TOO_LATE: i64 = 90 * SECOND;

/// A token and when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    pub(crate) ends: Time,
}

/// The place of one token.
#[derive(Debug, Default)]
pub(crate) struct KeptToken(Mutex<Option<Token>>);

impl KeptToken {
    /// The token; `ask` gets another when it is about to end. Whoever comes in the meantime waits for the same one.
    ///
    /// # Errors
    /// What `ask` says, unless the old one is good for a little while.
    pub(crate) async fn get(
        &self,
        now: Time,
        ask: impl Future<Output = Result<Token, Trouble>>,
    ) -> Result<SecretString, Trouble> {
        let mut kept = self.0.lock().await;
        let left = |token: &Token| token.ends.0 - now.0;
        if let Some(token) = kept.as_ref().filter(|token| left(token) > AHEAD) {
            return Ok(token.secret.clone());
        }
        match (ask.await, kept.as_ref()) {
            (Ok(token), _) => Ok(kept.insert(token).secret.clone()),
            (Err(_), Some(old)) if left(old) > TOO_LATE => Ok(old.secret.clone()),
            (Err(trouble), _) => Err(trouble),
        }
    }

    /// The vendor does not take it any more. One that came in the meantime stays.
    pub(crate) async fn forget(&self, token: &SecretString) {
        let mut kept = self.0.lock().await;
        if kept.as_ref().is_some_and(|known| known.secret.expose_secret() == token.expose_secret()) {
            *kept = None;
        }
    }
}

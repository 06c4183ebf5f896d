//! Answers to the challenges by which an authority looks whether a name leads here. They are no secrets: whoever asks is told them.

use model::clock::Time;

use crate::db::{Cells, Db, Tx, args};
use crate::error::{Halt, StoreError};

/// The answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The name that is looked at.
    pub name: String,
    /// How it is looked at, by the name that RFC 8555 and RFC 8737 give it.
    pub kind: String,
    /// What the authority has called the challenge.
    pub token: String,
    /// The key authorization (RFC 8555 §8.1).
    pub answer: String,
    /// Until when it is kept, server time.
    pub until: Time,
}

/// The answer to the newest challenge of an authority about a name, of a kind, and where `token` says it with that token.
pub async fn answer(
    db: &mut Db,
    directory: &str,
    (name, kind, token): (&str, &str, Option<&str>),
    now: Time,
) -> Result<Option<Answer>, StoreError> {
    let sql = "SELECT name, kind, token, answer, until FROM acme_answers
        WHERE name = $1 AND kind = $2 AND directory = $3 AND until > $4";
    let Some(row) = db.one(sql, args![name, kind, directory, now]).await? else { return Ok(None) };
    let mut cells = Cells::new("acme_answers", &row);
    let found = Answer {
        name: cells.text()?,
        kind: cells.text()?,
        token: cells.text()?,
        answer: cells.text()?,
        until: cells.time()?,
    };
    Ok(Some(found).filter(|found| token.is_none_or(|token| token == found.token)))
}

/// Keeps an answer until its time is over; one about the same name and of the same kind goes, and so do those whose time is.
///
/// # Errors
/// The database's.
pub async fn keep_answer(tx: &mut Tx, directory: &str, kept: &Answer, now: Time) -> Result<(), Halt> {
    tx.run("DELETE FROM acme_answers WHERE until <= $1", args![now]).await?;
    let sql = "INSERT INTO acme_answers (name, kind, directory, token, answer, until) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (name, kind, directory)
        DO UPDATE SET token = excluded.token, answer = excluded.answer, until = excluded.until";
    let Answer { name, kind, token, answer, until } = kept;
    tx.run(sql, args![name.as_str(), kind.as_str(), directory, token.as_str(), answer.as_str(), *until]).await?;
    Ok(())
}

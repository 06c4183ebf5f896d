//! Notices for the operator, and what the operator's webhook is told of them.

use model::clock::Time;
use model::id::{EventId, Id as _, NoticeId};
use model::notice::{Finding, Message, Notice};

use crate::column::{Key, Name};
use crate::db::{Cells, Db, Value, args};
use crate::error::StoreError;
use crate::table::table;

table! {
    Notice as notice in "notices"
    fixed {
        id: Key,
        kind: Name = notice.finding.kind,
        subject: String = notice.finding.subject,
        partner: Option<Key> = notice.finding.partner,
        environment: Option<Name> = notice.finding.environment,
        opened_at: Time,
    }
    changing {
        message: String = notice.finding.message,
        todo: String = notice.finding.todo,
        seen_at: Time,
        told_at: Time,
        closed_at: Option<Time>,
    }
    read {
        finding: Finding { kind, subject, partner, environment, message, todo },
    }
}

table! {
    Message in "notice_messages"
    fixed {
        id: Key,
        notice_id from notice: Key,
        kind: Name,
        body: String,
    }
    changing {
        attempts: i64,
        due_at: Option<Time>,
        error: Option<String>,
    }
}

/// Which notices are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only open ones, or only closed ones.
    pub is_open: Option<bool>,
    /// Only those older than this one.
    pub before: Option<NoticeId>,
}

/// A notice by id.
pub async fn load(db: &mut Db, id: &NoticeId) -> Result<Option<Notice>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The notices that are open, oldest first. There are few: their number is bounded.
pub async fn open(db: &mut Db) -> Result<Vec<Notice>, StoreError> {
    let mut open: Vec<Notice> = db.find_all("WHERE closed_at IS NULL ORDER BY kind, subject", vec![]).await?;
    open.sort_by(|one, other| (one.opened_at, one.id.as_str()).cmp(&(other.opened_at, other.id.as_str())));
    Ok(open)
}

/// Of the notices that are open, those that no message tells of.
pub async fn untold(db: &mut Db) -> Result<Vec<NoticeId>, StoreError> {
    let sql = "SELECT id FROM notices WHERE closed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM notice_messages m WHERE m.notice_id = notices.id) ORDER BY id";
    let rows = db.all(sql, vec![]).await?;
    rows.iter().map(|row| Cells::new("notices", row).id()).collect()
}

/// Those that were closed at this time or later, server time.
pub async fn closed_since(db: &mut Db, since: Time) -> Result<Vec<Notice>, StoreError> {
    db.find_all("WHERE closed_at IS NOT NULL AND closed_at >= $1 ORDER BY closed_at, id", args![since]).await
}

/// The newest notices, newest first.
pub async fn list(db: &mut Db, filter: &Filter, limit: i64) -> Result<Vec<Notice>, StoreError> {
    let (mut conditions, mut values): (Vec<String>, Vec<Value>) = (vec![], vec![]);
    match filter.is_open {
        Some(true) => conditions.push("closed_at IS NULL".into()),
        Some(false) => conditions.push("closed_at IS NOT NULL".into()),
        None => {}
    }
    if let Some(before) = &filter.before {
        values.push(Value::from(before));
        conditions.push("id < $1".into());
    }
    values.push(Value::from(limit));
    let wanted = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    db.find_all(&format!("{wanted} ORDER BY id DESC LIMIT ${}", values.len()), values).await
}

/// A message by id.
pub async fn message(db: &mut Db, id: &EventId) -> Result<Option<Message>, StoreError> {
    db.find("WHERE id = $1", args![id]).await
}

/// The messages that are due, so many at most: of each notice the first that is not done with, so that nobody hears that
/// something is over before they hear of it.
pub async fn due_messages(db: &mut Db, now: Time, limit: i64) -> Result<Vec<Message>, StoreError> {
    let rest = "WHERE due_at IS NOT NULL AND due_at <= $1 AND NOT EXISTS (
            SELECT 1 FROM notice_messages earlier WHERE earlier.notice_id = notice_messages.notice_id
            AND earlier.id < notice_messages.id AND earlier.due_at IS NOT NULL
        ) ORDER BY due_at, id LIMIT $2";
    db.find_all(rest, args![now, limit]).await
}

/// Why the last message that was tried did not arrive; `None` when it did, or none was ever tried.
pub async fn webhook_trouble(db: &mut Db) -> Result<Option<String>, StoreError> {
    let sql = "SELECT error FROM notice_messages WHERE attempts > 0 OR due_at IS NULL ORDER BY id DESC LIMIT 1";
    let row = db.one(sql, vec![]).await?;
    row.map_or(Ok(None), |row| Cells::new("notice_messages", &row).text_or_null())
}

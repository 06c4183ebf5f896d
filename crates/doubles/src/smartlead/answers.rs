//! The shapes in which it says yes and no.

use serde_json::{Value, json};

use crate::server::Said;

/// In which shape it says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// `{"error": "…"}`
    Text,
    /// `{"error": {"code": …, "message": "…"}}`
    Coded,
    /// `{"message": "…"}`
    Message,
}

impl No {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Coded, Self::Message];
}

/// In which shape it says that an account was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// `{"ok": true, "id": …}`
    Short,
    /// `{"ok": true, "message": "…", "data": {"id": …, "is_smtp_success": …, "is_imap_success": …}}`
    Data,
    /// `{"ok": true, "message": "…", "emailAccountId": …, "warmupKey": "…"}`
    Named,
}

impl Saved {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Short, Self::Data, Self::Named];
}

pub(super) fn yes(body: Value) -> Said {
    Said { status: 200, headers: vec![], body: Some(body) }
}

/// Plain words, under the name of a page, as its framework sends them.
pub(super) fn words(words: &str) -> Said {
    let headers = vec![("content-type".into(), "text/html; charset=utf-8".into())];
    Said { status: 200, headers, body: Some(words.into()) }
}

pub(super) fn no(shape: No, status: u16, message: &str) -> Said {
    let body = match shape {
        No::Text => json!({ "error": message }),
        No::Coded => json!({ "error": { "code": code(status), "message": message } }),
        No::Message => json!({ "message": message }),
    };
    Said { status, headers: vec![], body: Some(body) }
}

/// This one is always said alike.
pub(super) fn not_let_in() -> Said {
    no(No::Message, 401, "Invalid API Key")
}

pub(super) fn saved(shape: Saved, id: i64) -> Said {
    let message = "Email account added successfully!";
    yes(match shape {
        Saved::Short => json!({ "ok": true, "id": id }),
        Saved::Data => {
            let data = json!({ "id": id, "is_smtp_success": true, "is_imap_success": true });
            json!({ "ok": true, "message": message, "data": data })
        }
        Saved::Named => {
            json!({ "ok": true, "message": message, "emailAccountId": id, "warmupKey": format!("warm-{id}") })
        }
    })
}

const fn code(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHORIZED",
        404 => "NOT_FOUND",
        422 => "VALIDATION_ERROR",
        429 => "RATE_LIMIT_EXCEEDED",
        _ => "BAD_REQUEST",
    }
}

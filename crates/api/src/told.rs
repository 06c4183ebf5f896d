//! What a use case's end is told as.

use app::Told;
use axum::http::StatusCode;
use model::idempotency::Said;
use model::secret::Secret;
use model::view;
use serde::Serialize;

use crate::answer::Data;

/// 200 with a view.
pub(crate) fn ok(data: impl Serialize) -> Told {
    says(StatusCode::OK, data)
}

/// 201 with a view.
pub(crate) fn created(data: impl Serialize) -> Told {
    says(StatusCode::CREATED, data)
}

/// 202 with a view: it is written, and will be done.
pub(crate) fn accepted(data: impl Serialize) -> Told {
    says(StatusCode::ACCEPTED, data)
}

/// A view with a status.
pub(crate) fn says(status: StatusCode, data: impl Serialize) -> Told {
    text(status, view::text(&Data { data }))
}

/// A body that is JSON text already.
pub(crate) fn text(status: StatusCode, body: String) -> Told {
    Told { status: status.as_u16(), said: Said::Open(body), again: false }
}

/// The same, with a secret in it: it is remembered sealed.
pub(crate) fn secret(told: Told) -> Told {
    let said = match told.said {
        Said::Open(text) => Said::Sealed(Secret::plain(text)),
        sealed @ Said::Sealed(_) => sealed,
    };
    Told { said, ..told }
}

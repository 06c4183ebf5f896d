//! The id in a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use model::id::Id;

use crate::problem::Problem;
use app::not_found;

/// The one id of a path, taken as it is: what we did not make is simply not found.
pub(crate) struct PathId<I>(pub(crate) I);

impl<I: Id, S: Send + Sync> FromRequestParts<S> for PathId<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) if !text.contains(char::is_control) => Ok(Self(I::opaque(text))),
            _ => Err(not_found("record", &"of this id").into()),
        }
    }
}
